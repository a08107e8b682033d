"""Milestones of a problem: tiers, phases and success criteria. They inform people and decide nothing."""

import re
from dataclasses import dataclass

from selfwright.core.metric import Condition

_SPAN = re.compile(r"^\s*v?(\d+)\s*(?:(\+)|-\s*v?(\d+))?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Whole numbers from ``first`` to ``last``, both included; no ``last`` means without end."""

    first: int
    last: int | None

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read ``1-5``, ``51+`` or ``7``; of versions also ``v1-v3``, ``v13+`` or ``v0``.

        Raises:
            ValueError: The text has another form, or runs backwards.
        """
        match = _SPAN.match(text)
        if not match:
            raise ValueError(f"{text!r} is not a span; write it as '1-5', '51+' or '7' (versions: 'v1-v3')")
        first = int(match[1])
        last = None if match[2] else int(match[3] or match[1])
        if last is not None and last < first:
            raise ValueError(f"{text!r} runs backwards; write the smaller number first")
        return cls(first=first, last=last)

    def __contains__(self, number: int) -> bool:
        """Whether ``number`` lies within."""
        return self.first <= number and (self.last is None or number <= self.last)

    def __str__(self) -> str:
        """Return ``1-5``, ``51+`` or ``7``."""
        if self.last is None:
            return f"{self.first}+"
        return str(self.first) if self.last == self.first else f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A class of results, reached by the version whose aggregates meet the condition."""

    name: str
    condition: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of the road: where a run stands, and what it should reach there.

    Attributes:
        trials: Numbers of the trials that belong to it.
        versions: Versions that are expected in it.
        target: What they should reach.
    """

    name: str
    trials: Span
    versions: Span
    target: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """What has to come together before the run counts as a success; every part of it must hold.

    Attributes:
        trials: At least so many trials.
        version: At least version vN; 0 asks for none.
        condition: What the incumbent reaches.
        tool_uses: At least so many uses of tools by proposers.
        self_healings: At least so many trials that went on after the framework mended itself.
        unattended: Without a person.
        novel: With a technique that the seed's field does not know.
    """

    name: str
    trials: int
    version: int
    condition: Condition
    tool_uses: int = 0
    self_healings: int = 0
    unattended: bool = False
    novel: bool = False
