"""What a box's pump asks of the process that it watches, however it was started."""

from collections.abc import Iterable
from typing import Protocol


class Supervised(Protocol):
    """One process with everything that it starts, confined before its first byte is read.

    Attributes:
        ended_fd: Becomes readable when it has ended; None where the system offers no such thing.
        peak_memory_bytes: As far as ``watch`` has seen.
        ran_out_of_memory: Whether it was killed for want of memory; known after ``end``.
        lost: Why it ended where that was neither its own doing nor that of who watches it; known after ``end``.
    """

    ended_fd: int | None
    peak_memory_bytes: int
    ran_out_of_memory: bool
    lost: str

    def settle(self) -> None:
        """Wait until it is confined; it has been let start.

        Raises:
            SandboxError: It could not be; nothing of the candidate ran.
        """

    def allow_cpu(self, wall_s: float) -> None:
        """Let it use as much more CPU time as an exchange of ``wall_s`` may need."""

    def has_ended(self) -> bool:
        """Whether it has ended by itself, where ``ended_fd`` does not tell."""

    def watch(self) -> bool:
        """Take the memory's high-water mark; return whether it is above the limit."""

    def cpu_s(self) -> float:
        """Return the CPU time so far."""

    def end(self) -> int:
        """End it with everything it started; return its exit code, negative for a signal. Twice is harmless."""

    def produced(self, names: Iterable[str], most: int) -> dict[str, bytes]:
        """Return path → content of the files that a command left; after ``end``. See ``produce.read_all``."""
