"""The grid: the best valid trial of every cell of the declared features (MAP-Elites).

A small program and a fast one are kept beside the best one, because what comes next may be made of either (Mouret and
Clune, "Illuminating search spaces by mapping elites", 2015).
"""

from bisect import bisect_right

from selfwright.evolve.timeline import Timeline
from selfwright.ports.policy import Cell, Valid


class Grid:
    """Cells, of which each that is occupied is as likely as the other."""

    def __init__(self) -> None:
        self._best: dict[Cell, Timeline[tuple[float, int]]] = {}
        self._occupied: list[Cell] = []
        self._since: list[int] = []

    def add(self, valid: Valid) -> None:
        if valid.cell is None:
            return
        best = self._best.get(valid.cell)
        if best is None:
            self._best[valid.cell] = Timeline((valid.score, valid.trial))
            self._occupied.append(valid.cell)
            self._since.append(valid.trial)
        elif valid.score > best.latest[0]:
            best.set(valid.trial, (valid.score, valid.trial))

    def parent(self, *, verdicts: int, trial: int, chance: int) -> int:
        count = bisect_right(self._since, verdicts)
        return self._best[self._occupied[chance % count]].at(verdicts)[1] if count else 0
