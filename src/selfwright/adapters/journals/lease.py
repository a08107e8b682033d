"""The lease of a run: a file that its holder keeps locked. The kernel lets go of it when the holder ends, however.

``flock`` belongs to the open file: another handle of the same process is somebody else, and a started program does not
inherit it. What stands in the file is for people; whether it is locked is what counts.
"""

import errno
import fcntl
import os
import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from selfwright.core.errors import RunHeld, Unavailable

_GLANCE_S = 0.25
_BLOCKED = (errno.EWOULDBLOCK, errno.EACCES)


class FileLease:
    """Takes the lease at once, or says who has it.

    Args:
        path: The lock file; made where there is none, never removed.
        now_s: Seconds since the epoch, written into it.

    Raises:
        RunHeld: Another holds it: says which process, where, since when.
        Unavailable: The file can not be written.
    """

    def __init__(self, path: Path, *, now_s: float) -> None:
        self._descriptor = _open(path, os.O_RDWR | os.O_CREAT)
        try:
            self._lock(path)
            self._sign(path, now_s)
        except BaseException:
            self.release()
            raise

    @property
    def held(self) -> bool:
        """Whether it has not been released."""
        return self._descriptor >= 0

    def release(self) -> None:
        if self.held:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> "FileLease":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _lock(self, path: Path) -> None:
        """Lock it. Somebody who only looks (``holder_of``) has it for microseconds: that is worth a few tries."""
        deadline_s = time.monotonic() + _GLANCE_S
        while not _locked(self._descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline_s:
                raise RunHeld(f"{_signature(self._descriptor)} drives {path.parent}; wait for it, or stop it first")
            time.sleep(0.005)

    def _sign(self, path: Path, now_s: float) -> None:
        since = datetime.fromtimestamp(now_s, UTC).isoformat(sep=" ", timespec="seconds")
        text = f"process {os.getpid()} on {socket.gethostname()} since {since}\n".encode()
        try:
            os.pwrite(self._descriptor, text, 0)
            os.ftruncate(self._descriptor, len(text))
        except OSError as error:
            raise Unavailable(f"{path} can not be written ({error.strerror}); free space, then try again") from error


def holder_of(path: Path) -> str | None:
    """Return who holds the lease, as written in the lock file, or None."""
    if not path.exists():
        return None
    descriptor = _open(path, os.O_RDONLY)
    try:
        return None if _locked(descriptor, fcntl.LOCK_SH) else _signature(descriptor)
    finally:
        os.close(descriptor)


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags, 0o666)
    except OSError as error:
        raise Unavailable(f"{path} can not be opened ({error.strerror}); make its folder writable") from error


def _locked(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _BLOCKED:
            raise Unavailable(f"the lease can not be locked ({error.strerror}); use a local disk") from error
        return False
    return True


def _signature(descriptor: int) -> str:
    return os.pread(descriptor, 500, 0).decode(errors="replace").strip() or "another process"
