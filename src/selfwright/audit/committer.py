"""The committer: makes the commit of a version, proves that its tree is the measured one, and moves the branch."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from selfwright.audit.certificate import Certificate
from selfwright.audit.message import evolution_message, improvement, seed_message, trailer
from selfwright.audit.shelf import Shelf
from selfwright.core.adoption import Adoption, Revision
from selfwright.core.change import Files
from selfwright.core.errors import RepoError
from selfwright.core.path import check_program
from selfwright.ports.notes import Notes
from selfwright.ports.repo import Repo, Signature

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where a commit goes.

    Attributes:
        base: The commit whose tree it starts from; None for an empty one.
        expect: Where the branch is before.
    """

    base: str | None
    parents: tuple[str, ...]
    expect: str | None


class Committer:
    """Satisfies the adopter port, on one branch of one repository.

    Args:
        repo: The run's own repository, or the surrounding one.
        notes: Of the same: take the certificates.
        branch: ``selfwright/<name>``.
        prefix: The problem's folder in the repository, as ``problems/codec/``; empty where it is the top.
        editable: Whether a path below the problem's folder is the program's, by the globs of the problem.
        base_files: For the run's own repository, every file of the problem that counts: the tree of v0. None for a
            surrounding repository, where v0 has the tree of HEAD.
        shelf: Where ``best`` and ``versions/`` are.
        author_name: Signs the commits.
        author_email: Same.

    Raises:
        BadInput: They can not sign a commit.
    """

    def __init__(
        self,
        *,
        repo: Repo,
        notes: Notes,
        branch: str,
        prefix: str,
        editable: Callable[[str], bool],
        base_files: Files | None,
        shelf: Shelf,
        author_name: str = "Selfwright",
        author_email: str = "selfwright@selfwright.invalid",
    ) -> None:
        self._repo = repo
        self._notes = notes
        self._branch = branch
        self._prefix = f"{prefix.rstrip('/')}/" if prefix else ""
        self._editable = editable
        self._base_files = base_files
        self._shelf = shelf
        self._author = Signature(name=author_name, email=author_email, time_s=0)

    def adopt(self, adoption: Adoption) -> Revision:
        check_program(adoption.files)
        place = self._place(adoption)
        given = self._base_files or {} if place.base is None else {}
        files = {self._prefix + path: content for path, content in {**given, **adoption.files}.items()}
        known = self._repo.file_ids(place.base, self._prefix) if place.base else {}
        wanted = self._wanted(known, files)
        tree = self._repo.build_tree(place.base, _difference(adoption, place, known, wanted, files))
        certificate = Certificate.of(adoption, tree=tree, branch=self._branch) if adoption.version else None
        author = replace(self._author, time_s=int(adoption.time_s))
        commit = self._repo.commit(
            tree=tree,
            parents=place.parents,
            message=evolution_message(certificate) if certificate else seed_message(adoption, tree=tree),
            author=author,
        )
        self._prove(commit, wanted)
        self._repo.advance(self._branch, commit, expect=place.expect)
        if certificate:  # after the branch; killed in between, it is written when the intent is taken up again
            self._notes.annotate(commit, certificate.to_json(), author=author)
        revision = Revision(version=adoption.version, commit=commit, tree=tree, branch=self._branch)
        self._shelf.put(adoption.version, adoption.files, _records(adoption, revision, certificate))
        log.info("v%d of %s is commit %s on %s", adoption.version, adoption.name, commit, self._branch)
        return revision

    def journal_of(self, commit: str) -> str | None:
        return trailer(self._repo.message(commit), "Journal")

    def _place(self, adoption: Adoption) -> _Place:
        if adoption.parent is not None:
            return _Place(base=adoption.parent, parents=(adoption.parent,), expect=adoption.parent)
        if self._base_files is not None:
            return _Place(base=None, parents=(), expect=None)
        return self._place_on_head(adoption)

    def _place_on_head(self, adoption: Adoption) -> _Place:
        """Return the place of a seed in a surrounding repository; a branch of an earlier run is continued."""
        head, tip = self._repo.resolve("HEAD"), self._repo.resolve(self._branch)
        if head is None:
            raise RepoError("the repository around the problem has no commit; commit the problem there first")
        if tip is None:
            return _Place(base=head, parents=(head,), expect=None)
        if self.journal_of(tip) == adoption.journal:
            # Made before we were killed. HEAD may have moved since, so it is made again on the HEAD that it had.
            parents = self._repo.parents(tip)
            return _Place(base=parents[-1], parents=parents, expect=None)
        return _Place(base=head, parents=tuple(dict.fromkeys((tip, head))), expect=tip)

    def _wanted(self, known: Mapping[str, str], files: Files) -> dict[str, str]:
        """Return path → blob id of all files that the problem's folder must have: the locked ones and ``files``."""
        locked = {path: oid for path, oid in known.items() if not self._editable(path.removeprefix(self._prefix))}
        return locked | {path: self._repo.blob_id(content) for path, content in files.items()}

    def _prove(self, commit: str, wanted: Mapping[str, str]) -> None:
        """Raise unless the commit, read back, has exactly the wanted files."""
        found = self._repo.file_ids(commit, self._prefix)
        if wrong := sorted(path for path, _ in found.items() ^ wanted.items()):
            raise RepoError(f"commit {commit} was not adopted: {wrong[0]!r} in it is not what was measured")


def _difference(
    adoption: Adoption, place: _Place, known: Mapping[str, str], wanted: Mapping[str, str], files: Files
) -> dict[str, bytes | None]:
    """Return what has to be written, or deleted (None), to get from ``known`` to ``wanted``.

    Raises:
        RepoError: There is a difference between HEAD and the seed that was measured.
    """
    written = {path: files[path] for path, oid in wanted.items() if known.get(path) != oid}
    difference = {**written, **dict.fromkeys(known.keys() - wanted.keys())}
    if not adoption.version and place.base is not None and difference:
        raise RepoError(
            f"{min(difference)!r} at HEAD is not as it was measured; commit it or undo the difference, then resume"
        )
    return difference


def _records(adoption: Adoption, revision: Revision, certificate: Certificate | None) -> dict[str, bytes]:
    """Return what the shelf says of a version; the seed has no certificate."""
    metrics: dict[str, object] = {
        "version": adoption.version,
        "commit": revision.commit,
        "metrics": dict(adoption.after),
    }
    if certificate is None:
        return {"metrics.json": _json(metrics)}
    metrics["improvement"] = improvement(certificate)
    return {"metrics.json": _json(metrics), "certificate.json": certificate.to_json()}


def _json(data: Mapping[str, object]) -> bytes:
    return json.dumps(data, indent=2, allow_nan=False).encode() + b"\n"
