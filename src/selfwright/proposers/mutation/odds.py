"""Which kind of edit is worth the next trial: what each has gained so far, as gains and failures of a Beta draw."""

from collections.abc import Iterable, Mapping, Sequence

from selfwright.core.brief import Brief, Past
from selfwright.core.metric import Metric
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision
from selfwright.proposers.label import label

Odds = Mapping[str, tuple[float, float]]
"""Kind → gains and failures, with those that it is thought to have had before its first trial."""

PRIOR = (1.0, 3.0)
PRIOR_SPEED = (2.0, 2.0)
"""The same for what makes programs faster, where the objective is noisy, as a time is."""


def odds(
    name: str, kinds: Iterable[str], fast: Iterable[str], brief: Brief, start: Past, window: Sequence[Past]
) -> Odds:
    """Return the odds of the kinds after the trials of a window.

    Args:
        name: Of the proposer whose labels count.
        fast: The kinds that make programs faster.
    """
    objective = next(metric for metric in brief.metrics if metric.name == brief.objective.metric)
    fast = frozenset(fast) if objective.noisy else frozenset()
    found = {kind: list(PRIOR_SPEED if kind in fast else PRIOR) for kind in kinds}
    by_label = {label(name, kind): kind for kind in found}
    tried = {"v0": start, "seed": start}
    for past in window:
        tried[past.trial] = past
        if past.version is not None:
            tried[f"v{past.version}"] = past
        if kind := by_label.get(past.proposer):
            parent = tried.get(past.parents[0]) if past.parents else None
            found[kind][not _gained(past, parent, brief, objective)] += 1
    return {kind: (gains, failures) for kind, (gains, failures) in found.items()}


def best_of(brief: Brief, tried: Iterable[Past], most: int) -> list[str]:
    """Return the names of the best valid trials, the best first; of equal ones the earlier."""
    metric = next(each for each in brief.metrics if each.name == brief.objective.metric)
    valid = [past for past in tried if _is_valid(past, brief)]
    return [past.trial for past in sorted(valid, key=lambda past: -metric.gain(past.metrics[metric.name], 0.0))[:most]]


def _is_valid(past: Past, brief: Brief) -> bool:
    objective = brief.objective
    if past.status is not TrialStatus.OK or objective.metric not in past.metrics:
        return False
    return all(each.holds(past.metrics[each.metric]) for each in objective.constraints if each.metric in past.metrics)


def _gained(past: Past, parent: Past | None, brief: Brief, objective: Metric) -> bool:
    """Whether it was adopted, or is valid and, where luck has no part in it, better than its parent."""
    if past.decision is Decision.ADOPT:
        return True
    if objective.noisy or parent is None or not _is_valid(past, brief) or objective.name not in parent.metrics:
        return False
    return objective.is_better(past.metrics[objective.name], parent.metrics[objective.name])
