"""Port: what a repository keeps beside its commits."""

from typing import Protocol

from selfwright.ports.repo import Signature


class Notes(Protocol):
    """The notes under ``refs/notes/selfwright``, one a commit. No other ref is touched; several may write at once."""

    def annotate(self, commit: str, note: bytes, *, author: Signature) -> None:
        """Make ``note`` the note of ``commit``; again changes nothing.

        Raises:
            RepoError: Git failed.
        """

    def note(self, commit: str) -> bytes | None:
        """Return the note of ``commit``, or None."""
