"""The holdout: measured only for a would-be adoption, and only ever answered with pass or fail."""

from collections.abc import Sequence

from selfwright.core.metric import Effect, Metric, Objective
from selfwright.core.trial import Reading
from selfwright.gate.exact import broken_constraint, metric_named
from selfwright.gate.summary import per_case, summarise


def passes(
    metrics: Sequence[Metric], objective: Objective, *, candidate: Sequence[Reading], incumbent: Sequence[Reading],
    tolerance: Effect,
) -> bool:  # fmt: skip
    """Whether the aggregate is not worse, no constraint breaks and no case is worse by more than the tolerance."""
    metric = metric_named(metrics, objective.metric)
    if broken_constraint(objective, summarise(metrics, candidate)):
        return False
    new, old = per_case(metric, candidate), per_case(metric, incumbent)
    if new.keys() != old.keys():
        return False
    if metric.gain(metric.combine(list(new.values())), metric.combine(list(old.values()))) < 0:
        return False
    losses = [(-metric.gain(new[case], old[case]), abs(old[case])) for case in new]
    return all(loss <= tolerance.amount * (size if tolerance.relative else 1.0) for loss, size in losses)
