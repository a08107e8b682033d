"""What did not become a version: why, and what it cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from selfwright.core import event as ev
from selfwright.core.lifecycle import State
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Resources
from selfwright.core.verdict import Decision
from selfwright.report.cost import bills
from selfwright.report.loser import losers
from tests.report.sample import Sample, seed_only, whole_run
from tests.views.test_comparison import compared


def crashed_in_pair(number: int) -> Sample:
    """Trial 1 crashed in its pair of this number, each of whose sides took 2 s."""
    sample = compared(number)
    sample.events = [
        replace(event, outcome=replace(event.outcome, resources=Resources(wall_s=2.0)))
        if isinstance(event, ev.Measured) and event.purpose.startswith("pair:") else event
        for event in sample.events
    ]  # fmt: skip
    pair = f"pair:{number - 1}:candidate"
    sample.events = [
        replace(event, outcome=replace(event.outcome, status=TrialStatus.CRASHED, readings=()))
        if isinstance(event, ev.Measured) and event.purpose == pair else event
        for event in sample.events
    ]  # fmt: skip
    sample.judge(1, Decision.REJECT, "rejected: crashed in a paired run: ValueError")
    sample.move(1, State.REJECTED, reason="rejected: crashed in a paired run: ValueError")
    return sample


def test_a_loser_has_its_pairs_and_time_whatever_its_verdict_says() -> None:
    """A verdict on a crash has no pairs; they were measured all the same."""
    state = crashed_in_pair(5).state()
    verdict = state.last(1).verdict
    assert verdict is not None and verdict.pairs == 0
    (loser,) = losers(state)
    searched = sum(
        outcome.resources.wall_s for (purpose, _, _), outcome in state.last(1).measured.items() if purpose == "search"
    )
    assert (loser.pairs, loser.wall_s) == (5, pytest.approx(searched + 5 * 2 * 2.0))
    assert {bill.who: bill.pairs for bill in bills(state)} == {
        "seed": 0,
        "recorded": 5,
        "all": 5,
        "of which not adopted": 5,
    }


def test_what_the_losers_cost_is_the_last_bill() -> None:
    state = whole_run().state()
    lost = losers(state)
    bill = bills(state)[-1]
    assert bill.wall_s == pytest.approx(sum(loser.wall_s for loser in lost)) and bill.wall_s > 0
    assert bill.attempts == len(lost)


@pytest.mark.parametrize(
    ("state", "decision", "said", "words"),
    [
        (State.PARKED, Decision.INDECISIVE, "parked: 2 % faster, 20 pairs", "2 % faster, 20 pairs"),
        (State.REJECTED, Decision.REJECT, "rejected as worse: 5 % slower", "as worse: 5 % slower"),
        (State.REJECTED, Decision.REJECT, "rejected: no better than v0", "no better than v0"),
    ],
)
def test_what_the_badge_says_is_not_said_twice(state: State, decision: Decision, said: str, words: str) -> None:
    sample = seed_only()
    sample.propose(1)
    sample.move(1, State.CHECKED)
    sample.measure(1, 9.9, 36)
    sample.move(1, State.TRIED)
    sample.judge(1, decision, said)
    sample.move(1, state, reason=said)
    (loser,) = losers(sample.state())
    assert loser.words == words


def test_what_never_ran_cost_no_measurement() -> None:
    sample = seed_only()
    sample.propose(1)
    sample.events.append(ev.Moved(trial=1, attempt=0, to=State.REFUSED, reason="the same program as t0"))
    (loser,) = losers(sample.state())
    assert (loser.pairs, loser.wall_s) == (0, 0.0)
