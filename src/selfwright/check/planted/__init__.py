"""Sources of the planted cheats: each is appended to a seed and runs in the sandbox, never here.

A file defines ``act(function, arguments, how)``, which is called in place of a function that the judge calls; ``wrap``
stands before it. Standard library only. ``how`` holds what its entry in the table of cheats gives it.
"""

__all__: list[str] = []
