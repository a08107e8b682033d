"""A value that changes from verdict to verdict, and what it was after each: a proposal sees the past as it was."""

from bisect import bisect_right
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """What a value was after so many verdicts. Costs memory for its changes only, and a look-up log of their number.

    Args:
        first: The value before any verdict.
    """

    def __init__(self, first: T) -> None:
        self._since: list[int] = [0]
        self._values: list[T] = [first]

    @property
    def latest(self) -> T:
        """The newest value."""
        return self._values[-1]

    def set(self, verdicts: int, value: T) -> None:
        """Let the value be this one from so many verdicts on.

        Raises:
            ValueError: A later value is there already.
        """
        if verdicts < self._since[-1]:
            raise ValueError(f"the value after {self._since[-1]} verdicts is there already, and {verdicts} came later")
        if verdicts == self._since[-1]:
            self._values[-1] = value
        elif value != self._values[-1]:
            self._values.append(value)  # first, because a proposer may look from a thread of its own
            self._since.append(verdicts)

    def at(self, verdicts: int) -> T:
        """Return the value after so many verdicts."""
        return self._values[bisect_right(self._since, verdicts) - 1]
