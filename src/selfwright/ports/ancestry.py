"""Port: what commits a repository has between two of them, and what each changes."""

from typing import Protocol

from selfwright.ports.repo import Repo


class Ancestry(Repo, Protocol):
    """A repository that can tell where a commit comes from. Raises as a repository does."""

    def since(self, base: str, head: str) -> tuple[str, ...]:
        """Return the ids of the commits that ``head`` has and ``base`` has not, newest first."""

    def changed(self, commit: str) -> tuple[str, ...]:
        """Return the paths of all kinds at which a commit is not as any of its parents; without one, all paths."""

    def between(self, base: str, head: str) -> tuple[str, ...] | None:
        """Return the paths of all kinds that ``head`` would change in ``base``: where it is not as what both come from.

        None where that is not one commit.
        """
