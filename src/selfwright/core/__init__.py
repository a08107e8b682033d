"""Nouns and rules: change, metric, trial, verdict, lifecycle, event, budget, errors.

Standard library only; no clock, no input or output. Import the module that you need: ``selfwright.core.change``.
"""

__all__: list[str] = []
