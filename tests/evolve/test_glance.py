"""A glance at a long run says what the whole journal says, from wherever its outline is, or does without it."""

import json
from functools import partial

import pytest

from selfwright.core import event as ev
from selfwright.core.lifecycle import State
from selfwright.evolve import glance as module
from selfwright.evolve import run
from selfwright.evolve.glance import OUTLINE, glance
from selfwright.views.leaderboard import versions_table
from selfwright.views.outline import outline_of, restore
from selfwright.views.run import RunState, fold
from tests.evolve.test_loop import ALIKE, CLIMB, scripted
from tests.evolve.test_parked import LITTLE, noisy_toy
from tests.evolve.toy import Toy, proposal


def handed_in(toy: Toy) -> None:
    command = ev.Submitted(files={"p.py": toy.blobs.put(b"SIZE = 35\nQUALITY = 40\n")})
    with toy.journal.lease():
        toy.journal.append([command, ev.StopRequested(sitting=0)])


def climb(folder) -> Toy:
    """Adopted, rejected, refused (twice the same), a fault of the judge, and one by hand."""
    toy = Toy(folder)
    toy.open(scripted())
    handed_in(toy)
    toy.drive(scripted(*CLIMB[:5], proposal(90), proposal(1, more="# FAULT\n"), *CLIMB[5:], lag=1))
    return toy


def parked(folder) -> Toy:
    toy = noisy_toy(folder)
    toy.run(scripted(*LITTLE, proposal(85), *ALIKE[3:5], ALIKE[3]))
    return toy


def said(state: RunState) -> list[object]:
    """What a status is made of."""
    waiting = [each.id for each in state.attempts() if each.state is State.NEEDS_PERSON]
    open_ones = range(state.verdicts + 1, state.asked + 1)
    return [
        state.seq, state.hash, state.verdicts, state.asked, state.versions, state.again, state.resumed, state.turn,
        state.compared, state.used, state.spent.dearest, state.exhausted, state.submissions, state.control,
        state.intent, waiting, versions_table(state), [vars_of(state, trial) for trial in open_ones],
        [vars_of(state, version.trial) for version in state.versions],
    ]  # fmt: skip


def vars_of(state: RunState, trial: int) -> list[str]:
    return [repr(each) for each in state.trials.get(trial, [])]


@pytest.mark.parametrize("make", [climb, parked])
def test_an_outline_from_any_event_on_comes_to_the_same_state(make, tmp_path):
    toy = make(tmp_path)
    records = list(toy.journal.read())
    whole, past, left_out = fold(records), RunState(), 0
    for record in records:
        past.apply(record)
        if record.seq % 7:
            continue
        outline = outline_of(past, code="")
        state = restore(outline, toy.journal.recall(outline.tip, (0, *outline.kept)))
        if past.versions:
            assert said(state) == said(past), record
        for later in records[record.seq :]:
            state.apply(later)
        assert said(state) == said(whole), record
        left_out = max(left_out, len(whole.trials) - len(state.trials))
    assert left_out > 0
    assert {each.state for each in whole.attempts()} >= {
        State.ADOPTED,
        State.REJECTED if make is climb else State.PARKED,
    }


def test_a_glance_makes_an_outline_and_goes_on_from_it(tmp_path, monkeypatch):
    toy = climb(tmp_path)
    whole = toy.state()
    assert said(glance(tmp_path, toy.journal, long=10_000)) == said(whole)
    assert not (tmp_path / OUTLINE).exists(), "it is not worth it"
    glance(tmp_path, toy.journal, long=whole.seq)
    kept = (tmp_path / OUTLINE).read_bytes()
    monkeypatch.setattr(module, "fold", None)  # what is not there can not be called
    again = glance(tmp_path, toy.journal, long=10)
    assert said(again) == said(whole) and len(again.trials) < len(whole.trials)
    with toy.journal.lease():
        toy.journal.append([ev.SittingStarted(budget=whole.budget, workers=1, host="h", pid=1, proposers=())] * 10)
    assert said(glance(tmp_path, toy.journal, long=10)) == said(fold(toy.journal.read()))
    assert (tmp_path / OUTLINE).read_bytes() != kept, "it fell behind, and was not renewed"
    assert said(glance(tmp_path, toy.journal, long=10)) == said(fold(toy.journal.read()))


def test_who_drives_a_long_run_keeps_its_outline(tmp_path, monkeypatch):
    toy, told = Toy(tmp_path), []
    toy.open(scripted())
    monkeypatch.setattr(run, "outlining", partial(module.outlining, long=20))
    toy.drive(scripted(*CLIMB), observe=lambda event, state: told.append(state.seq))
    outline = json.loads((tmp_path / OUTLINE).read_bytes())
    assert 0 <= toy.state().seq - outline["tip"]["seq"] < 20
    assert told == sorted(told) and told[-1] == toy.state().seq
    monkeypatch.setattr(module, "fold", None)
    assert said(glance(tmp_path, toy.journal)) == said(toy.state())


def spoilt(data: dict, what: str) -> bytes:
    changes = {
        "other code": {"code": "0"}, "other journal": {"tip": {"seq": 5, "hash": "0" * 64}},
        "beyond the end": {"tip": {"seq": 9999, "hash": "0" * 64}}, "a kept trial is missing": {"kept": []},
        "other type": {"kept": "all"},
    }  # fmt: skip
    return b"{" if what == "no JSON" else json.dumps(data | changes[what]).encode()


@pytest.mark.parametrize("what", [
    "other code", "other journal", "beyond the end", "a kept trial is missing", "other type", "no JSON",
])  # fmt: skip
def test_an_outline_that_does_not_fit_is_as_if_it_were_not_there(what, tmp_path):
    toy = climb(tmp_path)
    glance(tmp_path, toy.journal, long=10)
    path = tmp_path / OUTLINE
    path.write_bytes(spoilt(json.loads(path.read_bytes()), what))
    assert said(glance(tmp_path, toy.journal, long=10)) == said(toy.state())


def test_what_is_read_of_a_long_run_are_the_trials_that_count(tmp_path):
    sizes = {}
    for losers in (10, 60):
        toy = Toy(tmp_path / str(losers))
        toy.folder.mkdir()
        toy.run(scripted(proposal(90), *(proposal(95, more=f"N = {number}\n") for number in range(losers))))
        outline = outline_of(toy.state(), code="")
        sizes[losers] = sum(1 for _ in toy.journal.recall(outline.tip, (0, *outline.kept)))
    assert sizes[10] == sizes[60]
    assert outline.kept == (1,)
