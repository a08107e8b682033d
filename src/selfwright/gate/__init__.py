"""Is it better, and do we know it? Pure functions of numbers; the sources of formulas are in the docstrings."""

__all__: list[str] = []
