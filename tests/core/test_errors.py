"""The tree of errors is the one that its docstring draws, with the exit codes that it says."""

from __future__ import annotations

import re

import pytest

from selfwright.core import errors

CLASSES = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, Exception)]
LINES = re.findall(r"^    ((?:[│├└ ][ ─]{2} )*)(\w+)(?: .*?(?:exit (\d+))?)?$", str(errors.__doc__), re.MULTILINE)
DRAWN = [(len(indent) // 4, name, code) for indent, name, code in LINES]


def test_every_error_is_drawn_once_below_its_base() -> None:
    above: list[str] = []
    for depth, name, _ in DRAWN:
        assert getattr(errors, name).__base__.__name__ == (above[depth - 1] if depth else "Exception"), name
        above[depth:] = [name]
    assert sorted(name for _, name, _ in DRAWN) == sorted(cls.__name__ for cls in CLASSES)


@pytest.mark.parametrize(("name", "code"), [(name, int(code)) for _, name, code in DRAWN if code])
def test_an_exit_code_is_the_drawn_one(name: str, code: int) -> None:
    assert getattr(errors, name).exit_code == code


def test_a_failed_call_says_how() -> None:
    error = errors.CallFailed(errors.CallStatus.TIMED_OUT, "20 s were not enough")
    assert (error.status, error.reason) == (errors.CallStatus.TIMED_OUT, "20 s were not enough")
    assert str(error) == "timed_out: 20 s were not enough"
    assert errors.InvalidCandidate("wrong at 3").reason == "wrong at 3"
