"""The fold of a run: what it holds after which events, and what it refuses."""

from dataclasses import replace

import pytest

from selfwright.core import event as ev
from selfwright.core.budget import Budget
from selfwright.core.change import Cost, Origin
from selfwright.core.errors import IllegalMove, JournalCorrupt
from selfwright.core.lifecycle import State
from selfwright.core.metric import Metric, Objective
from selfwright.core.noise import Noise
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.core.verdict import Decision, Verdict
from selfwright.views.canonical import canonical
from selfwright.views.run import failure_of, fold, public_readings

OPENED = ev.RunOpened(
    version=1, subject="problem:toy", problem="/toy", problem_hash="h",
    metrics=(Metric(name="size"), Metric(name="t", noisy=True)), objective=Objective(metric="size"),
    cases={"smoke": ("a",), "full": ("a", "b"), "hidden": ("z",)}, holdout=("hidden",), seed=0,
    lag=1, proposers=("scripted",), sandbox="limits", tree={"p.py": "0" * 64},
)  # fmt: skip


def proposed(trial: int, attempt: int = 0, **more) -> ev.Proposed:
    facts = {
        "change": f"c{trial}.{attempt}", "tree": {"p.py": "1" * 64}, "parents": ("v0",), "proposer": "scripted",
        "reason": "r", "cost": Cost(usd=0.5), "origin": Origin.STRUCTURE,
    } | more  # fmt: skip
    return ev.Proposed(trial=trial, attempt=attempt, **facts)


def moved(trial: int, to: State, attempt: int = 0, reason: str = "") -> ev.Moved:
    return ev.Moved(trial=trial, attempt=attempt, to=to, reason=reason)


def measured(
    trial: int, stage: str, case: str, size: float = 1.0, status=TrialStatus.OK, t: float = 1.0
) -> ev.Measured:
    readings = (Reading(case=case, metrics={"size": (size,), "t": (t,)}),) if status is TrialStatus.OK else ()
    outcome = Outcome(status=status, reason="" if readings else "boom", readings=readings, log="said something")
    return ev.Measured(trial=trial, attempt=0, purpose="search", stage=stage, case=case, outcome=outcome)


def judged(trial: int, decision: Decision = Decision.REJECT) -> ev.Judged:
    return ev.Judged(trial=trial, attempt=0, verdict=Verdict(decision=decision, sentence="so", metric="size"))


def records(*events: ev.Event, step_s: float = 1.0):
    return [ev.Record(seq=n, time_s=100 + n * step_s, event=event, hash=str(n)) for n, event in enumerate(events, 1)]


def refused(trial: int) -> list[ev.Event]:
    return [proposed(trial), moved(trial, State.REFUSED)]


def test_verdicts_count_without_gaps_whatever_concluded_first():
    state = fold(records(OPENED, *refused(2), *refused(3)))
    assert (state.verdicts, state.asked) == (0, 3)
    state = fold(records(OPENED, *refused(2), *refused(3), *refused(1)))
    assert state.verdicts == 3


def test_an_illegal_move_is_refused_with_the_legal_ones():
    with pytest.raises(IllegalMove, match=r"proposed → adopted.*checked, failed, refused"):
        fold(records(OPENED, proposed(1), moved(1, State.ADOPTED)))


def test_events_of_unknown_trials_are_corruption():
    with pytest.raises(JournalCorrupt, match="trial 7"):
        fold(records(OPENED, moved(7, State.CHECKED)))
    with pytest.raises(JournalCorrupt, match="attempt"):
        fold(records(OPENED, proposed(1, attempt=1)))


def test_adoption_moves_trial_version_and_intent():
    head = [OPENED, ev.AdoptionIntended(trial=0, attempt=0, version=0, time_s=1.0)]
    state = fold(records(*head))
    assert state.intent is not None and state.intent.seq == 2
    seed = ev.Adopted(trial=0, attempt=0, version=0, commit="k0", tree="t0", branch="b")
    trial = [proposed(1), moved(1, State.CHECKED), moved(1, State.TRIED), judged(1, Decision.ADOPT)]
    one = ev.Adopted(trial=1, attempt=0, version=1, commit="k1", tree="t1", branch="b")
    state = fold(records(*head, seed, *trial, one))
    assert state.intent is None
    assert [version.commit for version in state.versions] == ["k0", "k1"]
    assert (state.last(1).state, state.last(1).version, state.verdicts) == (State.ADOPTED, 1, 1)


