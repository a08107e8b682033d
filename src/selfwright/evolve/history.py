"""A run as one looks at it: its state, its programs, its events. Reads only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from selfwright.core.errors import BadInput, JournalCorrupt
from selfwright.core.event import Record
from selfwright.evolve.archive import names
from selfwright.ports.blobs import Blobs
from selfwright.ports.journal import Journal
from selfwright.views.run import Attempt, RunState, fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program of a run.

    Attributes:
        name: ``v3`` or ``t12``.
        files: Its editable files.
        metrics: Metric → aggregate over the cases of the last public stage; empty where it did not get so far.
        version: N where it was adopted as vN.
        commit: Of that version.
    """

    name: str
    files: Mapping[str, bytes]
    metrics: Mapping[str, float]
    version: int | None = None
    commit: str = ""


class History:
    """Looks at a run.

    Args:
        folder: The run's folder.
        state: Its state; by default the fold of the whole journal.

    Attributes:
        state: As it was at the time of opening.
    """

    def __init__(self, *, folder: Path, journal: Journal, blobs: Blobs, state: RunState | None = None) -> None:
        self.folder = folder
        self.blobs = blobs
        self._journal = journal
        self.state = state or fold(journal.read())

    @property
    def best(self) -> Program:
        """The incumbent."""
        return self.program("best")

    def catch_up(self) -> None:
        """Take in what the journal has gained since."""
        for record in self._journal.read(after=self.state.seq):
            self.state.apply(record)

    def events(self) -> Iterator[Record]:
        """Yield everything in the journal, in order."""
        yield from self._journal.read()  # not returned: whoever reads keeps this history, hence its files, open

    def holder(self) -> str | None:
        """Return who drives the run now, in words, or None."""
        return self._journal.holder()

    def program(self, name: str) -> Program:
        """Return a program by ``best``, ``seed``, ``v3``, ``t12``, or the beginning of a change id or commit.

        Raises:
            BadInput: There is no such program, or more than one.
            JournalCorrupt: A file of it is not there.
        """
        attempt = self.find(name)
        said = attempt.proposed
        files = {path: self.load(sha256) for path, sha256 in said.tree.items()}
        version = attempt.version
        return Program(
            name=attempt.id if version is None else f"v{version}", files=files, metrics=self.metrics(attempt),
            version=version, commit=self.commit(attempt),
        )  # fmt: skip

    def load(self, sha256: str) -> bytes:
        """Return a file that the journal names.

        Raises:
            JournalCorrupt: It is not there.
        """
        try:
            return self.blobs.get(sha256)
        except KeyError as error:
            raise JournalCorrupt(
                f"{error.args[0]}, which its journal names; restore it from a copy of the run"
            ) from error

    def commit(self, attempt: Attempt) -> str:
        """Return the commit of the version that an attempt became; empty where it became none."""
        return "" if attempt.version is None else self.state.versions[attempt.version].commit

    def metrics(self, attempt: Attempt) -> Mapping[str, float]:
        """Return metric → aggregate over the cases of the last public stage that it finished."""
        from selfwright.gate.summary import summarise
        from selfwright.views.run import public_readings

        return summarise(self.state.run.metrics, public_readings(self.state, attempt))

    def find(self, name: str) -> Attempt:
        """Return the attempt of that name; see :meth:`program`.

        Raises:
            BadInput: There is none, or more than one.
        """
        if name in ("best", "seed"):
            name = f"v{self.state.versions[-1].version}" if name == "best" and self.state.versions else "v0"
        if name == "v0":
            return self.state.last(0)
        if name[:1] == "t" and name[1:].isdecimal() and int(name[1:]) in self.state.trials:
            return self.state.last(int(name[1:]))  # of a repaired trial the last attempt, as everywhere
        found = self._named(name)
        if len(found) == 1:
            return found[0]
        folder = self.folder
        if found:
            raise BadInput(f"{name!r} fits {', '.join(each.id for each in found[:5])} in {folder}: give more of it")
        raise BadInput(
            f"{folder} has no {name!r}: there are {names(len(self.state.versions) - 1, self.state.asked)}; "
            f"`selfwright log {folder}` lists them"
        )

    def _named(self, name: str) -> list[Attempt]:
        attempts = self.state.attempts()
        exact = [each for each in attempts if name in (each.id, f"v{each.version}")]
        if exact:
            return exact[-1:]
        commits = {version.trial: version.commit for version in self.state.versions}
        ids = {id(each): each for each in attempts if len(name) >= 4 and (
            each.proposed.change.startswith(name)
            or (each.version is not None and commits[each.proposed.trial].startswith(name))
        )}  # fmt: skip
        return list(ids.values())
