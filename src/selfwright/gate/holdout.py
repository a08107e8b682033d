"""The holdout: measured only for a would-be adoption, and answered without a number: it passes, fails or is worse."""

from collections.abc import Sequence

from selfwright.core.metric import Effect, Metric, Objective
from selfwright.core.trial import Reading
from selfwright.gate.exact import broken_constraint, metric_named
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
