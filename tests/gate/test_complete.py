"""The denominator never shrinks: a case that the judge left out is not forgotten."""

from selfwright.core.metric import Metric
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.gate.complete import complete

METRICS = (Metric(name="score"), Metric(name="time", worst_value=9.0))


def outcome(**cases: dict[str, float]) -> Outcome:
    readings = tuple(
        Reading(case=case, metrics={name: (value,) for name, value in values.items()}) for case, values in cases.items()
    )
    return Outcome(status=TrialStatus.OK, readings=readings)


SEED = outcome(a={"score": 1.0, "time": 1.0}, b={"score": 2.0, "time": 1.0})


def test_what_is_complete_stays_as_it_is():
    found = outcome(a={"score": 3.0, "time": 2.0}, b={"score": 4.0, "time": 2.0})
    assert complete(found, SEED, METRICS) == found
    assert complete(found, None, METRICS) == found


def test_a_missing_case_makes_it_invalid():
    found = complete(outcome(a={"score": 0.1, "time": 1.0}), SEED, METRICS)
    assert (found.status, found.readings) == (TrialStatus.INVALID, ())
    assert "no score for case 'b'" in found.reason


def test_a_metric_with_a_worst_value_takes_it():
    found = complete(outcome(a={"score": 1.0}, b={"score": 1.0, "time": 1.0}), SEED, METRICS)
    assert found.readings[0].metrics == {"score": (1.0,), "time": (9.0,)}


def test_a_case_too_many_would_change_the_denominator_too():
    found = complete(
        outcome(a={"score": 1.0, "time": 1.0}, b={"score": 1.0, "time": 1.0}, c={"score": 0.0}), SEED, METRICS
    )
    assert found.status is TrialStatus.INVALID and "'c'" in found.reason


def test_a_failure_stays_what_it_was():
    failed = Outcome(status=TrialStatus.CRASHED, reason="boom")
    assert complete(failed, SEED, METRICS) is failed
