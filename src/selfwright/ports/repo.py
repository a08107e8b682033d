"""Port: a git repository, as far as the committer needs one. No free arguments reach git."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from selfwright.core.errors import BadInput

_DROPPED = " .,:;<>\"\\'"
"""What git drops at both ends of a name (its `strbuf_addstr_without_crud`); it refuses a name of nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who, and when.

    Attributes:
        time_s: Whole seconds since the epoch; the zone is UTC.

    Raises:
        BadInput: Git would not take the name or the address, or take it for something else.
    """

    name: str
    email: str
    time_s: int

    def __post_init__(self) -> None:
        for part in (self.name, self.email):
            if re.search(r"[<>\x00-\x1f]", part) or not part.strip(_DROPPED):
                raise BadInput(f"{part!r} can not sign a commit; leave out '<', '>' and line ends, and name somebody")


class Repo(Protocol):
    """Reads objects and builds commits by plumbing, on a private index.

    The person's work tree, index and HEAD are never touched; no hook, filter or helper of the repository runs.
    Every method raises ``RepoError`` where git fails, and says what git said.
    """

    def resolve(self, revision: str) -> str | None:
        """Return the full commit id of a branch, HEAD or an id, shortened or not; None where there is none."""

    def read_file(self, commit: str, path: str) -> bytes | None:
        """Return the content at ``path`` in ``commit``, or None."""

    def read_files(self, commit: str, prefix: str = "") -> Mapping[str, bytes]:
        """Return the path and content of all regular files below the folder ``prefix``."""

    def list_files(self, commit: str, prefix: str = "") -> tuple[str, ...]:
        """Return the paths of all regular files below the folder ``prefix``, sorted."""

    def file_ids(self, commit: str, prefix: str = "") -> Mapping[str, str]:
        """Return the path and blob id of all regular files below the folder ``prefix``."""

    def blob_id(self, content: bytes) -> str:
        """Return the blob id that this repository gives to ``content``; nothing is stored."""

    def build_tree(self, base: str | None, files: Mapping[str, bytes | None]) -> str:
        """Return the id of the tree of ``base`` with ``files`` written (None: deleted). Bytes in, bytes out."""

    def commit(self, *, tree: str, parents: tuple[str, ...], message: str, author: Signature) -> str:
        """Return the id of a new commit. The same arguments give the same id."""

    def advance(self, branch: str, commit: str, *, expect: str | None) -> None:
        """Move a branch from ``expect`` (None: it must not exist) to ``commit``; compare-and-set.

        Raises:
            RepoError: The branch is elsewhere; the message says where.
        """

    def message(self, commit: str) -> str:
        """Return the commit's message."""

    def parents(self, commit: str) -> tuple[str, ...]:
        """Return the ids of the commit's parents, first one first."""

    def header(self, commit: str) -> str:
        """Return what stands before the message, as git has it: tree, parents, author and committer, a line each."""
