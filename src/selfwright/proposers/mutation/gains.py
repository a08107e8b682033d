"""What each kind of edit has gained so far: the pulls from which ``proposers.bandit`` picks the next kind."""

from collections.abc import Iterable, Sequence

from selfwright.core.brief import Brief, Past
from selfwright.core.metric import Metric
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision
from selfwright.proposers.bandit import Pull
from selfwright.proposers.label import label

FAILED_BEFORE = 3


def pulls(
    name: str, kinds: Iterable[str], fast: Iterable[str], brief: Brief, start: Past, window: Sequence[Past]
) -> list[Pull]:
    """Return a pull for every trial of a proposer, oldest first: 1 where it gained, else 0.

    Where the objective is noisy, as a time is, kinds that make programs faster are thought to have gained once before,
    and all others to have failed a few times.

    Args:
        name: Of the proposer whose labels count.
        fast: The kinds that make programs faster.
    """
    objective = objective_of(brief)
    kinds, fast = tuple(kinds), frozenset(fast)
    found: list[Pull] = []
    if objective.noisy:
        found += [Pull(arm=kind, gain=1.0) for kind in kinds if kind in fast]
        found += [Pull(arm=kind, gain=0.0) for kind in kinds if kind not in fast] * FAILED_BEFORE
    by_label = {label(name, kind): kind for kind in kinds}
    tried = {"v0": start, "seed": start}
    for past in window:
        tried[past.trial] = past
        if past.version is not None:
            tried[f"v{past.version}"] = past
        if kind := by_label.get(past.proposer):
            parent = tried.get(past.parents[0]) if past.parents else None
            found.append(Pull(arm=kind, gain=float(_gained(past, parent, brief, objective))))
    return found


def objective_of(brief: Brief) -> Metric:
    """Return the metric that counts."""
    return next(metric for metric in brief.metrics if metric.name == brief.objective.metric)


def _gained(past: Past, parent: Past | None, brief: Brief, objective: Metric) -> bool:
    """Whether it was adopted, or is valid and, where luck has no part in it, better than its parent."""
    if past.decision is Decision.ADOPT:
        return True
    metric = objective.name
    if objective.noisy or parent is None or past.status is not TrialStatus.OK or metric not in past.metrics:
        return False
    conditions = [each for each in brief.objective.constraints if each.metric in past.metrics]
    if not all(each.holds(past.metrics[each.metric]) for each in conditions):
        return False
    return metric in parent.metrics and objective.is_better(past.metrics[metric], parent.metrics[metric])
