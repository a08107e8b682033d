"""The gate for noisy metrics: a sequential test on interleaved pairs, which may be looked at after every pair.

If the candidate is no better, the log ratio ``d = log(incumbent) - log(candidate)`` of a pair whose order a coin
decided is symmetric about zero or below. Then ``exp(l x) / cosh(l x)`` with ``x = clip(d / scale, -1, 1)`` has mean
<= 1, and the product over pairs is an e-process (symmetry martingale: de la Pena 1999; e-processes: Ramdas, Grunwald,
Vovk, Shafer 2023). It is mixed over a grid of ``l``. Simulated in ``shared/design/gate.md``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from selfwright.core.metric import Better, Metric, Objective
from selfwright.core.verdict import Decision, PairedGain, Verdict
from selfwright.gate.exact import in_percent

GRID = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
ALPHA = 0.05
REJECT_AT = 20.0
"""E at which a candidate is given up, as worse or as not better by the minimum effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two measurements made one after the other; both positive, in the metric's unit."""

    candidate: float
    incumbent: float


def evidence(differences: Sequence[float]) -> float:
    """Return E for "the differences are shifted above zero".

    Args:
        differences: Log ratios, positive where the candidate was better, in the order in which they were taken.
    """
    if not differences:
        return 1.0
    logs = [0.0] * len(GRID)
    for index, difference in enumerate(differences):
        earlier = [abs(value) for value in differences[:index]]
        scale = max(1.48 * median(earlier), 1e-9) if index >= 4 else 0.05
        x = min(1.0, max(-1.0, difference / scale))
        logs = [total - math.log1p(math.expm1(-2 * slope * x) / 2) for total, slope in zip(logs, GRID, strict=True)]
    top = max(logs)
    return math.exp(min(700.0, top + math.log(sum(math.exp(value - top) for value in logs) / len(GRID))))


def threshold(comparison: int, adopted: int) -> float:
    """Return the E at which comparison number ``comparison`` (from 1) adopts: e-LOND (Xu and Ramdas 2024).

    The first 200 comparisons share half of alpha, the next 400 a quarter, the next 800 an eighth, and so on; so the
    false discovery rate of the whole run stays below ``ALPHA`` under any dependence.

    Args:
        adopted: Noisy adoptions so far.
    """
    share, count = 0.5, 200
    while comparison > count:
        comparison, share, count = comparison - count, share / 2, count * 2
    return 1.0 / (ALPHA * share / count * (adopted + 1))


def judge_pairs(
    metric: Metric, objective: Objective, pairs: Sequence[Pair], *, needed: float, max_pairs: int, name: str
) -> Verdict | None:
    """Return a verdict once the pairs allow one, else None: measure another pair.

    Args:
        metric: The objective's metric; its values must be positive.
        needed: ``threshold(...)`` of this comparison.
        max_pairs: Where it is parked as indecisive.
        name: What the incumbent is called.
    """
    differences = _differences(metric, pairs)
    wanted = _log_ratio(metric, objective.minimum_effect.amount) if objective.minimum_effect.relative else 0.0
    better = evidence_of(metric, pairs)
    typical = median(differences) if differences else 0.0
    gain = _gain(metric, typical)
    summary = (
        f"{metric.name}: {in_percent(gain)} than {name}, {len(pairs)} pairs, E {better:.4g} of {needed:.4g} needed"
    )

    def verdict(decision: Decision, words: str) -> Verdict:
        return Verdict(
            decision=decision, sentence=f"{words}: {summary}", metric=metric.name, pairs=len(pairs), evidence=better,
            gain=gain,
        )  # fmt: skip

    if not pairs and not max_pairs:
        return Verdict(
            decision=Decision.INDECISIVE, sentence="parked: no pair in which both ran", metric=metric.name
        )  # fmt: skip
    if better >= needed and typical >= wanted:
        return verdict(Decision.ADOPT, "adopted")
    if is_worse(metric, pairs):
        return verdict(Decision.REJECT, "rejected as worse")
    if evidence([wanted - difference for difference in differences]) >= REJECT_AT:
        return verdict(Decision.REJECT, f"rejected: not better by {objective.minimum_effect}")
    if len(pairs) >= max_pairs:
        return verdict(Decision.INDECISIVE, "parked")
    return None


def paired_gain(metric: Metric, pairs: Sequence[Pair]) -> PairedGain | None:
    """Return the median gain of these pairs and its interval, or None where there is no pair.

    The interval lies between two order statistics (sign test; below six pairs it is all that was seen, and holds less).
    """
    differences = sorted(_differences(metric, pairs))
    if not differences:
        return None
    count, outside, tail = len(differences), 0, 2.0 ** -len(differences)
    while tail <= 0.025:  # tail: the chance that at most ``outside`` of ``count`` fair coins show heads
        outside += 1
        tail += math.comb(count, outside) * 2.0**-count
    least = max(0, outside - 1)
    typical, low, high = median(differences), differences[least], differences[count - 1 - least]
    return PairedGain(
        pairs=count, gain=_gain(metric, typical), low=_gain(metric, low), high=_gain(metric, high)
    )  # fmt: skip


def evidence_of(metric: Metric, pairs: Sequence[Pair]) -> float:
    """Return E for "the candidate is better"."""
    return evidence(_differences(metric, pairs))


def is_worse(metric: Metric, pairs: Sequence[Pair]) -> bool:
    """Whether the pairs show that the candidate is worse, at E >= 20."""
    return evidence([-difference for difference in _differences(metric, pairs)]) >= REJECT_AT


def _differences(metric: Metric, pairs: Sequence[Pair]) -> list[float]:
    sign = 1.0 if metric.better is Better.LOWER else -1.0
    return [sign * (math.log(pair.incumbent) - math.log(pair.candidate)) for pair in pairs]


def _gain(metric: Metric, difference: float) -> float:
    """Return a log ratio as a gain, the same fraction of the incumbent's value as in an exact comparison."""
    return -math.expm1(-difference) if metric.better is Better.LOWER else math.expm1(difference)


def _log_ratio(metric: Metric, gain: float) -> float:
    """Return a gain as a log ratio. Nothing positive is lower by the whole: that is cut to what can be written."""
    return -math.log1p(-min(gain, 1.0 - 1e-9)) if metric.better is Better.LOWER else math.log1p(gain)
