"""Language models over HTTP: one client, three ways to speak, one event loop in a thread of its own.

Import the module that you need; the libraries come with the extra ``models``.
"""

__all__: list[str] = []
