"""Which program to start the next change from. A first, honest selection; richer archives replace this module."""

from selfwright.core.draw import draw
from selfwright.evolve.archive import Archive


def select_parent(archive: Archive, *, verdicts: int, seed: int, trial: int, attempt: int) -> str:
    """Return the name of a parent: the incumbent half of the time, else one of the best valid trials, uniformly.

    Search may be wrong and is cheap: a parent need not have been adopted, only valid.
    """
    chance = draw(seed, "select", trial, attempt)
    elite = archive.elite(verdicts)
    if not elite or chance % 2 == 0:
        return f"v{archive.incumbent(verdicts)}"
    return elite[(chance // 2) % len(elite)]
