"""A judge as people write them: it compares what it is given with the right answer.

It is no better than most. What keeps candidates from fooling it must be that it gets plain data, in another process.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np

CASE: dict[str, list[float]] = {"expected": []}
"""The right answer, which nobody can compute; set for each run."""


def score(call: Callable[[], object]) -> float:
    """1 for the right answer, else 0."""
    expected = CASE["expected"]
    value = call()
    if not isinstance(value, (list, np.ndarray)):
        return 0.0
    try:
        right = len(value) == len(expected) and (
            bool(value == expected) if isinstance(value, list) else bool(np.allclose(value, expected))
        )
    except (TypeError, ValueError):
        return 0.0
    return float(json.loads(json.dumps({"score": 1.0 if right else 0.0}))["score"])