def test_the_last_attempt_is_the_one_that_counts_and_money_adds_up():
    events = [proposed(1), moved(1, State.FAILED, reason="no"), moved(1, State.REPAIRED), proposed(1, attempt=1)]
    state = fold(records(OPENED, *events))
    assert state.last(1).id == "t1.1"
    assert state.spent.usd == 1.0
    assert state.verdicts == 0


def test_failure_and_readings_are_found_by_stage_and_case():
    ok = [
        proposed(1),
        moved(1, State.CHECKED),
        measured(1, "smoke", "a"),
        measured(1, "full", "a"),
        measured(1, "full", "b", 3.0),
    ]
    state = fold(records(OPENED, *ok))
    assert [reading.case for reading in public_readings(state, state.last(1))] == ["a", "b"]
    assert failure_of(state, state.last(1)) is None
    bad = [*ok[:3], measured(1, "full", "a", status=TrialStatus.CRASHED), measured(1, "full", "b")]
    state = fold(records(OPENED, *bad))
    where, outcome = failure_of(state, state.last(1))
    assert (where, outcome.status) == ("full/a", TrialStatus.CRASHED)
    assert [reading.case for reading in public_readings(state, state.last(1))] == ["a"]  # of the smoke stage


def started() -> ev.SittingStarted:
    return ev.SittingStarted(budget=Budget(), workers=2, host="h", pid=1, proposers=("scripted",))


def test_control_counts_sittings_and_their_time_also_of_a_killed_one():
    events = [OPENED, started(), *refused(1), ev.Submitted(files={}), started(), *refused(2), ev.PauseRequested()]
    control = fold(records(*events, step_s=10.0)).control
    assert (control.sittings, control.paused, control.running) == (2, True, True)
    assert (
        control.wall_s == 20.0 + 20.0
    )  # to the last record of the killed sitting, and of this one; not what is between


def test_a_stop_is_for_its_own_sitting_and_twice_means_at_once():
    one = ev.StopRequested(sitting=1)
    assert fold(records(OPENED, started(), one, one)).control.stops == 2
    assert fold(records(OPENED, started(), ev.StopRequested(sitting=1, now=True))).control.stops == 2
    assert fold(records(OPENED, started(), one, started(), one)).control.stops == 0


def test_a_submission_waits_until_it_is_a_trial():
    events = [OPENED, ev.Submitted(files={"p.py": "2" * 64})]
    assert list(fold(records(*events)).submissions) == [2]
    assert not fold(records(*events, proposed(1, submission=2))).submissions


def test_canonical_forgets_order_of_arrival_times_and_noise():
    first = [
        OPENED, started(), proposed(1), moved(1, State.CHECKED), measured(1, "full", "a", t=1.0),
        measured(1, "full", "b"), moved(1, State.TRIED), *refused(2),
    ]  # fmt: skip
    second = [
        OPENED, proposed(2), started(), moved(2, State.REFUSED), proposed(1), moved(1, State.CHECKED),
        measured(1, "full", "b", t=9.0), measured(1, "full", "a", t=5.0), moved(1, State.TRIED), ev.PauseRequested(),
    ]  # fmt: skip
    assert canonical(records(*first)) == canonical(records(*second, step_s=7.0))
    said = [*second[:-2], moved(1, State.TRIED, reason="<object at 0x7f01>")]
    assert canonical(records(*first)) == canonical(records(*said))
    loud = replace(first[4], outcome=replace(first[4].outcome, noise=Noise(steal=0.5, switches=7, load=9.0)))
    assert canonical(records(*first)) == canonical(records(*first[:4], loud, *first[5:]))
    other = [*first[:4], measured(1, "full", "a", size=2.0), *first[5:]]
    assert canonical(records(*first)) != canonical(records(*other))
