"""Parked comparisons: resumed without penalty when nothing else is left to measure, in the order of the journal."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from selfwright.core import event as ev
from selfwright.core.change import Cost
from selfwright.core.draw import draw
from selfwright.core.lifecycle import State
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.core.verdict import Decision
from selfwright.evolve.archive import Archive
from selfwright.evolve.parked import most_promising
from selfwright.gate.pairs import Weighed, threshold
from selfwright.testing.engine import finish_last_first
from selfwright.testing.proposer import ScriptedProposer
from selfwright.views.comparison import FRESH_PAIRS, pairs_spent
from selfwright.views.run import RunState
from tests.evolve.test_loop import ALIKE, Killed, jittery, scripted
from tests.evolve.toy import Toy, judge_toy, proposal, summary

LITTLE = (proposal(98, more="K = 1\n"), *ALIKE[:3], proposal(98, more="N = 1\n"))
"""The first gains 2 %, beside 10 % of noise, and is parked; resumed, it is adopted."""


def noisy_toy(folder, *, max_pairs=200, judge=jittery, **rest) -> Toy:
    toy = Toy(folder, judge=judge, noisy=True, **({"holdout": False} | rest))
    object.__setattr__(toy.problem, "max_pairs", max_pairs)
    return toy


def turns(toy: Toy) -> list[tuple[int, str]]:
    """Return what was said of which trial, in the order of the journal: ``parked``, ``tried`` (resumed), ``v1``."""
    found, state = [], RunState()
    for record in toy.journal.read():
        match record.event:
            case ev.Judged(trial=trial):
                assert trial == state.turn, "a verdict out of turn"
            case ev.Moved(trial=trial, to=State.PARKED | State.REJECTED as to):
                found.append((trial, to.value))
            case ev.Moved(trial=trial, to=State.TRIED) if state.last(trial).state is State.PARKED:
                found.append((trial, "resumed"))
            case ev.Adopted(trial=trial, version=version) if trial:
                found.append((trial, f"v{version}"))
        state.apply(record)
    return found


def test_what_gains_little_is_parked_then_resumed_and_adopted(tmp_path):
    toy = noisy_toy(tmp_path)
    state = toy.run(scripted(*LITTLE))
    assert turns(toy) == [*((trial, "parked") for trial in range(1, 6)), (1, "resumed"), (1, "v1")]
    assert (state.again, state.resumed, state.versions[1].trial, state.versions[1].verdicts) == ([1], None, 1, 5)
    assert state.last(1).ending.startswith("adopted: size ") and state.last(1).ending.endswith("; resumed")


def test_it_goes_on_where_it_stopped_with_its_number_and_its_share_of_alpha(tmp_path):
    toy = noisy_toy(tmp_path)
    state = toy.run(scripted(*LITTLE))
    first, verdict = state.last(1), state.last(1).verdict
    assert state.compared == {(trial, 0, 0): trial for trial in range(1, 6)}
    assert (verdict.needed, threshold(6, 0)) == (threshold(1, 0), threshold(1, 0))
    parked = next(each.event.verdict for each in toy.journal.read() if isinstance(each.event, ev.Judged))
    assert 6 <= parked.pairs < verdict.pairs == pairs_spent(first) < 200
    purposes = [purpose for purpose, _, _ in first.measured if purpose.startswith("pair")]
    assert sorted(purposes) == sorted(
        f"pair:{index}:{side}" for index in range(verdict.pairs) for side in ("candidate", "incumbent")
    )
    known = Weighed(state.run.metrics[0], state.run.objective, first.weighed["pair"].pairs)
    assert verdict.evidence == known.better >= verdict.needed  # as if it had never been parked
    seeds = Counter(block.items[0].seed for block in toy.engine.measured if len(block.items) == 2)
    assert set(seeds.values()) == {1}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("lag", [1, 6])
def test_the_journal_is_the_same_whatever_finishes_first(tmp_path, workers, lag):
    def journal(**rest):
        toy = noisy_toy(tmp_path, **rest)
        toy.run(scripted(*LITTLE, lag=lag))
        assert (1, "v1") in turns(toy)
        return toy.canonical()

    assert journal(workers=workers, finish=finish_last_first) == journal(workers=2)


def test_killed_after_any_event_it_resumes_to_the_same_journal(tmp_path):
    def kill(event, state):
        nonlocal left
        left -= 1
        if not left:
            raise Killed

    whole = noisy_toy(tmp_path)
    whole.run(scripted(*LITTLE))
    expected = whole.canonical()
    for every in (31, 47):
        toy, killed = noisy_toy(tmp_path), 0
        toy.open(scripted())
        while True:
            left = every
            toy.engine = toy.new_engine()
            try:
                toy.drive(scripted(*LITTLE), observe=kill)
                break
            except Killed:
                killed += toy.state().resumed is not None
        assert killed >= 2, "no sitting ended within what was resumed"
        assert (toy.canonical(), turns(toy)) == (expected, turns(whole))


def test_ctrl_c_within_what_was_resumed_keeps_it_for_the_next_sitting(tmp_path):
    whole, toy = noisy_toy(tmp_path), noisy_toy(tmp_path)
    whole.run(scripted(*LITTLE))
    sittings = []

    def interrupt(event, state):
        if isinstance(event, ev.Measured) and state.resumed and state.control.sittings == 1:
            sittings[0].interrupt()

    state = toy.run(scripted(*LITTLE), observe=interrupt, on_ready=sittings.append)
    assert (state.resumed, state.begun, state.verdicts, state.control.ended.why) == (1, 1, 5, "interrupted")
    assert state.last(1).ending.startswith("tried: resumed: pair ")
    toy.drive(scripted(*LITTLE))
    assert toy.canonical() == whole.canonical()


def test_a_budget_on_which_no_pair_draws_leaves_what_was_parked_to_be_resumed(tmp_path):
    toy = noisy_toy(tmp_path)
    state = toy.run(scripted(*LITTLE, proposal(50)), trials=5)
    assert (state.again, state.control.ended.why, state.asked) == ([1], "budget", 5)
    paid = tuple(replace(each, cost=Cost(usd=1.0)) for each in LITTLE)
    state = noisy_toy(tmp_path).run(scripted(*paid), usd=5.0)
    assert (state.again, state.control.ended.why, state.verdicts) == ([1], "budget", 5)  # a pair costs no money
    kinds = [each.event for each in toy.journal.read()]
    resumed = next(index for index, event in enumerate(kinds) if getattr(event, "reason", "").startswith("resumed"))
    searched = sum(isinstance(each, ev.Measured) and each.purpose.startswith("pair") for each in kinds[:resumed]) // 2
    state = noisy_toy(tmp_path).run(scripted(*LITTLE), pairs=searched + FRESH_PAIRS)
    assert (state.again, state.resumed, state.control.ended.bound, state.verdicts) == ([], None, "pairs", 5)
    assert most_promising(state, toy.problem) is state.last(1)


@pytest.mark.parametrize("how", ["stopped", "paused"])
def test_who_stops_or_pauses_resumes_nothing(tmp_path, how):
    toy = noisy_toy(tmp_path)

    def last_verdict(event, state):
        if isinstance(event, ev.Moved) and (event.trial, event.to) == (5, State.PARKED):
            command = ev.StopRequested(sitting=1) if how == "stopped" else ev.PauseRequested()
            toy.journal.append([command])
        elif state.control.paused:
            assert state.resumed is None
            toy.journal.append([ev.StopRequested(sitting=1)])

    state = toy.run(scripted(*LITTLE), observe=last_verdict)
    assert (state.again, state.resumed, state.control.ended.why) == ([], None, "stopped")
    assert toy.drive(scripted(*LITTLE)).again == [1]  # the next sitting makes up for it


def test_a_sitting_for_what_was_handed_in_resumes_nothing_else(tmp_path):
    toy = noisy_toy(tmp_path)
    toy.open(scripted())
    toy.specs = ()
    assert toy.drive(scripted(*LITTLE)).again == []


def test_what_is_handed_in_meanwhile_waits_for_its_turn_and_meets_the_new_incumbent(tmp_path):
    toy = noisy_toy(tmp_path)

    def submit(event, state):
        if isinstance(event, ev.Moved) and state.resumed and event.to is State.TRIED and event.trial == state.resumed:
            toy.journal.append([ev.Submitted(files={"p.py": toy.blobs.put(b"SIZE = 60\nQUALITY = 40\n")})])

    state = toy.run(scripted(*LITTLE), observe=submit)
    assert (summary(state)[0], summary(state)[5]) == ("v1", "v2")
    assert state.last(6).proposed.parents == ("v1",)


def kept_up(toy: Toy) -> Archive:
    """Return the archive of somebody who looked after every event."""
    state, archive = RunState(), None
    for record in toy.journal.read():
        state.apply(record)
        archive = archive or Archive(state)
        archive.catch_up()
    return archive


def test_proposals_see_an_adoption_from_the_verdict_on_that_it_followed(tmp_path):
    toy, seen = noisy_toy(tmp_path), {}

    class Looking(ScriptedProposer):
        def ask(self, ask):
            seen[ask.trial] = (ask.best, [(past.trial, past.version) for past in ask.history if past.version])
            return super().ask(ask)

    more = [proposal(200 + number, more="LATER = 1\n") for number in range(4)]
    state = toy.run(Looking([*LITTLE, *more], lag=3), trials=5)
    for archive in (Archive(toy.state()), kept_up(toy)):
        archive.catch_up()
        assert [archive.incumbent(verdicts) for verdicts in range(6)] == [0] * 5 + [1]
        assert archive.tree("v1", 5) == ("v1", state.last(1).proposed.tree)
        with pytest.raises(KeyError, match="there are seed, best, v0, t1 to t4"):
            archive.tree("v1", 4)
        assert [archive.tree("t1", verdicts)[0] for verdicts in (4, 5)] == ["t1", "v1"]
        policy = archive.policies["incumbent"]
        assert [policy.parent(verdicts=verdicts, trial=6, chance=0) for verdicts in (4, 5)] == [0, 1]
        assert archive.entries[0].version == 1 and archive.entries[0].decision is Decision.ADOPT
    toy.drive(Looking([*LITTLE, *more], lag=3), trials=9)
    assert [seen[trial][0] for trial in range(6, 10)] == ["v0", "v0", "v1", "v1"]
    assert seen[9][1] == [("t1", 1)]


def wild(files, item):
    """The toy judge on a machine that gives a wild program up to 50 % of its own, and any other 0.5 %."""
    (reading,) = judge_toy(files, item).readings
    (size,), text = reading.metrics["size"], files["p.py"].decode()
    own = (draw(item.seed, text) % 97 / 96 - 0.5) * (1.0 if "WILD" in text else 0.01)
    return Outcome(
        status=TrialStatus.OK, readings=(replace(reading, metrics={**reading.metrics, "size": (size * (1 + own),)}),)
    )


def test_beside_a_new_incumbent_it_starts_anew_where_it_showed_more_than_was_gained_since(tmp_path):
    toy = noisy_toy(tmp_path, judge=wild, max_pairs=60)
    state = toy.run(scripted(proposal(75, more="WILD = 1\n"), proposal(95), proposal(99, more="WILD = 5\n")))
    assert turns(toy)[:2] == [(1, "parked"), (2, "v1")] and turns(toy)[-2:] == [(1, "resumed"), (1, "v2")]
    first = state.last(1)
    assert first.rivals == [0, 1] and list(state.compared)[-1] == (1, 0, 1)
    verdict, number = first.verdict, state.compared[1, 0, 1]
    assert verdict.needed == threshold(number, 1) and number == len(state.compared)  # its own share of alpha
    again = first.weighed["pair2"]
    assert (again.tried, again.better) == (verdict.pairs, verdict.evidence)  # from empty evidence
    assert pairs_spent(first) == first.weighed["pair"].tried + again.tried
    resumed = next(
        each.event for each in toy.journal.read()
        if isinstance(each.event, ev.Moved) and each.event.reason.startswith("resumed")
    )  # fmt: skip
    assert resumed.reason == "resumed: pair 0 of at most 200, E = 1 against 4,000, beside v1"
    both = {state.last(trial).proposed.change for trial in (1, 2)}
    beside = [{item.change for item in block.items} == both for block in toy.engine.measured]
    assert sum(beside) == again.tried + first.weighed["freshpair"].tried
    told = toy.adopter.adopted[2]
    assert {each.purpose.partition(":")[0] for each in told.samples} == {"search", "pair2", "freshpair"}


def test_what_showed_less_than_was_gained_since_stays_parked(tmp_path):
    toy = noisy_toy(tmp_path)
    state = toy.run(scripted(*LITTLE, proposal(80)))
    assert (turns(toy)[-1], state.again) == ((6, "v1"), [])
    assert [state.last(trial).state for trial in range(1, 6)] == [State.PARKED] * 5


@pytest.mark.parametrize("chance", range(12))
def test_whatever_is_proposed_the_run_ends_and_each_comparison_keeps_to_its_bounds(tmp_path, chance):
    rng = random.Random(chance)
    most = rng.choice((1, 5, 13, 40))
    proposals = [
        proposal(rng.choice((80, 93, 96, 98, 99, 100, 104)), more=f"{rng.choice(('TAME', 'WILD'))} = {number}\n")
        for number in range(rng.randrange(1, 9))
    ]
    judge = rng.choice((jittery, wild, judge_toy))
    toy = noisy_toy(tmp_path, judge=judge, max_pairs=most, holdout=rng.random() < 0.3)
    object.__setattr__(toy.problem, "holdout_looks", rng.choice((0, 1, 30)))
    state = toy.run(scripted(*proposals, lag=rng.choice((1, 4))))
    assert (state.control.ended.why, state.resumed, state.verdicts) == ("exhausted", None, len(proposals))
    assert most_promising(state, toy.problem) is None
    assert sorted(state.compared.values()) == list(range(1, len(state.compared) + 1))
    assert [version.verdicts for version in state.versions] == sorted(version.verdicts for version in state.versions)
    for attempt in state.attempts():
        assert pairs_spent(attempt) <= most * len(attempt.rivals) and attempt.rivals == sorted(set(attempt.rivals))
        assert attempt.resumed <= len(state.versions)
    resumed = [word for _, word in turns(toy)].count("resumed")
    assert resumed == len(state.again) == sum(attempt.resumed for attempt in state.attempts())


def test_where_nothing_can_be_adopted_any_more_nothing_is_resumed(tmp_path):
    toy = noisy_toy(tmp_path, holdout=True)
    object.__setattr__(toy.problem, "holdout_looks", 0)
    state = toy.run(scripted(*LITTLE))
    assert {attempt.state for attempt in state.attempts()} == {State.PARKED} and state.again == []
