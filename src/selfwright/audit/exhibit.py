"""What is audited: a commit as git has it, the note beside it, and what a journal says that it should be."""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from selfwright.audit.certificate import Certificate
from selfwright.audit.message import trailer
from selfwright.core.adoption import Adoption
from selfwright.core.change import Files, Tree
from selfwright.core.errors import BadInput, IllegalMove, JournalError, RepoError
from selfwright.core.event import Adopted, AdoptionIntended, Record
from selfwright.ports.notes import Notes
from selfwright.ports.repo import Repo
from selfwright.views.adoption import adoption_of
from selfwright.views.run import RunState

SEED = "Seed v0"
_FILE = "problem.toml"
_VERSION = re.compile(r"\S+ Autonomous Code Evolution - v([0-9]{1,9})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as git has it.

    Attributes:
        author: Name, address and time, as in its header; ``committer`` likewise.
    """

    id: str
    tree: str
    parents: tuple[str, ...]
    author: str
    committer: str
    message: str

    @classmethod
    def read(cls, repo: Repo, commit: str) -> "Commit":
        """Return the commit of this id."""
        lines = [line.partition(" ") for line in repo.header(commit).splitlines()]
        facts = {key: value for key, _, value in reversed(lines)}
        return cls(
            id=commit,
            tree=facts["tree"],
            parents=tuple(value for key, _, value in lines if key == "parent"),
            author=facts.get("author", ""),
            committer=facts.get("committer", ""),
            message=repo.message(commit),
        )

    @property
    def version(self) -> int | None:
        """The number in its subject; 0 for a seed, None where it is no version."""
        if self.message.startswith(f"{SEED}\n"):
            return 0
        found = _VERSION.match(self.message)
        return int(found[1]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a journal says of a version: everything that its commit and its certificate are made of."""

    adoption: Adoption
    adopted: Adopted

    @property
    def certificate(self) -> Certificate:
        """The certificate that follows from it; the seed's is written nowhere."""
        return Certificate.of(self.adoption, tree=self.adopted.tree, branch=self.adopted.branch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """One version on trial.

    Attributes:
        note: Its certificate as it lies beside the commit; None where there is none.
        expected: None where there is no journal.
        seed: The commit of v0; None where it can not be reached.
        folder: Of the problem in the tree, as ``problems/codec/``; empty where it is the top.
    """

    commit: Commit
    note: bytes | None
    expected: Expected | None
    seed: Commit | None
    folder: str

    @property
    def name(self) -> str:
        """Return ``v3 1a2b3c4d5e6f``."""
        return f"v{self.commit.version} {self.commit.id[:12]}"

    @property
    def certificate(self) -> Certificate | None:
        """What the note says; of a seed what the journal says; None where nothing readable does."""
        if self.note is None:
            return self.expected.certificate if self.expected and not self.expected.adoption.version else None
        with suppress(ValueError, OverflowError, RecursionError):
            return Certificate.read(self.note)
        return None

    def said(self, key: str) -> str:
        """Return the value of a trailer; empty where there is none."""
        return trailer(self.commit.message, key) or ""

    def numbers(self) -> Mapping[str, Mapping[str, object]]:
        """Return what the trailer ``Metrics`` says; nothing where it is unreadable."""
        with suppress(ValueError, RecursionError):
            table = json.loads(self.said("Metrics"), parse_int=_whole)
            if isinstance(table, dict) and all(isinstance(row, dict) for row in table.values()):
                return table
        return {}


def _whole(digits: str) -> int | float:
    """Return a number without a fraction; one that no count is becomes a float, which may be infinite."""
    return int(digits) if len(digits) < 16 else float(digits)


def collect(repo: Repo, notes: Notes, commit: str, expected: Expected | None = None) -> Exhibit:
    """Return what there is of one commit.

    Raises:
        BadInput: It is no version.
    """
    found = Commit.read(repo, commit)
    if found.version is None:
        subject = found.message.partition("\n")[0]
        raise BadInput(f"commit {commit[:12]} ({subject!r}) is no adopted version; name one of a branch selfwright/...")
    seed = _seed(repo, found)
    return Exhibit(
        commit=found, note=notes.note(commit), expected=expected, seed=seed, folder=_folder(repo, seed or found)
    )


def adoptions(records: Iterable[Record], load: Callable[[Tree], Files]) -> Iterator[Expected]:
    """Yield what a journal says of each version, as far as it can be read.

    Args:
        load: Tree → files.
    """
    state, adoption = RunState(), None
    with suppress(JournalError, IllegalMove, KeyError):  # what is wrong with it `chain.examine` says
        for record in records:
            state.apply(record)
            if isinstance(record.event, AdoptionIntended):
                adoption = adoption_of(state, record, load(state.last(record.event.trial).proposed.tree))
            elif isinstance(record.event, Adopted) and adoption is not None:
                yield Expected(adoption=adoption, adopted=record.event)


def versions_below(repo: Repo, tip: str, *, through: bool = False) -> list[str]:
    """Return the commits from ``tip`` back to the seed of its run, newest first; what is no version is passed over.

    Args:
        through: Go on behind the seed, to the runs before.
    """
    found, commit = [], Commit.read(repo, tip)
    while True:
        if commit.version is not None:
            found.append(commit.id)
        if (commit.version == 0 and not through) or not commit.parents or repo.resolve(commit.parents[0]) is None:
            return found
        commit = Commit.read(repo, commit.parents[0])


def _seed(repo: Repo, commit: Commit) -> Commit | None:
    try:
        last = Commit.read(repo, versions_below(repo, commit.id)[-1])
    except RepoError:
        return None
    return last if last.version == 0 else None


def _folder(repo: Repo, commit: Commit) -> str:
    """Return the folder of the problem that a seed names, by the name in its problem file."""
    found = [path.removesuffix(_FILE) for path in repo.list_files(commit.id) if f"/{path}".endswith(f"/{_FILE}")]
    if len(found) == 1:
        return found[0]
    name = commit.message.partition("\n\n")[2].partition(":")[0]
    fits = [folder for folder in found if _name(repo.read_file(commit.id, f"{folder}{_FILE}") or b"") == name]
    if len(fits) != 1:
        raise BadInput(
            f"commit {commit.id[:12]} has {len(found)} problem files, and {len(fits)} of them are of {name!r}"
        )
    return fits[0]


def _name(content: bytes) -> str:
    with suppress(ValueError):
        return str(tomllib.loads(content.decode()).get("name", ""))
    return ""
