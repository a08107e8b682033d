from __future__ import annotations

import pytest

from selfwright.core.lifecycle import State
from selfwright.core.metric import Condition
from selfwright.core.milestone import Phase, Span
from selfwright.views.leaderboard import versions_table
from selfwright.views.milestones import current_phase, phase_standings, success_standings, tier_reached
from tests.report.sample import FACTS, Sample, seed_only, whole_run
from tests.views.test_leaderboard import adopted_by_pairs


def test_the_last_tier_whose_condition_holds() -> None:
    names = [
        tier.name if (tier := tier_reached(FACTS.tiers, {"bitrate_mbps": value})) else None
        for value in (9, 5, 2.9, 0.9)
    ]
    assert names == [None, "50 % below 10 Mbps", "70 % below 10 Mbps", "90 % below 10 Mbps"]
    assert tier_reached(FACTS.tiers, {}) is None


def test_success_says_what_is_met_with_the_numbers() -> None:
    first, last = success_standings(whole_run().state(), FACTS.success)
    assert [str(criterion) for criterion in first.criteria] == [
        "trials: 25 (at least 20): met",
        "version: v11 (at least v5): met",
        "bitrate_mbps: 1.25 (< 10): met",
        "tool uses: 0 recorded (at least 1): not met",
    ]
    assert [str(criterion) for criterion in last.criteria] == [
        "trials: 25 (at least 100): not met",
        "bitrate_mbps: 1.25 (< 2): met",
        "self-healings: 0 recorded (at least 2): not met",
        "unattended: 1 submitted by hand, 1 waiting for a person (none): not met",
        "novel technique: nobody has judged it (one): not counted in this run",
    ]
    assert not first.met
    assert not last.met


def test_what_the_table_shows_is_what_a_condition_is_held_against() -> None:
    state = adopted_by_pairs(seed_only()).state()
    (standing,) = success_standings(state, FACTS.success[:1])
    value = versions_table(state)[-1].metrics["bitrate_mbps"]
    assert str(standing.criteria[2]) == f"bitrate_mbps: {value:g} (< 10): not met"


def test_what_is_not_counted_is_not_met() -> None:
    (standing,) = success_standings(seed_only().state(), FACTS.success[1:])
    assert [criterion.met for criterion in standing.criteria] == [False, False, False, True, None]


def test_a_trial_that_waits_for_a_person_is_not_unattended() -> None:
    sample = seed_only()
    sample.propose(1)
    sample.move(1, State.FAILED, State.NEEDS_PERSON)
    (standing,) = success_standings(sample.state(), FACTS.success[1:])
    assert str(standing.criteria[3]) == "unattended: 0 submitted by hand, 1 waiting for a person (none): not met"


def test_phases_are_judged_by_what_was_adopted_by_their_end() -> None:
    baseline, motion, novel = phase_standings(whole_run().state(), FACTS.phases)
    assert [criterion.found for criterion in baseline.criteria] == ["25", "v3", "4.4"]  # not v11, which came later
    assert [str(criterion) for criterion in motion.criteria] == [
        "trials: 25 (6-30): met", "version: v11 (v4-v7): met", "bitrate_mbps: 1.25 (<= 2): met",
    ]  # fmt: skip
    assert [each.met for each in (baseline, motion, novel)] == [True, True, False]
    assert [each.current for each in (baseline, motion, novel)] == [False, True, False]


def test_before_the_first_trial_it_is_the_first_phase() -> None:
    now = current_phase(seed_only().state(), FACTS.phases)
    assert now is FACTS.phases[0]


def test_beyond_the_last_phase_there_is_none() -> None:
    phase = Phase(
        name="one", trials=Span.parse("1-3"), versions=Span.parse("v1"), target=Condition.parse("bitrate_mbps < 1")
    )
    assert current_phase(whole_run().state(), (phase,)) is None


@pytest.mark.parametrize("metric", ["bitrate_mbps", "unknown"])
def test_a_run_without_versions_meets_nothing(metric: str) -> None:
    sample = Sample()
    sample.open()
    phase = Phase(
        name="one", trials=Span.parse("1"), versions=Span.parse("v0"), target=Condition.parse(f"{metric} < 1")
    )
    (standing,) = phase_standings(sample.state(), (phase,))
    assert [(criterion.found, criterion.met) for criterion in standing.criteria] == [
        ("0", False),
        ("none", False),
        ("none", False),
    ]
