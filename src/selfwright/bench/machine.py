"""The machine as workers share it: who may be alone on it, and how noisy it was."""

import fcntl
import os
import resource
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from selfwright.core.errors import SandboxError
from selfwright.core.noise import Noise

_LARGEST_KEPT = (32 << 20) - (1 << 16)


@contextmanager
def turn(*, alone: bool, tell: Callable[[bool], None]) -> Iterator[None]:
    """Hold the machine, with others or alone: all workers of this user whose temporary folder is the same.

    Everybody goes through a door into a room. Who wants to be alone waits in the door until the room is empty, and
    meanwhile nobody else comes in, so that it is never starved. The kernel frees what a dead process held.

    Args:
        tell: Called with True before waiting and with False after it.

    Raises:
        SandboxError: There is no place for the locks, or it is another user's.
    """
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with _open("door") as door, _open("room") as room:
        try:
            fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(room, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            tell(True)
            fcntl.flock(door, fcntl.LOCK_EX)
            fcntl.flock(room, kind)
            tell(False)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield


@contextmanager
def _open(name: str) -> Iterator[int]:
    path = Path(tempfile.gettempdir()) / f"selfwright-{os.getuid()}.{name}"
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SandboxError(f"{path}, by which workers share the machine: {error.strerror}; remove it") from error
    try:
        found = os.fstat(lock)
        if found.st_uid != os.geteuid() or not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise SandboxError(f"{path}, by which workers share the machine: not a file of ours; remove it")
        yield lock
    finally:
        os.close(lock)


class Meter:
    """Measures the noise from its making on.

    Args:
        elsewhere: Involuntary switches so far of what is no child of this process (``Sandbox.switches``).
    """

    def __init__(self, elsewhere: Callable[[], int] = lambda: 0) -> None:
        self._elsewhere = elsewhere
        self._ticks = _ticks()
        self._switches = self._count()

    def read(self) -> Noise:
        """Return the noise since then."""
        stolen, total = (after - before for after, before in zip(_ticks(), self._ticks, strict=True))
        return Noise(
            steal=stolen / total if total else 0.0, switches=self._count() - self._switches, load=os.getloadavg()[0]
        )  # fmt: skip

    def _count(self) -> int:
        return self._elsewhere() + sum(
            resource.getrusage(who).ru_nivcsw for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        )


def keep_memory() -> None:
    """Let the C library keep memory that is freed: to get a page anew takes longer than to fill it.

    What glibc gives back at once follows the largest block that was ever given back (mallopt(3), M_MMAP_THRESHOLD): one
    of nearly 32 MiB, of which no page is touched here, makes it keep up to 64 MiB. Others take no notice.
    """
    bytes(_LARGEST_KEPT)


def own_cores() -> int:
    """Return how many cores the engine gave this worker, and with it every trial."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


def _ticks() -> tuple[int, int]:
    """Return stolen and all ticks of this process's cores, of proc(5)."""
    if sys.platform != "linux":
        return 0, 0
    own = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    lines = (line.split() for line in Path("/proc/stat").read_text().splitlines())
    counts = [[int(count) for count in counted[:8]] for name, *counted in lines if name in own]
    return sum(count[7] for count in counts), sum(map(sum, counts))
