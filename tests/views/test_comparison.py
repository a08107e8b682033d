from __future__ import annotations

import math
from dataclasses import replace

import pytest

from selfwright.core import event as ev
from selfwright.core.lifecycle import State
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.gate.evidence import evidence
from selfwright.views.comparison import comparison, pairs_spent, purpose_of
from tests.report.sample import Sample, seed_only


def compared(pairs: int) -> Sample:
    """Trial 1 beside the seed: in every pair a tenth better; in the third the incumbent crashed."""
    sample = seed_only()
    sample.propose(1)
    sample.move(1, State.CHECKED)
    sample.measure(1, 9.9, 36)
    sample.move(1, State.TRIED)
    cases = sample.state().run.cases["full"]
    for index in range(pairs):
        for side, value in (("candidate", 0.9), ("incumbent", 1.0)):
            reading = Reading(case=cases[index % len(cases)], metrics={"bitrate_mbps": (value,)})
            outcome = Outcome(status=TrialStatus.OK, readings=(reading,))
            if index == 2 and side == "incumbent":
                outcome = Outcome(status=TrialStatus.CRASHED)
            sample.events.append(
                ev.Measured(
                    trial=1, attempt=0, purpose=f"pair:{index}:{side}", stage="full", case=reading.case, outcome=outcome
                )
            )
    return sample


def test_a_comparison_counts_all_pairs_and_weighs_those_in_which_both_ran() -> None:
    state = compared(6).state()
    stands = comparison(state, state.last(1))
    assert (stands.pairs, stands.most, stands.needed) == (6, 200, 8000)
    assert stands.evidence == pytest.approx(evidence([math.log(1 / 0.9)] * 5))
    assert str(stands) == f"pair 6 of at most 200, E = {stands.evidence:.3g} against 8,000"


def test_half_a_pair_is_none() -> None:
    sample = compared(4)
    sample.events.pop()
    state = sample.state()
    assert comparison(state, state.last(1)).pairs == 3


def test_beside_another_version_pairs_have_a_purpose_of_their_own() -> None:
    sample = compared(4)
    state = sample.state()
    first = state.last(1)
    assert [purpose_of(first, version) for version in (0, 1)] == ["pair", "pair2"]
    first.rivals.append(3)
    assert [purpose_of(first, version) for version in (0, 3, 5)] == ["pair", "pair2", "pair3"]
    assert pairs_spent(first) == 4
    beside = [replace(event, purpose=event.purpose.replace("pair:", "pair2:")) for event in sample.events[-8:]]
    sample.events += beside[:2]
    assert pairs_spent(sample.state().last(1)) == 5
