"""The elite: one of the best few valid trials, each as likely as the other."""

from selfwright.evolve.timeline import Timeline
from selfwright.ports.policy import Valid

ELITE = 8
"""How many."""

Ranked = tuple[tuple[float, int], ...]
"""(score, trial), best first; of equals the earlier."""


class Elite:
    """The best few of all."""

    def __init__(self) -> None:
        self._best: Timeline[Ranked] = Timeline(())

    def add(self, valid: Valid) -> None:
        self._best.set(valid.trial, ranked(self._best.latest, valid, ELITE))

    def parent(self, *, verdicts: int, trial: int, chance: int) -> int:
        best = self.trials(verdicts)
        return best[chance % len(best)]

    def trials(self, verdicts: int) -> tuple[int, ...]:
        """Return them after so many verdicts, best first."""
        return tuple(trial for _, trial in self._best.at(verdicts))


def ranked(best: Ranked, valid: Valid, most: int) -> Ranked:
    """Return the best few with one more in its place, if it has one."""
    if len(best) == most and valid.score <= best[-1][0]:
        return best
    return tuple(sorted((*best, (valid.score, valid.trial)), key=lambda pair: (-pair[0], pair[1]))[:most])
