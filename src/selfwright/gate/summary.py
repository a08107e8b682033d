"""From readings to one number a metric, and whether two runs agree to the bit."""

from collections.abc import Sequence
from statistics import median

from selfwright.core.metric import Metric
from selfwright.core.trial import Reading


def per_case(metric: Metric, readings: Sequence[Reading]) -> dict[str, float]:
    """Return case → value: the median of the samples."""
    return {
        reading.case: median(reading.metrics[metric.name]) for reading in readings if metric.name in reading.metrics
    }


def summarise(metrics: Sequence[Metric], readings: Sequence[Reading]) -> dict[str, float]:
    """Return metric → aggregate over the cases; a metric without a value is left out."""
    table = {metric.name: list(per_case(metric, readings).values()) for metric in metrics}
    return {metric.name: metric.combine(table[metric.name]) for metric in metrics if table[metric.name]}


def disagreement(metrics: Sequence[Metric], first: Sequence[Reading], second: Sequence[Reading]) -> str | None:
    """Return None where two runs agree to the bit on every metric that is not noisy, else a sentence.

    The sentence names the first metric and case that differ, with both values.
    """
    again = {reading.case: reading for reading in second}
    for metric in metrics:
        for reading in [] if metric.noisy else first:
            one = reading.metrics.get(metric.name)
            other = again[reading.case].metrics.get(metric.name) if reading.case in again else None
            if one != other:
                where = f" of case {reading.case}" if reading.case else ""
                return f"{metric.name}{where} was {_show(one)} in one run and {_show(other)} in the next"
    return None


def _show(samples: Sequence[float] | None) -> str:
    return "missing" if samples is None else ", ".join(repr(sample) for sample in samples)
