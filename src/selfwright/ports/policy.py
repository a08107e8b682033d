"""Port: the parent policy. A fold of the valid trials, and a draw from it as it was after any number of verdicts."""

from dataclasses import dataclass
from typing import Protocol

Cell = tuple[int, ...]
"""A cell of the grid: for each declared feature, which of its bins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid:
    """A valid trial that keeps every constraint, by its cheap estimates; the seed is trial 0.

    Attributes:
        score: The objective, greater is better.
        cell: Where it lies on the grid; None where nothing says.
    """

    trial: int
    score: float
    cell: Cell | None = None


class Policy(Protocol):
    """One way to draw a parent. Search may be wrong and is cheap: a parent need not have been adopted, only valid.

    Both calls cost the same at trial 100 and at trial 100,000.
    """

    def add(self, valid: Valid) -> None:
        """Take in a valid trial. They come in trial order, the seed first, each when it has its verdict."""

    def parent(self, *, verdicts: int, trial: int, chance: int) -> int:
        """Return the trial that proposal ``trial`` should start from, as of so many verdicts.

        Args:
            chance: A uniform draw of 63 bits: the same one gives the same parent.
        """
