"""A function is tried in several processes before anything is written; what does not agree is told."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench.candidate import Candidate
from selfwright.core.errors import Unfit
from selfwright.core.limits import Limits
from selfwright.oracle.fitting import Fit, fit
from selfwright.oracle.inputs import Row
from selfwright.oracle.recording import Recording
from selfwright.oracle.target import find_target

SOURCE = b"""\
import random as chance

def clean(text: str, times=1):
    if not text:
        raise ValueError(text)
    return text.strip() * times

def drawing(text):
    return text + str(chance.random())

def unique(text):
    return set(text)

def unique_or_raise(text):
    if not text:
        raise ValueError
    return set(text)

def sometimes(text):
    return set(text) if text.isdigit() else text

def remembering(text, known=[]):
    known.append(text)
    return len(known)

def sorting(items):
    items.sort()

def raising(text):
    raise KeyError(text)

def flag(on):
    return not on

def prime(n):
    return n > 1 and all(n % d for d in range(2, int(n ** 0.5) + 1))

def configured(text):
    import sysconfig
    return text + str(sysconfig.get_config_var("SOABI"))

def leaving(n):
    import os
    os._exit(1)
"""


def fitted(folder: Path, function: str, rows: Sequence[Row]) -> Fit:
    (folder / "m.py").write_bytes(SOURCE)

    def program() -> Candidate:
        return Candidate(files={"m.py": SOURCE}, program="m.py", sandbox=LimitsSandbox(), limits=Limits(wall_s=5))

    return fit(find_target(f"{folder}/m.py:{function}"), Recording(rows=tuple(rows)), program, tolerance=1e-9)


WORDS: list[Row] = [("some words",), (" and more of them ",)]


def test_a_fit_function_is_told_what_is_timed(tmp_path: Path) -> None:
    found = fitted(tmp_path, "clean", [*WORDS, ("twice", 2), ("",)])
    assert found.task.rows == (("some words",), (" and more of them ",), ("twice", 2), ("",))
    assert found.task.timed == (("some words",), (" and more of them ",))
    assert found.task.types == (("str",), ())
    assert found.told == ("timed are those with 1 argument, that return and change none of them",)


def test_what_the_standard_library_imports_by_itself_is_no_import_of_the_program(tmp_path: Path) -> None:
    assert fitted(tmp_path, "configured", WORDS).task.rows == tuple(WORDS)


def test_numbers_are_spread_until_there_are_enough(tmp_path: Path) -> None:
    assert fitted(tmp_path, "prime", [(2,), (9,), (50,)]).task.spread > 1.0
    assert fitted(tmp_path, "clean", WORDS).task.spread == 1.0


def test_what_is_not_carried_sometimes_is_left_out(tmp_path: Path) -> None:
    found = fitted(tmp_path, "sometimes", [("words of mine",), ("12",)])
    assert found.task.rows == (("words of mine",),)
    assert found.told == ("left out are 1 call with set at result, which is not carried",)


@pytest.mark.parametrize(
    ("function", "rows", "why", "message"),
    [
        ("drawing", WORDS, "impure", r"drawing\('some words'\) is not the same twice: .* as the first time"),
        ("remembering", WORDS, "impure", r"remembering\('some words'\) is not the same twice: 2, expected 1"),
        ("leaving", [(1,)], "impure", "does not do in the sandbox what it does in its tests"),
        ("unique", WORDS, "uncarried", "no result of unique can be carried: set at result"),
        ("unique_or_raise", [*WORDS, ("",)], "uncarried", "no result of unique_or_raise can be carried"),
        ("sorting", [([2, 1],)], "untimed", "changes its arguments in every recorded call"),
        ("raising", WORDS, "untested", "raises in every recorded call"),
        ("flag", [(True,), (False,)], "untimed", "too few distinct inputs for flag"),
    ],
)
def test_what_is_unfit_is_told(tmp_path: Path, function: str, rows: list[Row], why: str, message: str) -> None:
    with pytest.raises(Unfit, match=message) as unfit:
        fitted(tmp_path, function, rows)
    assert unfit.value.why == why
