"""Port: the adopter, which turns an adopted trial into a commit."""

from typing import Protocol

from selfwright.core.adoption import Adoption, Revision


class Adopter(Protocol):
    """Makes the commit of a version and moves the branch; then writes its certificate, ``best/`` and ``versions/``.

    Idempotent, so that an intent is reconciled after ``kill -9``: again is the same commit, and nothing else.
    """

    def adopt(self, adoption: Adoption) -> Revision:
        """Commit.

        Raises:
            BadInput: These files can never be a version; nothing was changed.
            RepoError, Unavailable: Git failed, the branch is elsewhere, the disk is full; tried again after the mend.
        """

    def journal_of(self, commit: str) -> str | None:
        """Return the ``Adoption.journal`` that a commit carries, if any; ``RepoError`` where there is no commit."""
