"""Selfwright improves code by itself, and can prove it.

The names below are loaded when they are first used, so that importing the package stays fast.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selfwright.api import Run, Study, Trial, as_evaluator, compare, look, optimize, resume, run, speed, submit
    from selfwright.bench.report import Report
    from selfwright.core.errors import BadInput, InvalidCandidate, SelfwrightError

__version__ = "0.1.0"
__all__ = [
    "BadInput",
    "InvalidCandidate",
    "Report",
    "Run",
    "SelfwrightError",
    "Study",
    "Trial",
    "as_evaluator",
    "compare",
    "look",
    "optimize",
    "resume",
    "run",
    "speed",
    "submit",
]

_HOME = {
    "BadInput": "core.errors",
    "InvalidCandidate": "core.errors",
    "Report": "bench.report",
    "Run": "api",
    "SelfwrightError": "core.errors",
    "Study": "api",
    "Trial": "api",
    "as_evaluator": "api",
    "compare": "api",
    "look": "api",
    "optimize": "api",
    "resume": "api",
    "run": "api",
    "speed": "api",
    "submit": "api",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'selfwright' has no attribute {name!r}")
    return getattr(importlib.import_module(f"selfwright.{_HOME[name]}"), name)
