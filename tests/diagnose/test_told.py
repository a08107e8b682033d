"""Where a diagnosis goes: to the proposer that repairs, and to people, by the commands."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from selfwright import api
from selfwright.cli.app import app
from selfwright.evolve.history import History
from selfwright.testing.proposer import ScriptedRepairer
from tests.evolve.test_loop import scripted
from tests.evolve.toy import Toy, proposal

CAUSE = "lookup, low: an index lies outside of its sequence"
Command = Callable[..., str]


def crash(size: float):
    return proposal(size, more="# CRASH\n")


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run commands on a run of which three trials fail, two of them alike."""
    toy = Toy(tmp_path)
    toy.run(scripted(crash(70), crash(71), proposal(60, more="# BAD\n"), proposal(90)))
    history = History(folder=tmp_path, journal=toy.journal, blobs=toy.blobs)
    monkeypatch.setattr(api, "look", lambda run, briefly=False: history)

    def run(*words: str) -> str:
        return CliRunner().invoke(app, [words[0], "RUN", *words[1:]], catch_exceptions=False).stdout

    return run


def test_who_repairs_is_told_the_likely_cause(tmp_path: Path) -> None:
    mender = ScriptedRepairer([crash(70)], repairs={1: [proposal(90)]}, lag=1)
    Toy(tmp_path).run(mender)
    (failure,) = mender.failures
    assert failure.reason.splitlines()[0] == "crashed in full/b: IndexError: on b"
    assert failure.reason.splitlines()[1].startswith(f"Likely cause: {CAUSE}")


def test_a_trial_is_shown_with_its_diagnosis(command: Command) -> None:
    assert f"\ndiagnosis: {CAUSE}; bound the loop" in command("show", "t1")
    assert "diagnosis:" not in command("show", "t4"), "it was adopted"
    assert json.loads(command("show", "t3", "--json"))["diagnosis"]["name"] == "wrong-shape"
    assert json.loads(command("show", "v0", "--json"))["diagnosis"] is None


def test_a_status_says_what_several_trials_fail_of(command: Command) -> None:
    told = command("status")
    assert f"\n2 trials fail with the same root cause: {CAUSE}" in told
    assert "shape" not in told, "one alone is no cluster"
    (failing,) = json.loads(command("status", "--json"))["failing"]
    assert (failing["diagnosis"]["name"], failing["trials"]) == ("index-out-of-range", ["t1", "t2"])
