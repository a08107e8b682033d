"""What a run has found, where a person wants it: a commit on a branch of its own, or a patch. No work tree changes."""

import difflib
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from selfwright.core.errors import BadInput, Unavailable
from selfwright.ports.notes import Notes
from selfwright.ports.repo import Repo, Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A function that is faster, and what proves it.

    Attributes:
        path: Of its file: in the repository, or where there is none its name.
        before: The file as it was.
        after: The file as it was measured.
        subject: One line with the gain and its interval.
        body: What was compared, and how.
        certificates: Of each adopted version, the first one first.
    """

    path: str
    before: bytes
    after: bytes
    subject: str
    body: str
    certificates: tuple[bytes, ...]

    @property
    def message(self) -> str:
        """Of the commit; the certificates are named by their hashes."""
        trailers = [f"Certificate: {hashlib.sha256(each).hexdigest()}" for each in self.certificates]
        return "\n\n".join([self.subject, self.body, "\n".join(trailers)]) + "\n"


def commit(found: Found, *, repo: Repo, notes: Notes, head: str, branch: str, author: Signature) -> tuple[str, str]:
    """Commit the file on top of ``head``, on a new branch; return the branch and the commit.

    The note of the commit is the last version's certificate.

    Args:
        branch: Where there is one of that name, a number is added.

    Raises:
        RepoError: Git failed, or somebody made the same branch meanwhile.
    """
    free = next(name for name in _names(branch) if repo.resolve(name) is None)
    tree = repo.build_tree(head, {found.path: found.after})
    made = repo.commit(tree=tree, parents=(head,), message=found.message, author=author)
    if repo.read_file(made, found.path) != found.after:
        raise BadInput(f"commit {made} has not the {found.path} that was measured; nothing was done")
    repo.advance(free, made, expect=None)
    notes.annotate(made, found.certificates[-1], author=author)
    return free, made


def write_patch(found: Found, file: Path) -> Path:
    """Write a patch that ``git apply`` takes, and beside it the certificates; return the path of these.

    Raises:
        Unavailable: A file could not be written.
    """
    beside = file.with_name(file.name + ".certificates.json")
    try:
        file.write_bytes(found.message.encode() + b"\n" + patch(found.path, found.before, found.after))
        beside.write_text(json.dumps([json.loads(each) for each in found.certificates], indent=1) + "\n")
    except OSError as error:
        raise Unavailable(f"could not write {error.filename}: {error.strerror}; name another --patch") from error
    return beside


def patch(path: str, before: bytes, after: bytes) -> bytes:
    """Return a unified diff, to the byte."""
    lines = difflib.diff_bytes(
        difflib.unified_diff, _lines(before), _lines(after), f"a/{path}".encode(), f"b/{path}".encode(), lineterm=b"\n"
    )
    return b"".join(
        line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines
    )  # fmt: skip


def _lines(content: bytes) -> Sequence[bytes]:
    """Return lines as git has them, with their ends: ``splitlines`` also splits at a carriage return."""
    lines = [line + b"\n" for line in content.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _names(branch: str) -> Iterator[str]:
    yield branch
    yield from (f"{branch}-{number}" for number in range(2, 1_000))
