"""The gate for noisy metrics: a sequential test on interleaved pairs, which may be looked at after every pair.

If the candidate is no better, the difference of a pair whose order a coin decided is symmetric about zero or below,
whatever the machine does meanwhile; ``gate.evidence`` weighs that. A difference is ``log(incumbent) - log(candidate)``,
turned round where higher is better; where the minimum effect is absolute, because zero can be crossed, it is the plain
difference. Three tests run at once: better, worse, and not better by the minimum effect. Simulated in
``benchmarks/test_gate.py``.

A gain is told as in an exact comparison, as a fraction of the incumbent's value: of a time, ``(old - new) / old``.
Hence a gain of m, where lower is better, is a log ratio of ``-log(1 - m)``.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain
from statistics import median

from selfwright.core.count import counted
from selfwright.core.metric import Aggregate, Better, Effect, Metric, Objective
from selfwright.core.verdict import Decision, PairedGain, Verdict
from selfwright.gate.evidence import EProcess

ALPHA = 0.05
REJECT_AT = 20.0
"""E at which a candidate is given up, as worse or as not better by the minimum effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two measurements made one after the other, in the metric's unit; both positive where they are compared by ratio.

    Attributes:
        case: What was measured. Cases are strata: each has noise of its own.
    """

    candidate: float
    incumbent: float
    case: str = ""


class Weighed:
    """The pairs of one comparison and the evidence in them, pair by pair; it may be added to at any later time.

    Attributes:
        wanted: The minimum effect as a difference.
        tried: How many pairs were measured, those too in which the incumbent failed.
        pairs: Those in which both ran.
        differences: Case → what was found in these, in order; above zero the candidate was better.
    """

    def __init__(self, metric: Metric, objective: Objective, pairs: Iterable[Pair | None] = ()) -> None:
        self.metric = metric
        self.objective = objective
        self.tried = 0
        self.pairs: list[Pair] = []
        self.differences: dict[str, list[float]] = {}
        first_scale = 0.05 if self.by_ratio else None
        self._better, self._worse, self._too_little = (EProcess(first_scale=first_scale) for _ in range(3))
        self.wanted = as_difference(metric, objective.minimum_effect)
        for pair in pairs:
            self.add(pair)

    @property
    def by_ratio(self) -> bool:
        """Whether pairs are compared by their ratio, or by their difference."""
        return self.objective.minimum_effect.relative

    @property
    def better(self) -> float:
        """E of "the candidate is better"."""
        return self._better.e

    @property
    def worse(self) -> float:
        """E of "the candidate is worse"."""
        return self._worse.e

    @property
    def too_little(self) -> float:
        """E of "the candidate is not better by the minimum effect"."""
        return self._too_little.e

    def add(self, pair: Pair | None) -> None:
        """Weigh the next pair; None is one in which the incumbent failed, which is evidence for neither."""
        self.tried += 1
        if pair is None:
            return
        self.pairs.append(pair)
        difference = difference_of(self.metric, pair, self.by_ratio)
        self.differences.setdefault(pair.case, []).append(difference)
        self._better.add(difference, pair.case)
        self._worse.add(-difference, pair.case)
        self._too_little.add(self.wanted - difference, pair.case)

    def typical(self) -> float | None:
        """Return the median difference, or None where there is no pair."""
        return median(chain(*self.differences.values())) if self.pairs else None

    def gain(self) -> PairedGain | None:
        """Return the median gain of the pairs and its interval, or None where there is no pair.

        The interval lies between two order statistics (sign test; below six pairs it is all that was seen, and holds
        less).
        """
        metric, ratio = self.metric, self.by_ratio
        differences = sorted(chain(*self.differences.values()))
        if not differences:
            return None
        count, outside, tail = len(differences), 0, 2.0 ** -len(differences)
        while tail <= 0.025:  # tail: the chance that at most ``outside`` of ``count`` fair coins show heads
            outside += 1
            tail += math.comb(count, outside) * 2.0**-count
        least = max(0, outside - 1)
        typical, low, high = (
            as_gain(metric, difference, ratio)
            for difference in (median(differences), differences[least], differences[count - 1 - least])
        )
        return PairedGain(pairs=count, gain=typical, low=low, high=high, relative=ratio)

    def enough(self) -> bool:
        """Whether the gain reaches the minimum effect: of the median pair, and over the cases as the metric aggregates.

        For what is a little faster in most cases and much slower in a few the pairs may well speak, but not its
        aggregate. A candidate's level of a case is the incumbent's median and the median difference of the pairs.
        """
        levels: dict[str, list[float]] = {}
        for pair in self.pairs:
            levels.setdefault(pair.case, []).append(pair.incumbent)
        held = {case: median(values) for case, values in levels.items()}
        found = [
            _moved(self.metric, held[case], median(each), self.by_ratio) for case, each in self.differences.items()
        ]
        if self.metric.aggregate is Aggregate.GEOMEAN and min(found, default=0.0) <= 0:
            return False
        over = self.metric.combine(list(held.values()))
        gain = self.metric.gain(self.metric.combine(found), over)
        typical = self.typical()
        return typical is not None and typical >= self.wanted and self.objective.minimum_effect.reached(gain, over)


def threshold(comparison: int, adopted: int) -> float:
    """Return the E at which comparison number ``comparison`` (from 1) adopts: e-LOND (Xu and Ramdas 2024).

    The first 200 comparisons share half of alpha, the next 400 a quarter, the next 800 an eighth, and so on; so the
    false discovery rate of the whole run stays below ``ALPHA`` under any dependence.

    Args:
        comparison: Its number by when it began. It keeps it, parked and taken up again as well.
        adopted: Noisy adoptions so far.
    """
    share, count = 0.5, 200
    while comparison > count:
        comparison, share, count = comparison - count, share / 2, count * 2
    return 1.0 / (ALPHA * share / count * (adopted + 1))


def judge_pairs(weighed: Weighed, *, needed: float, max_pairs: int, name: str) -> Verdict | None:
    """Return a verdict once the pairs allow one, else None: measure another pair.

    Args:
        needed: ``threshold(...)`` of this comparison.
        max_pairs: Where it is parked as indecisive.
        name: What the incumbent is called.
    """
    metric, effect = weighed.metric, weighed.objective.minimum_effect
    proven = weighed.better >= needed
    if proven and weighed.enough():
        return _verdict(weighed, Decision.ADOPT, "adopted", needed, name)
    if weighed.worse >= REJECT_AT:
        return _verdict(weighed, Decision.REJECT, "rejected as worse", needed, name)
    if weighed.too_little >= REJECT_AT:
        return _verdict(weighed, Decision.REJECT, f"rejected: not better by {effect}", needed, name)
    if weighed.tried < max_pairs:
        return None
    words = f"parked, for {metric.name} over all cases is not better by {effect}" if proven else "parked"
    return _verdict(weighed, Decision.INDECISIVE, words, needed, name)


def confirmed(verdict: Verdict, fresh: Weighed, name: str) -> Verdict:
    """Return an adoption in the words of the fresh block: the gain that decided was chosen for being great.

    Pairs and E stay those that decided.
    """
    gain = fresh.gain()
    if gain is None:
        return verdict
    told = describe_paired(fresh.metric, gain, name, what=f" in {gain.pairs} fresh pairs")
    return replace(verdict, sentence=f"adopted: {fresh.metric.name} {told}, {_evidence(verdict)}")


def describe_paired(metric: Metric, gain: PairedGain, name: str, what: str = "") -> str:
    """Return ``4.1 % faster than v1 (3.2 to 5.0)``; in the metric's unit where pairs are compared by difference.

    Of a time, n % faster is n % less of it.

    Args:
        what: Follows the interval within the brackets.
    """
    scale, unit = (100.0, "%") if gain.relative else (1.0, metric.unit)
    better, worse = ("faster", "slower") if metric.unit in _TIMES and metric.better is Better.LOWER else _WORDS
    sign, word = (1.0, better) if gain.gain >= 0 else (-1.0, worse)
    low, high = sorted((sign * scale * gain.low, sign * scale * gain.high))
    amount = f"{abs(gain.gain) * scale:.3g} {unit}".rstrip()
    return f"{amount} {word} than {name} ({low:.3g} to {high:.3g}{what})"


def evidence_in_words(evidence: float, needed: float) -> str:
    """Return ``E = 9,200 against 8,000``."""
    e = f"{evidence:,.0f}" if evidence >= 100 else f"{evidence:.3g}"
    return f"E = {e} against {needed:,.0f}"


def difference_of(metric: Metric, pair: Pair, by_ratio: bool) -> float:
    """Return the difference of a pair, positive where the candidate was better."""
    if not by_ratio:
        return metric.gain(pair.candidate, pair.incumbent)
    sign = 1.0 if metric.better is Better.LOWER else -1.0
    return sign * (math.log(pair.incumbent) - math.log(pair.candidate))


def as_gain(metric: Metric, difference: float, by_ratio: bool) -> float:
    """Return a difference as a gain: a log ratio as the same fraction of the incumbent as in an exact comparison."""
    if not by_ratio:
        return difference
    return -_expm1(-difference) if metric.better is Better.LOWER else _expm1(difference)


def as_difference(metric: Metric, effect: Effect) -> float:
    """Return the minimum effect as a difference. Nothing positive is lower by the whole: that is cut to what can be."""
    if not effect.relative:
        return effect.amount
    return -math.log1p(-min(effect.amount, 1.0 - 1e-9)) if metric.better is Better.LOWER else math.log1p(effect.amount)


_TIMES = ("s", "ms", "us", "µs", "ns")
_WORDS = ("better", "worse")


def _verdict(weighed: Weighed, decision: Decision, words: str, needed: float, name: str) -> Verdict:
    metric, gain = weighed.metric, weighed.gain()
    verdict = Verdict(
        decision=decision, sentence=f"{words}: no pair in which both ran", metric=metric.name,
        pairs=len(weighed.pairs), evidence=weighed.better if gain else 0.0, needed=needed,
        gain=gain.gain if gain else None,
    )  # fmt: skip
    if gain is None:
        return verdict
    told = describe_paired(metric, gain, name)
    return replace(verdict, sentence=f"{words}: {metric.name} {told}, {_evidence(verdict)}")


def _evidence(verdict: Verdict) -> str:
    """Return ``31 pairs, E = 9,200 against 8,000``."""
    return f"{counted(verdict.pairs, 'pair')}, {evidence_in_words(verdict.evidence, verdict.needed)}"


def _moved(metric: Metric, level: float, difference: float, by_ratio: bool) -> float:
    """Return what is better than ``level`` by a difference."""
    sign = -1.0 if metric.better is Better.LOWER else 1.0
    return level * math.exp(sign * difference) if by_ratio else level + sign * difference


def _expm1(exponent: float) -> float:
    return math.expm1(exponent) if exponent < 700 else math.inf
