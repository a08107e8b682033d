"""Axes: from values to pixels, linear or logarithmic, with ticks that a person would choose."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Maps values between ``low`` and ``high`` to pixels between ``start`` and ``end``.

    Attributes:
        log: Whether equal ratios take equal lengths; then ``low`` is positive.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    @classmethod
    def over(cls, values: Sequence[float], *, start: float, end: float) -> "Axis":
        """Return an axis that has room for all of ``values``; logarithmic where they span more than a decade."""
        low, high = min(values, default=0.0), max(values, default=1.0)
        if low > 0 and high / low > 10:
            room = (high / low) ** 0.06
            return cls(low=low / room, high=high * room, start=start, end=end, log=True)
        room = (high - low) * 0.07 or abs(high) * 0.1 or 1.0
        return cls(low=low - room, high=high + room, start=start, end=end)

    def __call__(self, value: float) -> float:
        """Return the pixel of ``value``."""
        share = math.log(value / self.low) / math.log(self.high / self.low) if self.log else (
            (value - self.low) / (self.high - self.low)
        )  # fmt: skip
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int = 7, *, whole: bool = False) -> list[float]:
        """Return round values on the axis.

        Args:
            most: No more than about so many.
            whole: Whole numbers only.
        """
        if self.log:
            return self._log_ticks(most)
        raw = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(step * power for step in _STEPS if step * power >= raw * 0.999)
        step = max(1.0, step) if whole else step
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [round(count * step, 12) for count in range(first, last + 1)]

    def _log_ticks(self, most: int) -> list[float]:
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for factors in ((1, 2, 5), (1,)):
            ticks = [factor * 10.0**power for power in powers for factor in factors]
            ticks = [tick for tick in ticks if self.low <= tick <= self.high]
            if len(ticks) <= most:
                return ticks
        return ticks[:: math.ceil(len(ticks) / most)]
