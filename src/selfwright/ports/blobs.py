"""Port: blobs, content addressed by sha256."""

from typing import Protocol


class Blobs(Protocol):
    """A store of immutable bytes. Writers may race: the same content has the same name."""

    def put(self, content: bytes) -> str:
        """Keep ``content`` and return its sha256 (64 hex digits). Once it returns, ``get`` finds it after ``kill -9``.

        Raises:
            Unavailable: The disk is full or read-only.
        """

    def get(self, sha256: str) -> bytes:
        """Return the content.

        Raises:
            KeyError: No such blob.
            JournalCorrupt: The stored bytes no longer have this hash.
        """
