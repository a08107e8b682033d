"""Port: the time."""

from typing import Protocol


class Clock(Protocol):
    """The time, so that tests can own it."""

    def now_s(self) -> float:
        """Return seconds since the epoch (UTC)."""

    def monotonic_s(self) -> float:
        """Return seconds from an arbitrary start; never goes back."""
