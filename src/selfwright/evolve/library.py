"""Programs as bytes: trees to files and back, over the blob store."""

import threading
from collections import OrderedDict
from collections.abc import Mapping

from selfwright.core.change import Files, Proposal, Tree
from selfwright.core.event import Proposed
from selfwright.ports.blobs import Blobs

RECENT_BYTES = 1 << 18
"""So much of what was kept or loaded of late is at hand."""


class Library:
    """Keeps and loads the files of programs; usable from several threads."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._recent: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def load(self, tree: Tree) -> Files:
        """Return the files of a tree."""
        return {path: self._get(sha256) for path, sha256 in tree.items()}

    def keep(self, files: Files) -> dict[str, str]:
        """Store the files and return their tree."""
        return {path: self._put(content) for path, content in files.items()}

    def keep_text(self, text: str) -> str:
        """Store a text and return its sha256; empty for an empty one."""
        return self._blobs.put(text.encode()) if text else ""

    def delta(self, tree: Mapping[str, str | None]) -> dict[str, bytes | None]:
        """Return the files of a difference, None for a deletion."""
        return {path: None if sha256 is None else self._blobs.get(sha256) for path, sha256 in tree.items()}

    def proposal(self, said: Proposed) -> Proposal:
        """Return what was proposed, as its proposer said it: what it named, where it did not validate."""
        patch = self._blobs.get(said.patch).decode() if said.patch else ""
        files = dict(self.load(said.tree))
        return Proposal(files=files, patch=patch, parent=said.parents[0], reason=said.reason, proposer=said.proposer)

    def _get(self, sha256: str) -> bytes:
        with self._lock:
            content = self._recent.get(sha256)
            if content is not None:
                self._recent.move_to_end(sha256)
                return content
        content = self._blobs.get(sha256)
        self._remember(sha256, content)
        return content

    def _put(self, content: bytes) -> str:
        sha256 = self._blobs.put(content)
        self._remember(sha256, content)
        return sha256

    def _remember(self, sha256: str, content: bytes) -> None:
        with self._lock:
            if sha256 not in self._recent:
                self._recent[sha256] = content
                self._size += len(content)
            while self._size > RECENT_BYTES:
                self._size -= len(self._recent.popitem(last=False)[1])
