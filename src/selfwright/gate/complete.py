"""The denominator never shrinks: what the seed was measured on, every candidate is measured on.

A judge that leaves out a case where a program did badly would make the mean better (fault 6 of the specification).
"""

from collections.abc import Sequence
from dataclasses import replace

from selfwright.core.metric import Metric
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading


def complete(outcome: Outcome, reference: Outcome | None, metrics: Sequence[Metric]) -> Outcome:
    """Return an outcome that has every (case, metric) of the seed's, and no other.

    What is missing takes the metric's ``worst_value``; without one, or with a case that the seed did not have, the
    outcome is invalid and says so.

    Args:
        reference: The seed's outcome of the same item; None while the seed itself is measured.
    """
    if reference is None or outcome.status is not TrialStatus.OK or reference.status is not TrialStatus.OK:
        return outcome
    found = {reading.case: reading for reading in outcome.readings}
    more = [case for case in found if case not in {reading.case for reading in reference.readings}]
    if more:
        return _invalid(outcome, f"the judge reported case {more[0]!r}, which it did not report for the seed")
    worst = {metric.name: metric.worst_value for metric in metrics}
    readings = []
    for wanted in reference.readings:
        values = dict(found[wanted.case].metrics) if wanted.case in found else {}
        for name in wanted.metrics:
            value = worst.get(name)
            if name not in values and value is None:
                return _invalid(
                    outcome, f"the judge reported no {name} for case {wanted.case!r}, as it did for the seed"
                )
            if name not in values and value is not None:
                values[name] = (value,)
        readings.append(Reading(case=wanted.case, metrics=values))
    return replace(outcome, readings=tuple(readings))


def _invalid(outcome: Outcome, reason: str) -> Outcome:
    return replace(outcome, status=TrialStatus.INVALID, reason=reason, readings=())
