"""The holes in the wall: one small Protocol a file, its contract in the docstring.

``bootstrap.py`` fills them with adapters; ``selfwright.testing`` has a contract suite for each.
"""

__all__: list[str] = []
