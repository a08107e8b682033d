"""The gate for deterministic metrics: constraints first, then an exact comparison against the minimum effect."""

from collections.abc import Mapping, Sequence

from selfwright.core.metric import Metric, Objective
from selfwright.core.verdict import Decision, Verdict


def metric_named(metrics: Sequence[Metric], name: str) -> Metric:
    """Return the metric of that name."""
    return next(metric for metric in metrics if metric.name == name)


def broken_constraint(objective: Objective, values: Mapping[str, float]) -> str | None:
    """Return None where every constraint holds, else a sentence naming the first that does not."""
    for condition in objective.constraints:
        value = values.get(condition.metric)
        if value is None:
            return f"{condition.metric} is missing, so the constraint {condition} can not be checked"
        if not condition.holds(value):
            return f"{condition.metric} is {value:.6g}, which breaks the constraint {condition}"
    return None


def describe_gain(metric: Metric, value: float, incumbent: float) -> str:
    """Return ``34.0 % better`` or ``0.31 dB worse``: in percent where the scale allows it."""
    gain = metric.gain(value, incumbent)
    if incumbent > 0 and value > 0:
        return in_percent(gain / incumbent)
    return f"{abs(gain):.4g} {metric.unit} {'better' if gain >= 0 else 'worse'}".replace("  ", " ")


def in_percent(gain: float) -> str:
    """Return ``34 % better`` or ``3 % worse``, of a gain as a fraction of the incumbent's value."""
    return f"{abs(gain) * 100:.3g} % {'better' if gain >= 0 else 'worse'}"


def judge_exact(
    metrics: Sequence[Metric], objective: Objective, *, candidate: Mapping[str, float], incumbent: Mapping[str, float],
    name: str,
) -> Verdict:  # fmt: skip
    """Compare two deterministic measurements.

    Args:
        metrics: All metrics of the problem.
        objective: What is compared, under which constraints, by at least how much.
        candidate: Metric → aggregate.
        incumbent: Metric → aggregate.
        name: What the incumbent is called, e.g. ``v2``.

    Returns:
        Adopt or reject; an exact comparison is never indecisive.
    """
    metric = metric_named(metrics, objective.metric)
    value, held = candidate[metric.name], incumbent[metric.name]
    against = f"{describe_gain(metric, value, held)} than {name} ({held:.6g})"
    told = f"{metric.name} {value:.6g} {metric.unit}".rstrip()
    summary = f"{told}, {against}"
    broken = broken_constraint(objective, candidate)
    if broken:
        decision, sentence = Decision.REJECT, f"rejected: {broken} ({summary})"
    elif objective.minimum_effect.reached(metric.gain(value, held), held):
        decision, sentence = Decision.ADOPT, f"adopted: {summary}"
    elif metric.gain(value, held) > 0:
        decision = Decision.REJECT
        sentence = f"rejected: {summary}, less than the minimum effect of {objective.minimum_effect}"
    elif value == held:
        decision, sentence = Decision.REJECT, f"rejected: the same as {name}: {told}"
    else:
        decision, sentence = Decision.REJECT, f"rejected: not better than {name}: {summary}"
    return Verdict(decision=decision, sentence=sentence, metric=metric.name, candidate=value, incumbent=held)
