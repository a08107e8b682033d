from __future__ import annotations

from dataclasses import replace

import pytest

from selfwright.core import event as ev
from selfwright.core.lifecycle import State
from selfwright.core.metric import Better, Effect, Metric
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.core.verdict import Decision, Verdict
from selfwright.gate.summary import summarise
from selfwright.views.leaderboard import aggregates, gain, valid_aggregates, versions_table
from selfwright.views.run import public_readings
from tests.report.sample import FACTS, METRICS, Sample, seed_only, whole_run


def test_rows_are_the_versions_with_what_the_fold_has() -> None:
    state = whole_run().state()
    rows = versions_table(state, FACTS.tiers)
    assert [(row.version, row.trial) for row in rows[:4]] == [(0, 0), (1, 1), (2, 2), (3, 4)]
    assert rows[3].metrics == summarise(METRICS, public_readings(state, state.last(4)))
    assert [rows[n].found_by for n in (0, 1, 11)] == ["seed", "recorded, structure", "numeric, tuning"]
    assert [rows[n].tier for n in (0, 3, 11)] == [None, "50 % below 10 Mbps", "70 % below 10 Mbps"]
    assert rows[1].commit == state.versions[1].commit


def test_gains_over_the_version_before_and_over_the_seed() -> None:
    rows = versions_table(whole_run().state())
    assert (rows[0].previous, rows[0].total) == (None, None)
    assert (str(rows[2].previous), str(rows[2].total)) == ("+25.3 %", "+35.0 %")
    assert rows[2].total
    assert rows[2].total.change == pytest.approx(-rows[2].total.amount)


def test_a_gain_is_absolute_where_zero_is_crossed() -> None:
    quality = Metric(name="bd_rate_db", unit="dB", better=Better.HIGHER)
    assert str(gain(quality, 0.3, -0.2)) == "+0.5 dB"
    assert str(gain(quality, -0.2, 0.3)) == "-0.5 dB"
    assert str(gain(Metric(name="s", unit="s"), 2.0, 4.0)) == "+50.0 %"


def adopted_by_pairs(sample: Sample) -> Sample:
    """Two versions, each a fifth lower than the one before it beside it, in cases of different size."""
    for trial in (1, 2):
        sample.propose(trial)
        sample.move(trial, State.CHECKED)
        sample.measure(trial, 9.9, 36)  # by themselves they look alike
        sample.move(trial, State.TRIED)
        cases = sample.state().run.cases["full"]
        for index in range(12):
            case = cases[index % len(cases)]
            for side, value in (("candidate", 4.0), ("incumbent", 5.0)):
                metrics = {"bitrate_mbps": (value * 10 ** cases.index(case),)}
                outcome = Outcome(status=TrialStatus.OK, readings=(Reading(case=case, metrics=metrics),))
                purpose = f"freshpair:{index}:{side}"
                sample.events.append(
                    ev.Measured(trial=trial, attempt=0, purpose=purpose, stage="full", case=case, outcome=outcome)
                )
        verdict = Verdict(decision=Decision.ADOPT, sentence="adopted", metric="bitrate_mbps", pairs=20, gain=0.5)
        sample.events.append(ev.Judged(trial=trial, attempt=0, verdict=verdict))
        sample.adopt(trial, 0, trial)
    return sample


def test_the_fresh_pairs_speak_for_a_noisy_objective() -> None:
    rows = versions_table(adopted_by_pairs(seed_only()).state())
    assert [str(row.previous) for row in rows[1:]] == ["+20.0 %", "+20.0 %"]
    assert [str(row.total) for row in rows[1:]] == ["+20.0 %", "+36.0 %"]


def test_the_values_of_a_version_are_those_that_its_gain_is_of() -> None:
    sample = adopted_by_pairs(seed_only())
    state = sample.state()
    names = [row.metrics["bitrate_mbps"] for row in versions_table(state)]
    assert names == pytest.approx([5.0 * 37, 4.0 * 37, 4.0 * 37])  # v0 as it was beside v1; the cases are 1, 10 and 100
    assert aggregates(state, state.last(1))["bitrate_mbps"] == pytest.approx(9.9)
    alone = versions_table(seed_only().state())
    assert [row.metrics["bitrate_mbps"] for row in alone] == pytest.approx([9.31])


def test_differences_of_fresh_pairs_add_up() -> None:
    sample = seed_only()
    opened = sample.events[0]
    assert isinstance(opened, ev.RunOpened)
    sample.events[0] = replace(opened, objective=replace(opened.objective, minimum_effect=Effect.parse("0.1 Mbps")))
    cases = opened.cases["full"]
    rows = versions_table(adopted_by_pairs(sample).state())
    typical = 10.0 ** cases.index(cases[len(cases) // 2])
    assert [(row.previous.amount, row.previous.change) for row in rows[1:] if row.previous] == [(typical, -typical)] * 2
    assert [str(row.total) for row in rows[1:]] == [f"+{typical:g} Mbps", f"+{2 * typical:g} Mbps"]


def test_only_a_whole_measurement_can_be_compared() -> None:
    state = whole_run().state()
    assert valid_aggregates(state, state.last(6))  # breaks a constraint, but was measured in full
    assert [valid_aggregates(state, state.last(trial)) for trial in (3, 9, 25, 26)] == [None] * 4
    failed = seed_only()
    failed.propose(1)
    failed.measure(1, 1.0, 36)
    last = failed.events.pop()
    assert isinstance(last, ev.Measured)
    failed.events.append(replace(last, outcome=Outcome(status=TrialStatus.CRASHED)))  # of many cases, the last one
    assert valid_aggregates(failed.state(), failed.state().last(1)) is None
    partly = seed_only()
    partly.propose(1)
    partly.measure(1, 1.0, 36)
    del partly.events[-1]  # the last case of the last stage is still to come
    assert valid_aggregates(partly.state(), partly.state().last(1)) is None
