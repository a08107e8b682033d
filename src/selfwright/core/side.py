"""One of the two programs of a comparison."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A program, as the folder that it is run in.

    Attributes:
        letter: ``A`` or ``B``.
        name: As the person gave it.
        folder: Where it is run.
        commit: What was written there; None for a folder that was given.
    """

    letter: str
    name: str
    folder: Path
    commit: str | None = None

    def __str__(self) -> str:
        """Return ``B (HEAD~1)``."""
        return f"{self.letter} ({self.name})"
