"""Programs as bytes: trees to files and back, over the blob store."""

from collections.abc import Mapping

from selfwright.core.change import Files, Proposal, Tree
from selfwright.core.event import Proposed
from selfwright.ports.blobs import Blobs


class Library:
    """Keeps and loads the files of programs."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def load(self, tree: Tree) -> Files:
        """Return the files of a tree."""
        return {path: self._blobs.get(sha256) for path, sha256 in tree.items()}

    def keep(self, files: Files) -> dict[str, str]:
        """Store the files and return their tree."""
        return {path: self._blobs.put(content) for path, content in files.items()}

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
