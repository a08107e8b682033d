"""From Python: the same calls as on the command line, first."""

import os

import pytest

import selfwright
from selfwright import api, bootstrap
from selfwright.core.change import Proposal
from selfwright.core.errors import RunHeld, Unavailable
from selfwright.core.event import Event, Moved, RunOpened
from selfwright.core.lifecycle import State
from selfwright.testing.proposer import ScriptedRepairer
from tests.journeys.place import SESSION, Place, program, read_until

SLOWLY = "import time; time.sleep(0.2); return"


def test_a_run_from_python(tmp_path):
    place = Place.make(tmp_path)
    said: list[str] = []
    seen: list[Event] = []
    run = selfwright.run(
        tmp_path / "toy", proposer=place.session(), trials=2, dir=tmp_path / "r", announce=said.append,
        on_event=lambda event, state: seen.append(event),
    )  # fmt: skip
    assert run.best.name == "v1"
    assert dict(run.best.files) == {"p.py": SESSION[0].encode()}
    assert run.best.metrics == {"size": 90.0, "quality": 40.0}
    assert (run.best.version, run.best.commit) == (1, run.trials[0].commit)
    assert [(trial.id, trial.state, trial.adopted) for trial in run.trials] == [
        ("t1", State.ADOPTED, True), ("t2", State.REJECTED, False),
    ]  # fmt: skip
    assert str(run.trials[1]).startswith("t2 rejected: ") and run.trials[0].metrics["size"] == 90.0
    assert repr(run).endswith("/r: 100 → 90 B, 10.0 % lower in 2 trials; 1 adopted>")
    assert "<svg" in run._repr_html_() and "10.0 % lower" in run._repr_html_()
    assert isinstance(next(iter(run.events())).event, RunOpened)
    assert [type(event) for event in seen] == [type(record.event) for record in run.events()][-len(seen) :]
    assert run.report().read_text().startswith("<!DOCTYPE html>")
    assert "cases: smoke: a; full: a, b; seed 0" in said
    run = selfwright.resume(tmp_path / "r", trials=6)
    assert (run.state.verdicts, run.best.name) == (6, "v2")
    (tmp_path / "p.py").write_text("def size(case):\n    return 7\n\n\ndef quality():\n    return 31\n")
    answer = selfwright.submit(tmp_path / "r", tmp_path / "p.py", reason="\udcff 7", wait=True)
    assert answer.adopted and answer.words.startswith("t7 adopted: size 7 B")
    assert run_reason(tmp_path / "r") == " 7"


class Killed(BaseException):
    """What ``kill -9`` looks like from inside one process."""


def kill(*facts):
    raise Killed


def test_a_run_that_was_killed_before_its_first_sitting_keeps_its_bounds(tmp_path):
    place = Place.make(tmp_path)
    with pytest.raises(Killed):
        selfwright.run(tmp_path / "toy", proposer=place.session(), trials=2, dir=tmp_path / "r", on_ready=kill)
    assert api.look(tmp_path / "r").state.control.started is None
    run = selfwright.resume(tmp_path / "r")
    assert (run.state.verdicts, run.state.control.ended.why) == (2, "budget")


def mender():
    """Proposes a program that crashes, and its repair."""
    crash, repaired = (Proposal(files={"p.py": program(size).encode()}) for size in ("1 / 0", 90))
    return ScriptedRepairer([crash], repairs={1: [repaired]})


def test_a_submission_leaves_a_pending_repair_to_its_proposer(tmp_path, monkeypatch):
    monkeypatch.setitem(bootstrap.PROPOSERS, "mender", "tests.test_api:mender")
    Place.make(tmp_path)

    def kill_at_failure(event, state):
        if isinstance(event, Moved) and event.to is State.FAILED:
            raise Killed

    with pytest.raises(Killed):
        selfwright.run(tmp_path / "toy", proposer="mender", dir=tmp_path / "r", on_event=kill_at_failure)
    (tmp_path / "p.py").write_text(program(50))
    assert "t2 adopted" in selfwright.submit(tmp_path / "r", tmp_path / "p.py").words
    state = api.look(tmp_path / "r").state
    assert [attempt.state for attempt in state.attempts()] == [State.REPAIRED, State.ADOPTED, State.ADOPTED]


def test_a_submission_beside_another_is_measured_by_whoever_came_first(tmp_path):
    place = Place.make(tmp_path)
    selfwright.run(tmp_path / "toy", proposer=place.session(SESSION[:1]), dir=tmp_path / "r")
    for name, text in (("mine", program(50)), ("other", program(40).replace("return", SLOWLY, 1))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.py").write_text(text)
    started, said = [], []

    def be_overtaken(words):
        """Between seeing that nobody drives the run and driving it, let somebody else begin."""
        said.append(words)
        if not started:
            started.append(place.start("submit", "r", "other"))
            read_until(started[0], "t2")

    assert "t2 adopted" in selfwright.submit(tmp_path / "r", tmp_path / "mine", announce=be_overtaken).words
    assert said[1:] == ["somebody else was faster and measures it"]
    out, err = started[0].communicate(timeout=60)
    assert (started[0].returncode, "t3 adopted" in out) == (0, True), err


def test_a_folder_that_somebody_drives_is_not_run_in_again(tmp_path):
    place = Place.make(tmp_path)

    def run_again(sitting):
        with pytest.raises(RunHeld, match=f"process {os.getpid()}"):
            selfwright.run(tmp_path / "toy", proposer=place.session(), dir=tmp_path / "r")

    selfwright.run(tmp_path / "toy", proposer=place.session(), trials=1, dir=tmp_path / "r", on_ready=run_again)
    with pytest.raises(selfwright.BadInput, match="exists already"):
        selfwright.run(tmp_path / "toy", proposer=place.session(), dir=tmp_path / "r")


def test_without_git_nothing_is_measured(tmp_path, monkeypatch):
    place = Place.make(tmp_path)
    monkeypatch.setattr(bootstrap, "PROBLEMS", tmp_path)
    monkeypatch.chdir(tmp_path / "toy")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="git"):
        selfwright.run("toy", proposer=place.session(), dir=tmp_path / "r", on_event=kill)
    assert not (tmp_path / "r").exists()


def test_bad_input_is_one_class(tmp_path):
    with pytest.raises(selfwright.BadInput, match="no such folder"):
        selfwright.run(tmp_path / "nowhere")
    with pytest.raises(AttributeError, match="no attribute 'walk'"):
        _ = selfwright.walk


def run_reason(folder):
    return api.look(folder).find("t7").proposed.reason
