"""Axes: from values to pixels, linear or logarithmic, with ticks that a person would choose."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 5.0, 10.0)
_LEAST, _MOST = 1e-300, 8e307
"""The ends of every axis lie within: beyond them the difference or the ratio of two numbers is none any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Maps values between ``low`` and ``high`` to pixels between ``start`` and ``end``; what is beyond, to the ends.

    Attributes:
        log: Whether equal ratios take equal lengths; then ``low`` is positive.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    @classmethod
    def over(cls, values: Sequence[float], *, start: float, end: float, log: bool = True) -> "Axis":
        """Return an axis that has room for all of ``values``.

        Args:
            log: Whether it becomes logarithmic where they span more than a decade.
        """
        low, high = _bounded(min(values, default=0.0)), _bounded(max(values, default=1.0))
        if log and low > _LEAST and low < high / 10:
            room = math.exp((math.log(high) - math.log(low)) * 0.06)
            return cls(low=max(low / room, _LEAST), high=_bounded(high * room), start=start, end=end, log=True)
        size = max(abs(low), abs(high))
        room = max((high - low) * 0.07, size * (1e-12 if low < high else 0.1))
        room = room if room > _LEAST else 1.0
        return cls(low=_bounded(low - room), high=_bounded(high + room), start=start, end=end)

    def __call__(self, value: float) -> float:
        """Return the pixel of ``value``."""
        low, high, at = self.low, self.high, min(max(value, self.low), self.high)
        if self.log:
            low, high, at = math.log(low), math.log(high), math.log(at)
        share = (at - low) / (high - low)
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
        places = 1 - math.floor(math.log10(step))
        return [round(count * step, places) for count in range(first, last + 1)]

    def _log_ticks(self, most: int) -> list[float]:
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        for factors in ((1, 2, 5), (1,)):
            ticks = [factor * 10.0**power for power in powers for factor in factors]
            ticks = [tick for tick in ticks if self.low <= tick <= self.high]
            if len(ticks) <= most:
                return ticks
        return ticks[:: math.ceil(len(ticks) / most)]


def _bounded(value: float) -> float:
    return min(max(value, -_MOST), _MOST)
