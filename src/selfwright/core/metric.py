"""Metrics, effects, constraints and the objective: what "better" means, as data and pure functions."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_CONSTRAINT = re.compile(rf"^\s*([A-Za-z_]\w*|size:\S+?)\s*(<=|>=|<|>)\s*([-+]?{_NUMBER})\s*$")
_EFFECT_NUMBER = re.compile(r"^\s*[0-9.]+([eE][-+]?[0-9]+)?")
_EFFECT = re.compile(rf"^\s*({_NUMBER})\s*([^\s\d.].*?)?\s*$")


class Better(StrEnum):
    """The direction in which a metric gets better."""

    LOWER = "lower"
    HIGHER = "higher"


class Aggregate(StrEnum):
    """How the values of the cases become one number."""

    MEAN = "mean"
    GEOMEAN = "geomean"
    WORST = "worst"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that the judge reports.

    Attributes:
        noisy: Measured with a clock or otherwise random; never compared by a single value.
        worst_value: Stands in for a case that the judge did not report; without it such a trial is invalid.
    """

    name: str
    unit: str = ""
    better: Better = Better.LOWER
    noisy: bool = False
    aggregate: Aggregate = Aggregate.MEAN
    worst_value: float | None = None

    def is_better(self, value: float, than: float) -> bool:
        """Whether ``value`` is strictly better than ``than``."""
        return value < than if self.better is Better.LOWER else value > than

    def gain(self, value: float, over: float) -> float:
        """Return by how much ``value`` is better than ``over``, in the metric's unit; negative where it is worse."""
        return over - value if self.better is Better.LOWER else value - over

    def combine(self, values: Sequence[float]) -> float:
        """Return one number for the values of all cases.

        Raises:
            ValueError: No value, or a value that is not positive under ``geomean``.
        """
        if not values:
            raise ValueError(f"metric {self.name}: no value to combine")
        if self.aggregate is Aggregate.WORST:
            return max(values) if self.better is Better.LOWER else min(values)
        if self.aggregate is Aggregate.MEAN:
            try:
                return math.fsum(values) / len(values)
            except OverflowError:  # near the largest number; dividing first costs a last bit and can not overflow
                return math.fsum(value / len(values) for value in values)
        if min(values) <= 0:
            raise ValueError(f"metric {self.name}: geomean needs positive values, got {min(values)}")
        return math.exp(math.fsum(math.log(value) for value in values) / len(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """The least gain that is worth a commit.

    Attributes:
        amount: A fraction of the incumbent's value when ``relative``, else in the metric's unit.
        relative: Whether ``amount`` is a fraction.
    """

    amount: float
    relative: bool

    @classmethod
    def parse(cls, text: str) -> "Effect":
        """Read ``"0.5 %"`` (relative) or ``"0.1 dB"`` (absolute).

        Raises:
            ValueError: The text is neither, or its number is too large.
        """
        match = _EFFECT.match(text)
        if not match:
            raise ValueError(
                f"{text!r} is not an effect; write a percentage such as '0.5 %' or an amount such as '0.1 dB'"
            )
        amount = _finite(match[1], text)
        return cls(amount=amount / 100, relative=True) if match[2] == "%" else cls(amount=amount, relative=False)

    @staticmethod
    def unit_in(text: str) -> str:
        """Return what stands after the number of such a text: ``%``, ``dB``, or nothing."""
        return _EFFECT_NUMBER.sub("", text).strip()

    def reached(self, gain: float, incumbent: float) -> bool:
        """Whether ``gain`` (in the metric's unit, positive is better) over ``incumbent`` is at least this effect."""
        return gain > 0 and gain >= self.amount * (abs(incumbent) if self.relative else 1.0)

    def __str__(self) -> str:
        """Return ``0.5 %``, or the bare amount."""
        return f"{self.amount * 100:g} %" if self.relative else f"{self.amount:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A bound on one metric, such as ``psnr_db >= 30``."""

    metric: str
    operator: str
    bound: float

    @classmethod
    def parse(cls, text: str) -> "Condition":
        """Read ``metric <op> number`` with ``<=``, ``>=``, ``<`` or ``>``.

        Raises:
            ValueError: The text has another form, or its number is too large.
        """
        match = _CONSTRAINT.match(text)
        if not match:
            raise ValueError(f"{text!r} is not a condition; write it as 'psnr_db >= 30' (<=, >=, < or >)")
        return cls(metric=match[1], operator=match[2], bound=_finite(match[3], text))

    def holds(self, value: float) -> bool:
        """Whether ``value`` lies within the bound."""
        return {
            "<=": value <= self.bound,
            ">=": value >= self.bound,
            "<": value < self.bound,
            ">": value > self.bound,
        }[self.operator]

    def __str__(self) -> str:
        """Return it as it was written."""
        return f"{self.metric} {self.operator} {self.bound:g}"


def _finite(number: str, text: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{text!r}: {number} is beyond every number that can be measured; write one below 1e308")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What the search is for: one metric, under constraints, by at least the minimum effect."""

    metric: str
    constraints: tuple[Condition, ...] = ()
    minimum_effect: Effect = Effect(amount=0.0, relative=True)
