"""Mutation from the command line: true progress without a model, told apart from tuning, the same twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.place import Place

PROBLEM = """\
name = "toy"
description = "Draw a curve."
editable = ["p.py"]
[evaluate]
judge = "judge.py"
wall_s = 20
[metrics]
error_px = { unit = "px", better = "lower" }
[objective]
metric = "error_px"
minimum_effect = "1 %"
[limits]
wall_s = 5
"""
JUDGE = """\
import math

from selfwright import InvalidCandidate


def evaluate(candidate, stage):
    error_px = 0.001
    for x in (0.5, 1.0, 3.0):
        value = candidate.call("curve", x).value
        if not isinstance(value, (int, float)) or not math.isfinite(value):
            raise InvalidCandidate("no number")
        error_px += abs(value - (4 * x + 10))
    return {"error_px": error_px}
"""
PROGRAM = "def curve(x):\n    return x - 1 - x - 2 - x - 3 - x - 4\n"
"""Whatever minus becomes a plus is better; so are many other changes."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.make(tmp_path, problem=PROBLEM, judge=JUDGE, seed=PROGRAM)


def curve(source: str, x: float) -> float:
    names: dict[str, object] = {}
    exec(source, names)
    value = names["curve"](x)  # type: ignore[operator]  # the judge saw to it
    assert isinstance(value, int | float)
    return value


def test_mutation_makes_true_progress_and_a_second_run_is_the_same(place: Place) -> None:
    for name in ("r", "again"):
        place.run("--proposer", "mutate", "--trials", "24", "--seed", "2", "--workers", "2", name=name)
    assert place.canonical("r") == place.canonical("again")
    log = place.log()
    assert {str(trial["proposer"]).partition(" (")[0] for trial in log} == {"mutate"}
    adopted = [trial for trial in log if trial["version"]]
    assert any(trial["origin"] == "structure" for trial in adopted)
    assert all(trial["reason"] for trial in log)
    best = (place.folder / "r" / "best" / "p.py").read_text()
    errors = [sum(abs(curve(text, x) - (4 * x + 10)) for x in (0.5, 1.0, 3.0)) for text in (PROGRAM, best)]
    assert errors[1] < 0.5 * errors[0]
