"""Greedy: start from the incumbent, always."""

from collections.abc import Callable

from selfwright.ports.policy import Valid


class Incumbent:
    """The program that the gate has proven best.

    Args:
        proven: Verdicts → the trial of the incumbent after so many; estimates say nothing of it.
    """

    def __init__(self, proven: Callable[[int], int]) -> None:
        self._proven = proven

    def add(self, valid: Valid) -> None:
        pass

    def parent(self, *, verdicts: int, trial: int, chance: int) -> int:
        return self._proven(verdicts)
