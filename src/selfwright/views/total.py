"""What all versions gained together, with what is known of how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from selfwright.core.metric import Better, Metric
from selfwright.core.verdict import PairedGain
from selfwright.gate.exact import metric_named
from selfwright.views.comparison import fresh_gain
from selfwright.views.leaderboard import versions_table
from selfwright.views.run import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class TotalGain:
    """By how much the best version is better than the seed.

    Attributes:
        gain: Positive is better; a fraction of the seed's value when ``relative``, else in the metric's unit.
        low: Least end of the interval; where the metric is exact the same as ``gain``.
        high: Greatest end of it.
        confidence: In how many cases of 1 the interval holds the true gain, at least; 1 where the metric is exact.
        pairs: Of fresh measurements that say so, in all steps; 0 where the metric is exact.
        steps: Versions on the way.
        word: What more or less of it is: ``less time``, ``higher``.
    """

    gain: float
    low: float
    high: float
    confidence: float
    pairs: int
    steps: int
    relative: bool
    unit: str
    word: str

    def __str__(self) -> str:
        """Return ``97.8 % less time (95 % interval 97.6 % to 98 %, 12 pairs)``."""
        steps = f" in {self.steps} steps" if self.steps > 1 else ""
        said = f"{self._show(self.gain)} {self.word}{steps}"
        if not self.pairs:
            return f"{said} (exact)"
        return (
            f"{said} ({self.confidence * 100:.3g} % interval {self._show(self.low)} to {self._show(self.high)}, "
            f"{self.pairs} pairs)"
        )

    def _show(self, value: float) -> str:
        return f"{value * 100:.3g} %" if self.relative else f"{value:.4g} {self.unit}".rstrip()


def total_gain(state: RunState) -> TotalGain | None:
    """Return what all versions gained together; None where nothing was adopted, or a step had no pairs.

    Each step has an interval that holds its true gain in 95 of 100 cases, so that all of them do in 100 - 5 n (Boole's
    inequality); where they do, the steps one after the other lie between the ends one after the other.
    """
    metric = metric_named(state.run.metrics, state.run.objective.metric)
    steps = len(state.versions) - 1
    if steps < 1:
        return None
    if not metric.noisy:
        total = versions_table(state)[-1].total
        if total is None:
            return None
        return TotalGain(
            gain=total.amount, low=total.amount, high=total.amount, confidence=1.0, pairs=0, steps=steps,
            relative=total.relative, unit=metric.unit, word=_word(metric),
        )  # fmt: skip
    gains = [fresh_gain(state, state.last(version.trial)) for version in state.versions[1:]]
    known = [each for each in gains if each is not None]
    if len(known) < steps:
        return None
    return chained(metric, known)


def chained(metric: Metric, gains: Sequence[PairedGain]) -> TotalGain:
    """Return the gains of several steps, at least one, as one."""
    gain, low, high = (
        _chain(metric, gains, ends) for ends in zip(*((each.gain, each.low, each.high) for each in gains), strict=True)
    )
    return TotalGain(
        gain=gain, low=low, high=high, confidence=max(0.0, 1.0 - 0.05 * len(gains)),
        pairs=sum(each.pairs for each in gains), steps=len(gains), relative=gains[0].relative, unit=metric.unit,
        word=_word(metric),
    )  # fmt: skip


def _word(metric: Metric) -> str:
    if metric.better is Better.HIGHER:
        return "higher"
    return "less time" if metric.unit in ("s", "ms", "us") else "lower"


def _chain(metric: Metric, gains: Sequence[PairedGain], amounts: Sequence[float]) -> float:
    """Return several gains one after the other."""
    if not gains[0].relative:
        return math.fsum(amounts)
    sign = -1.0 if metric.better is Better.LOWER else 1.0
    return sign * (math.prod(1.0 + sign * each for each in amounts) - 1.0)
