"""Where a diagnosis goes: to the proposer that repairs, and to people, by the commands."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from selfwright import api
from selfwright.cli.app import app
from selfwright.core.errors import JournalCorrupt
from selfwright.core.lifecycle import State
from selfwright.diagnose import diagnosis_of
from selfwright.evolve.history import History
from selfwright.testing.blobs import MemoryBlobs
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


def test_a_change_that_was_repaired_keeps_why_it_could_not_be_tried(tmp_path: Path) -> None:
    broken = proposal(70, more="def f(:\n")
    state = Toy(tmp_path).run(ScriptedRepairer([broken], repairs={1: [proposal(90)]}, lag=1))
    first, second = state.trials[1]
    assert (first.state, second.state) == (State.REPAIRED, State.ADOPTED)
    known = diagnosis_of(state, first)
    assert known is not None and known.name == "syntax-error", known
    assert diagnosis_of(state, second) is None


def test_python_is_told_too_and_what_is_missing_is_named(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.run(scripted(crash(70), proposal(90)))
    run = api.Run(folder=tmp_path, journal=toy.journal, blobs=toy.blobs)
    failed, adopted = run.trials
    assert failed.diagnosis is not None and failed.diagnosis.name == "index-out-of-range"
    assert adopted.diagnosis is None
    (entry,) = api.blog(run)
    assert "v1" in str(entry)
    run.blobs = MemoryBlobs()
    with pytest.raises(JournalCorrupt, match="which its journal names; restore it from a copy"):
        api.blog(run)


def test_a_status_says_what_several_trials_fail_of(command: Command) -> None:
    told = command("status")
    assert f"\n2 trials fail with the same root cause: {CAUSE}" in told
    assert "shape" not in told, "one alone is no cluster"
    (failing,) = json.loads(command("status", "--json"))["failing"]
    assert (failing["diagnosis"]["name"], failing["trials"]) == ("index-out-of-range", ["t1", "t2"])
