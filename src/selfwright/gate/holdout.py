"""The holdout: measured only for a would-be adoption, and answered without a number: it passes, fails or is worse.

What is exact is compared once; what is noisy by pairs of its own, with which nothing is adopted.
"""

from collections.abc import Sequence

from selfwright.core.metric import Effect, Metric, Objective
from selfwright.core.trial import Reading
from selfwright.gate.exact import broken_constraint, metric_named
from selfwright.gate.pairs import REJECT_AT, Weighed, as_difference
from selfwright.gate.summary import per_case, summarise

FAILS = "it fails on the held-out cases"
WORSE = "it is worse on the held-out cases than the best"


def objection(
    metrics: Sequence[Metric], objective: Objective, *, candidate: Sequence[Reading], incumbent: Sequence[Reading],
    tolerance: Effect,
) -> str | None:  # fmt: skip
    """Return None where it passes: no constraint breaks, the aggregate is not worse, no case beyond the tolerance.

    What does not pass gets ``FAILS`` or ``WORSE``; which case, or by how much, would let a search tune to the holdout.
    """
    metric = metric_named(metrics, objective.metric)
    if broken_constraint(objective, summarise(metrics, candidate)):
        return FAILS
    new, old = per_case(metric, candidate), per_case(metric, incumbent)
    if new.keys() != old.keys():
        return FAILS
    if metric.gain(metric.combine(list(new.values())), metric.combine(list(old.values()))) < 0:
        return WORSE
    losses = [(-metric.gain(new[case], old[case]), abs(old[case])) for case in new]
    held = all(loss <= tolerance.amount * (size if tolerance.relative else 1.0) for loss, size in losses)
    return None if held else WORSE


SIX = 6
"""Least number of pairs that may say anything of a case: by luck all of them fall on one side in one of 32."""


def objection_in_pairs(weighed: Weighed, tolerance: Effect) -> str | None:
    """Return ``WORSE`` where pairs of a noisy objective show that it is worse, else None: luck alone fails nobody.

    Worse is what the e-process of the pairs says so, or their interval, or that of one case with ``SIX`` pairs beyond
    the tolerance.
    """
    if weighed.worse >= REJECT_AT:
        return WORSE
    found = weighed.gain()
    if found is not None and found.pairs >= SIX and found.high < 0:
        return WORSE
    slack = as_difference(weighed.metric, tolerance) if tolerance.relative is weighed.by_ratio else 0.0
    lost = any(len(each) >= SIX and max(each) < -slack for each in weighed.differences.values())
    return WORSE if lost else None
