"""The gate of a comparison of two equals: is B better than A, is it worse, or is there no difference that matters?

Four e-processes run at once on the differences of ``gate/pairs.py``: better, worse, not better by the
minimum effect, not worse by it. Each answer needs ``NEEDED``, twice of what one side alone would: whatever is true, at
most two of the four can be wrong about it, each with a chance of at most ``ALPHA / 2`` over the whole comparison,
however often one looks (Ville's inequality). So an answer is wrong in at most one comparison of twenty.

The interval holds the shifts that neither side rules out at ``NEEDED``: a confidence sequence (Howard, Ramdas,
McAuliffe, Sekhon 2021), which holds the true shift in 95 of 100 comparisons although the end was chosen by looking.
Where B is better it lies above zero; where the answer is "same", within the minimum effect. That the gain reaches the
minimum effect is asked of the median alone.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from statistics import median

from selfwright.core.metric import Effect, Metric
from selfwright.core.verdict import PairedGain
from selfwright.gate.evidence import EProcess
from selfwright.gate.pairs import ALPHA, Pair, as_difference, as_gain, difference_of

NEEDED = 2 / ALPHA
LEAST_PAIRS = 8
"""With fewer nothing can be decided, however large the difference is."""
_HALVINGS = 40


class Answer(StrEnum):
    """What is decided of B, compared with A."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    UNDECIDED = "undecided"


class TwoSided:
    """The evidence of one comparison, which takes one pair after the other.

    Args:
        effect: The least difference that matters: below 1 where it is a fraction.
    """

    def __init__(self, metric: Metric, effect: Effect) -> None:
        self._metric = metric
        self._by_ratio = effect.relative
        self._gain = as_difference(metric, effect)
        self._loss = as_difference(metric, replace(effect, amount=-effect.amount))
        self._taken: list[float] = []
        self._better, self._worse, self._no_gain, self._no_loss = (self._process() for _ in range(4))

    def add(self, pair: Pair) -> None:
        """Take the next pair; A is the incumbent, B the candidate."""
        difference = difference_of(self._metric, pair, self._by_ratio)
        self._taken.append(difference)
        self._better.add(difference)
        self._worse.add(-difference)
        self._no_gain.add(self._gain - difference)
        self._no_loss.add(difference - self._loss)

    @property
    def better(self) -> float:
        """E of "B is better"."""
        return self._better.e

    @property
    def worse(self) -> float:
        """E of "B is worse"."""
        return self._worse.e

    @property
    def same(self) -> float:
        """The lesser E of "B is not better by the minimum effect" and "B is not worse by it"."""
        return min(self._no_gain.e, self._no_loss.e)

    @property
    def answer(self) -> Answer:
        """What the pairs so far decide."""
        typical = median(self._taken) if self._taken else 0.0
        if self.better >= NEEDED and typical >= self._gain:
            return Answer.BETTER
        if self.worse >= NEEDED and typical <= self._loss:
            return Answer.WORSE
        return Answer.SAME if self.same >= NEEDED else Answer.UNDECIDED

    def gain(self) -> PairedGain | None:
        """Return by how much B is better, by the median ratio, and the interval; None where there is no pair.

        An end that the pairs do not bound is infinite, or the whole.
        """
        if not self._taken:
            return None
        typical = median(self._taken)
        marks = (0.0, self._gain, self._loss)
        low = self._end(typical, [mark for mark in marks if mark < typical], sign=-1.0)
        high = self._end(typical, [mark for mark in marks if mark > typical], sign=1.0)
        lowest, middle, highest = (as_gain(self._metric, shift, self._by_ratio) for shift in (low, typical, high))
        return PairedGain(pairs=len(self._taken), gain=middle, low=lowest, high=highest, relative=self._by_ratio)

    def _end(self, inside: float, marks: Sequence[float], *, sign: float) -> float:
        """Return the end of the interval below (-1) or above (1) ``inside``: beyond it every shift is ruled out.

        Args:
            marks: Shifts on that side that decide an answer. The end is sought on the right side of each, so that
                interval and answer agree to the bit.
        """
        far = inside + sign * (10 * max(map(abs, self._taken)) + 1.0)
        nearest_first = sorted([*marks, far], key=lambda shift: abs(shift - inside))
        outside = next((shift for shift in nearest_first if self._ruled_out(shift, sign)), None)
        if outside is None:
            return sign * math.inf
        for _ in range(_HALVINGS):
            middle = (outside + inside) / 2
            outside, inside = (middle, inside) if self._ruled_out(middle, sign) else (outside, middle)
        return outside

    def _ruled_out(self, shift: float, sign: float) -> bool:
        process = self._process()
        for each in self._taken:
            process.add(sign * (shift - each))
        return process.e >= NEEDED

    def _process(self) -> EProcess:
        return EProcess(first_scale=0.05 if self._by_ratio else None)
