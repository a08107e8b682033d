"""Measure: the candidate behind its sandbox, the judge's view of it, and what both say to each other.

Import the module that you need: ``selfwright.bench.candidate``.
"""

__all__: list[str] = []
