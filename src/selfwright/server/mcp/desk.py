"""The desk: all that an MCP client can have done. Behind it are the same calls as behind the command line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from selfwright.evolve.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A problem that a client may start runs of."""

    name: str
    description: str


class Errand(Protocol):
    """A command that was started, in a process of its own."""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""

    @property
    def failed(self) -> bool:
        """Whether it has ended, and not well."""

    def last_words(self) -> str:
        """Return the last line that it said."""

    def end(self) -> None:
        """End it, as Ctrl-C does."""


class Desk(Protocol):
    """What a client can have done. Callable from any thread; ``BadInput`` is what a client can mend.

    A run, a problem and a proposer are named, by words that are only ever compared with lists, so that none of them can
    become a path or a command.
    """

    def runs(self) -> Sequence[str]:
        """Return the names of the runs that may be seen, sorted."""

    def look(self, run: str, *, briefly: bool = False) -> History:
        """Return a run by its name, or a unique beginning of it; of no name the only run."""

    def certificate(self, history: History, version: int) -> str:
        """Return the certificate of a version, as its commit's note has it; nothing where there is none."""

    def problems(self) -> Sequence[Offered]:
        """Return the problems that runs may be started of."""

    def proposers(self) -> Sequence[str]:
        """Return who may be asked for changes by a run that is started here."""

    def submit(self, history: History, *, files: Mapping[str, str], patch: str, parent: str, reason: str) -> int:
        """Hand in a change; return its number."""

    def measure(self, history: History) -> Errand:
        """Measure what was handed in to a run that nobody drives: by what does so already, if anything does."""

    def start(
        self, problem: str, *, proposer: str, trials: int | None, wall_s: float | None, seed: int
    ) -> tuple[str, Errand]:
        """Begin a run; return its name, under which it is there once the seed is measured."""

    def resume(self, history: History, *, proposer: str, trials: int | None, wall_s: float | None) -> Errand | None:
        """Go on with a run: with one that is paused (then nothing is started), or with one that nobody drives."""

    def pause(self, history: History) -> str:
        """Ask whoever drives a run to begin nothing new; return what was done, in words."""

    def stop(self, history: History) -> str:
        """Ask whoever drives a run to end after the current trials, or, the second time, at once."""
