"""Greedy: start from the incumbent, always."""

from selfwright.evolve.timeline import Timeline
from selfwright.ports.policy import Valid


class Incumbent:
    """The program that the gate has proven best."""

    def __init__(self) -> None:
        self._trial = Timeline(0)

    def add(self, valid: Valid) -> None:
        if valid.adopted:
            self._trial.set(valid.trial, valid.trial)

    def parent(self, *, verdicts: int, trial: int, chance: int) -> int:
        return self._trial.at(verdicts)
