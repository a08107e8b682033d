"""Judges that run commands: scripts stand in for the program; what can not be replaced is said."""

from pathlib import Path

import pytest

from selfwright.check import Examination
from tests.check.inline import examine, toml, write

PROGRAM = "import sys\nprint(sum(map(int, sys.stdin.read().split())), 'in', 0.25, 's')\n"
JUDGE = """
def evaluate(candidate, stage):
    said = candidate.run({argv}, stdin=b"1 2 3").value
    {check}
    return {{"seconds": {seconds}}}
"""
EXACT = 'if said.split()[:1] != [b"6"] or len(said) > 99: raise InvalidCandidate("not the sum")'
FILE = toml(metric="seconds", better="lower", unit="s")


def checked(folder: Path, *, check: str, seconds: str = "0.5", argv: str = '["python", "p.py"]') -> Examination:
    judge = JUDGE.format(argv=argv, check=check, seconds=seconds)
    return examine(write(folder, toml=FILE, judge=judge, program=PROGRAM))


def names(examination: Examination) -> set[str]:
    return {finding.name for finding in examination.findings}


@pytest.mark.parametrize(
    ("cheat", "check"),
    [
        ("nothing", ""),
        ("huge", 'if b"7 7" not in said and b"6" not in said: raise InvalidCandidate("no digit")'),
        ("nan", 'if abs(float(said.split()[0]) - 6) > 1e-6: raise InvalidCandidate("not the sum")'),
    ],
)
def test_a_leaky_judge_is_found(tmp_path: Path, cheat: str, check: str) -> None:
    assert cheat in names(checked(tmp_path, check=check))


def test_a_time_that_the_command_states_is_found(tmp_path: Path) -> None:
    examination = checked(tmp_path, check=EXACT, seconds="float(said.split()[2])")
    assert {"stated score", "negative"} <= names(examination)


def test_a_sound_judge_is_not_accused(tmp_path: Path) -> None:
    examination = checked(tmp_path, check=EXACT)
    assert names(examination) == {"hard-coded answers"}  # advice: it has no holdout
    assert examination.is_trustworthy
    assert {"nothing", "type", "nan", "huge", "identity", "stated score"} <= set(examination.caught)


def test_what_can_not_be_replaced_is_said(tmp_path: Path) -> None:
    examination = checked(tmp_path, check="", argv='["echo", "6"]')
    assert "nothing" in examination.not_tried and not examination.caught
