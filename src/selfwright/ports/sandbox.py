"""Port: the sandbox, where a candidate runs. Bytes in, bytes out; what they mean is the bench's business."""

from collections.abc import Mapping
from types import TracebackType
from typing import Protocol

from selfwright.core.job import Job, Reply

MOST_PRODUCED = 1024
"""Files that one command brings back; more of them are ``output_too_large``."""


class Box(Protocol):
    """One running guest. A reply that is not ``ok`` ends it: every later exchange answers ``crashed``."""

    def exchange(self, request: bytes, *, wall_s: float | None = None) -> Reply:
        """Send one frame and wait for one, within the deadline; on a miss the whole group is killed.

        Raises:
            SandboxError: What held the box has ended, and the box with it, by no doing of the candidate.
        """

    def cpu_s(self) -> float:
        """Return the CPU time of all its processes so far, between exchanges too; 0 where the system does not tell."""

    def close(self) -> None:
        """End it with everything it started. Twice is harmless."""

    def __enter__(self) -> "Box":
        """Return itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""


class Sandbox(Protocol):
    """Starts boxes. Nothing of one box is visible to the next: no file, process, shared memory.

    Attributes:
        name: ``limits``, ``zygote``, ...: recorded in every trial.
        contains: Whether hostile code is contained. An adapter for which this is False must be asked for by name.
        lacks: What it leaves open on this machine, with the mend where there is one; a sentence each.
        switches: How often what ran in boxes had to leave a core although it could have gone on, so far; only of
            processes that this one does not wait for, because ``getrusage`` tells of the others.
    """

    name: str
    contains: bool
    lacks: tuple[str, ...]
    switches: int

    def open(self, job: Job) -> Box:
        """Start a guest in a fresh process.

        Raises:
            SandboxError: Confinement could not be set up. Nothing ran.
        """

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        """Run a command in a private directory that holds ``job.files`` and ``files``; ``job.guest`` is not used.

        Args:
            argv: ``python`` as the first is the sandbox's interpreter.
            produce: Paths and globs of files to bring back, ``files_mb`` of them in all, not more than
                ``MOST_PRODUCED``; what is missing, no regular file or refused by ``core.path`` is left out.
        """

    def close(self) -> None:
        """End everything that it keeps, and commands that run: who waits for one gets ``SandboxError``. For good."""
