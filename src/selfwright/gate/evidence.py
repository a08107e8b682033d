"""The e-process behind a comparison by pairs: how much the differences so far speak for "shifted above zero".

If a difference is symmetric about zero or below, ``exp(l x) / cosh(l x)`` with ``x = clip(difference / scale, -1, 1)``
has mean <= 1 for every ``l > 0`` and every scale that looks at earlier differences only, and the product over
differences is an e-process: one may look after each, and stop at any time (symmetry martingale: de la Pena 1999;
e-processes: Ramdas, Grunwald, Vovk, Shafer 2023). It is mixed over a grid of ``l``.
"""

import math
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from sys import float_info

GRID = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)
ENOUGH = 4
"""So many earlier differences have a median that is worth to be a scale."""


class EProcess:
    """Takes one difference after the other, at a cost that does not grow with their number.

    Args:
        first_scale: Of the first differences: 0.05 is what a pair of log times differs by. None where nothing is known
            of their scale beforehand; the first then count by their sign alone.
    """

    def __init__(self, *, first_scale: float | None = 0.05) -> None:
        self._first = first_scale if first_scale is not None else float_info.min
        self._least = 1e-9 if first_scale is not None else float_info.min
        self._logs = [0.0] * len(GRID)
        self._all: list[float] = []
        self._strata: defaultdict[str, list[float]] = defaultdict(list)

    @property
    def e(self) -> float:
        """E of "shifted above zero"; 1 before the first difference."""
        if not self._all:
            return 1.0
        top = max(self._logs)
        return math.exp(min(700.0, top + math.log(sum(math.exp(value - top) for value in self._logs) / len(GRID))))

    def add(self, difference: float, stratum: str = "") -> None:
        """Weigh one more difference.

        Args:
            stratum: Where it comes from; what comes from elsewhere may be of another scale.
        """
        x = min(1.0, max(-1.0, difference / self._scale(stratum)))
        self._logs = [
            total - math.log1p(math.expm1(-2 * slope * x) / 2) for total, slope in zip(self._logs, GRID, strict=True)
        ]
        for sizes in (self._all, self._strata[stratum]):
            insort(sizes, abs(difference))

    def _scale(self, stratum: str) -> float:
        """Return 1.48 times the median size of those before it, of its stratum where there are enough."""
        for sizes in (self._strata[stratum], self._all):
            if len(sizes) >= ENOUGH:
                half = len(sizes) // 2
                middle = sizes[half] if len(sizes) % 2 else (sizes[half - 1] + sizes[half]) / 2
                return max(1.48 * middle, self._least)
        return self._first


def evidence(differences: Iterable[float]) -> float:
    """Return E of "shifted above zero" for these log ratios, in the order in which they were taken."""
    process = EProcess()
    for difference in differences:
        process.add(difference)
    return process.e
