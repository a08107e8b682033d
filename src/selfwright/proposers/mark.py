"""What a comment says about the values that a literal on its line may take.

``# tune: 14..30``, ``# tune: 0.001..1 log``, ``# tune: 0..999 draw``, ``# tune: {4, 8, 16}``,
``# tune: {"fast", "slow"}`` or ``# tune``.
"""

import ast
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

Number = int | float
Value = int | float | str | bytes | None
"""What a literal may be; a bool is an int."""

SPREAD = 4
"""A number without a range is searched from a fourth of its value to four times its value."""

_MARK = re.compile(r"#\s*tune\b(:?)(.*)")
_FORMS = 'write `# tune: 1..9`, `# tune: 0.001..1 log`, `# tune: {4, 8, 16}`, `# tune: {"fast", "slow"}` or `# tune`'
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER}?)\s*\.\.\s*({_NUMBER})\s*(log|draw)?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Where a literal may move.

    Attributes:
        low: Least number that it may take; 0 where it is no number.
        high: Greatest number that it may take; 0 where it is no number.
        log: Whether equal steps are equal ratios.
        choices: The only values that it may take; empty for a range.
        ordered: Whether values that are near each other are more alike.
    """

    low: Number = 0
    high: Number = 0
    log: bool = False
    choices: tuple[Value, ...] = ()
    ordered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A comment that asks for a literal on its line to be tuned.

    Attributes:
        said: What stands behind the word.
        colon: Whether a colon stands before it: without one, words are only words.
        choices: The values between its braces; None where it lists none.
        low: Where its range begins; None where it has no range.
        high: Where its range ends.
        manner: ``log``, ``draw`` (no order in it), or nothing.
    """

    said: str
    colon: bool
    choices: tuple[Value, ...] | None = None
    low: float | None = None
    high: float = 0.0
    manner: str = ""

    @property
    def exact(self) -> bool:
        """Whether it is about whatever is among its choices, and not about numbers."""
        return bool(self.choices) and not all(map(is_number, self.choices or ()))

    def concerns(self, value: Value) -> bool:
        """Whether it is about a literal of this value."""
        return any(is_same(value, choice) for choice in self.choices or ()) if self.exact else is_number(value)

    def fault(self, values: Sequence[Value], *, alone: bool) -> str:
        """Return what is wrong with it, and the mend; empty where nothing is.

        Args:
            values: Of the literals on its line.
            alone: Whether there is nothing but the comment on its line. Words about tuning may stand there; a range is
                meant for some number.
        """
        numbers = [value for value in values if is_number(value)]
        if self.choices is not None:
            return self._fault_of_choices(values)
        if self.low is not None:
            return self._fault_of_range(self.low, numbers)
        if self.said and self.colon and not alone:
            return f"is neither a range nor a choice; {_FORMS}"
        return "" if self.said or numbers or alone else f"is on a line without a number; {_FORMS}"

    def bounds(self, value: Value) -> Bounds:
        """Return where a literal that it concerns may move; where it is wrong, the range without a mark."""
        if self.exact or not isinstance(value, int | float):
            return Bounds(choices=self.choices or (), ordered=False)
        kind = type(value)
        numbers = [each for each in self.choices or () if isinstance(each, int | float)]
        if choices := tuple(dict.fromkeys(kind(each) for each in numbers if kind(each) == each)):
            return Bounds(low=min(choices), high=max(choices), choices=choices)
        if self.low is not None:
            low, high = (self.low, self.high) if kind is float else (math.ceil(self.low), math.floor(self.high))
            if low <= high:
                log = self.manner == "log" and low * high > 0
                return Bounds(low=low, high=high, log=log, ordered=self.manner != "draw" or kind is float)
        return around(value)

    def _fault_of_choices(self, values: Sequence[Value]) -> str:
        choices = self.choices or ()
        if not choices:
            return f"names no values; {_FORMS}"
        if self.exact:
            if len(set(choices)) < len(choices):
                return "has two choices that are equal in Python; leave one out"
            if any(map(self.concerns, values)):
                return ""
            return "is on a line without any of these; write one of them there, or add what stands there to the choices"
        numbers = [value for value in values if is_number(value)]
        if not numbers:
            return "is on a line without a number; put it on the line of the number"
        whole = all(isinstance(value, int) for value in numbers)
        fits = not whole or any(float(choice).is_integer() for choice in choices)  # type: ignore[arg-type]
        return "" if fits else "has no whole number; add one, or write the number on its line as a float"

    def _fault_of_range(self, low: float, numbers: Sequence[Value]) -> str:
        high = self.high
        if not numbers:
            return "is on a line without a number; put it on the line of the number"
        whole = all(isinstance(value, int) for value in numbers)
        if low > high:
            return f"runs backwards; write {high:g}..{low:g}"
        if whole and math.ceil(low) > math.floor(high):
            return "holds no whole number; widen it, or write the number on its line as a float"
        if self.manner == "log" and low * high <= 0:
            return "has no logarithm, because it touches zero; leave `log` out, or keep to one side of zero"
        if self.manner == "draw" and not whole:
            return "draws whole numbers, and there is none on its line; leave `draw` out"
        return ""


@lru_cache(maxsize=256)
def read_mark(comment: str) -> Mark | None:
    """Return the mark in a comment, right or wrong, or None."""
    found = _MARK.search(comment)
    if found is None:
        return None
    said, colon = found[2].strip(), bool(found[1])
    if ranged := _RANGE.match(said):
        return Mark(said=said, colon=colon, low=float(ranged[1]), high=float(ranged[2]), manner=ranged[3] or "")
    return Mark(said=said, colon=colon, choices=_listed(said))


def around(value: Value) -> Bounds:
    """Return the range of a number that no comment bounds."""
    assert isinstance(value, int | float)  # who else asks
    near, far = (value / SPREAD, value * SPREAD) if value else (-1, 1)
    if isinstance(value, int):
        near = int(near) or (value > 0) - (value < 0) or -1
    low, high = sorted((near, far))
    return Bounds(low=low, high=high, log=low * high > 0)


def is_number(value: object) -> bool:
    """Whether it is an int or a float."""
    return type(value) in (int, float)


def is_same(one: Value, other: Value) -> bool:
    """Whether two values are written alike: 1 is neither True nor 1.0."""
    return type(one) is type(other) and one == other


def _listed(said: str) -> tuple[Value, ...] | None:
    """Return the literals between the braces with which a text begins; None where they can not be read."""
    if re.match(r"\{\s*\}", said):
        return ()
    for end in (match.end() for match in re.finditer(r"\}", said)):
        try:
            display = ast.parse(said[:end], mode="eval").body
            found = (
                ast.literal_eval(ast.List(elts=display.elts, ctx=ast.Load())) if isinstance(display, ast.Set) else []
            )
        except (SyntaxError, ValueError):
            continue
        if found and all(map(_may_stand, found)):
            return tuple(found)
    return None


def _may_stand(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, int | str | bytes)
