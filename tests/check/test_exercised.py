"""Which lines of a seed the public cases run, in words; what was not seen is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from selfwright.check.exercised import exercised
from selfwright.check.measure import Measurer
from selfwright.core.change import Files
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Item, Outcome
from selfwright.testing.engine import FunctionEngine
from tests.evolve.toy import CASES, toy_problem

SEED = b"import os\n\ndef work(x):\n    if x:\n        return 1\n    return 2\n"
OK = TrialStatus.OK


def words(tmp_path: Path, seed: Files, told: Mapping[str, Outcome]) -> tuple[dict[str, str], list[Item]]:
    """Return what is said, and what was measured for it; ``told`` has the outcome of each case."""
    engine = FunctionEngine(lambda files, item: told[item.case], cases=CASES)
    measurer = Measurer(
        problem=toy_problem(tmp_path), engine=engine, cases=CASES, until_s=9.0, seed=0, now_s=lambda: 0.0
    )
    return exercised(measurer, seed), [item for block in engine.measured for item in block.items]


def ran(*lines: int) -> Outcome:
    return Outcome(status=OK, ran={"p.py": lines})


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([ran(4), ran(), ran(4, 6)], "2 of 3 in public cases; no case tells what a change does in p.py 5"),
        ([ran(4), ran(5), ran(4, 6)], "3 of 3 in public cases"),
        ([ran(4), Outcome(status=OK), ran(5, 6)], "not known: only calls into Python are watched, no commands"),
        ([ran(4), Outcome(status=TrialStatus.TIMED_OUT), ran(5)], "not known: timed_out while they were watched"),
    ],
)
def test_what_the_public_cases_run_is_said(tmp_path: Path, told: Sequence[Outcome], said: str) -> None:
    found, measured = words(tmp_path, {"p.py": SEED, "notes.md": b"hello"}, dict(zip("abc", told, strict=True)))
    assert found == {"lines that run": said}
    assert {item.stage for item in measured} == {"smoke", "full"}
    assert all(item.watch == {"p.py": (4, 5, 6)} for item in measured)


def test_what_has_no_lines_is_not_measured(tmp_path: Path) -> None:
    assert words(tmp_path, {"p.c": b"int x;"}, {}) == ({}, [])
    compiled = {"p.py": b"@njit\ndef f():\n    return 1\n"}
    assert words(tmp_path, compiled, {}) == (
        {"lines that run": "not known: p.py has functions that a compiler takes"}, [],
    )  # fmt: skip
