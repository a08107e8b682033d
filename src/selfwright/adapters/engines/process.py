"""One worker process, seen from its engine: started, spoken with, watched and ended."""

import os
import select
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress

import psutil

from selfwright.core.errors import Unavailable
from selfwright.core.message import Message, take
from selfwright.core.printable import printable

_CHUNK = 1 << 18
_TAIL = 2048


class WorkerProcess:
    """A spawned process, the near end of its connection, and its standard error. Nothing here blocks but ``end``.

    Attributes:
        connection: Readable when a message came or the process has ended.
        errors: Descriptor of its standard error; to be drained, or it would block once the pipe is full.
        unsent: Bytes that did not fit yet; ``flush`` when the connection is writable.
        gone: The connection has ended, so the process has too.

    Raises:
        Unavailable: It could not be started.
    """

    def __init__(self, command: Sequence[str], *, cores: frozenset[int]) -> None:
        self.connection, far = socket.socketpair()
        self.errors, far_errors = os.pipe()
        try:
            self._process = subprocess.Popen(
                [*command, str(far.fileno())],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=far_errors,
                pass_fds=(far.fileno(),), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            self.connection.close()
            os.close(self.errors)
            raise Unavailable(f"no worker could be started: {command[0]}: {error.strerror}") from error
        finally:
            far.close()
            os.close(far_errors)
        self.unsent = bytearray()
        self.gone = False
        self._unread = bytearray()
        self._tail = b""
        self._family: list[psutil.Process] | None = None
        self.connection.setblocking(False)
        os.set_blocking(self.errors, False)
        if cores:
            with suppress(OSError):  # ended already, or not allowed here: then it runs on any core
                os.sched_setaffinity(self._process.pid, cores)

    @property
    def pid(self) -> int:
        """Its process id, which is also that of its group and session."""
        return self._process.pid

    def send(self, frame: bytes) -> None:
        """Send a frame, or as much of it as fits now."""
        self.unsent += frame
        self.flush()

    def flush(self) -> None:
        """Send what is left."""
        with suppress(BlockingIOError, ConnectionError):  # a connection that broke is noticed by ``receive``
            while self.unsent:
                del self.unsent[: self.connection.send(self.unsent)]

    def receive(self) -> Iterator[tuple[Message, dict[str, bytes]]]:
        """Yield the messages that are there."""
        try:
            while received := self.connection.recv(_CHUNK):
                self._unread += received
            self.gone = True
        except BlockingIOError:
            pass
        except ConnectionError:
            self.gone = True
        while (frame := take(self._unread)) is not None:
            yield frame

    def has_ended(self) -> bool:
        """Whether an idle process, which has nothing to say, is gone."""
        for _ in self.receive():
            pass
        return self.gone

    def drain(self) -> bool:
        """Keep the end of what it wrote to standard error; return False once that has ended."""
        try:
            while written := os.read(self.errors, _CHUNK):
                self._tail = (self._tail + written)[-_TAIL:]
        except BlockingIOError:
            return True
        return False

    def terminate(self) -> None:
        """Ask it to end."""
        if self._family is None:
            self._family = _descendants(self.pid)
            with suppress(ProcessLookupError):
                os.kill(
                    self.pid, signal.SIGTERM
                )  # not ``Popen.terminate``: that reaps, and its group must be killed first

    def end(self, *, grace_s: float) -> str:
        """End it with everything that it started, and say how it ended, e.g. ``ended with exit code 3``.

        Args:
            grace_s: How long it may take to end by itself.
        """
        self.terminate()
        self._await_end(grace_s)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        for process in self._family or ():
            with suppress(OSError, psutil.Error):
                _kill(process)
        code = self._process.wait()
        self.drain()
        self.connection.close()
        os.close(self.errors)
        ending = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        last_words = printable(self._tail).strip()
        return f"{ending}; it wrote last:\n{last_words}" if last_words else ending

    def _await_end(self, timeout_s: float) -> None:
        """Wait without reaping: until then its number can not be somebody else's, and its group can be killed by it."""
        if hasattr(os, "pidfd_open"):
            ended = os.pidfd_open(self.pid)
            select.select([ended], [], [], timeout_s)
            os.close(ended)
        else:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout_s)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []
    return found


def _kill(process: psutil.Process) -> None:
    """Kill a process that is still the same one, and its group where it leads one: what it forks meanwhile goes too."""
    if process.is_running() and os.getpgid(process.pid) == process.pid:
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
