"""What is said to a language model, what came back, and how much of it was read and written."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a model is told: what stays the same from call to call first, so that a provider can keep it in a cache.

    Attributes:
        stable: The problem and the rules.
        fresh: What this call is about.
    """

    stable: str
    fresh: str

    @property
    def size(self) -> int:
        """Return its length in bytes, which no tokenizer makes more tokens of."""
        return len(self.stable.encode()) + len(self.fresh.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one call may take.

    Attributes:
        tokens_out: The most that is written.
        wall_s: The time of all tries together.
    """

    tokens_out: int
    wall_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """How much a call read and wrote, as its provider counts.

    Attributes:
        read: All of the prompt.
        cached: Of ``read``, what came from the provider's cache, at a lower price.
        stored: Of ``read``, what was put into the cache, at a higher one.
    """

    read: int = 0
    written: int = 0
    cached: int = 0
    stored: int = 0


class Finish(StrEnum):
    """How an answer ended."""

    WHOLE = "whole"
    CUT = "cut"
    """At the most that it may have."""
    DECLINED = "declined"
    """The model, or its provider, will not answer this."""
    BROKEN = "broken"
    """The connection ended in the middle of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """An answer, and its price.

    Attributes:
        usd: None where nobody knows the price.
        tokens: Where the provider did not say how many, the most that it can have been.
    """

    text: str
    tokens: Tokens
    finish: Finish
    usd: float | None
