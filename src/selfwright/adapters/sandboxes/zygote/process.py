"""One box of a zygote, from the host: supervised by a descriptor of its first process, and by its cgroup if any."""

import logging
import os
import select
import signal
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from selfwright.adapters.sandboxes import produce, tasks
from selfwright.adapters.sandboxes.linux import cgroup, namespace
from selfwright.adapters.sandboxes.zygote.client import Client
from selfwright.adapters.sandboxes.zygote.message import End, Go, Order, Word, receive, send
from selfwright.core.errors import SandboxError
from selfwright.core.limits import Limits

_MIB = 1 << 20
_OWN_TASKS = 2  # the box's init, and the candidate's first
_SET_UP_S = 20
_END_S = 20
_FIRST_UID = 0x40000000
_logger = logging.getLogger(__name__)


class BoxProcess:
    """A confined process, ready to begin.

    Args:
        streams: Its standard input, output and error.
        contents: Of the program's files, one after the other.
        tell_switches: Told of involuntary switches of its processes.

    Raises:
        SandboxError: Confinement could not be set up, at the step that the message names; nothing of it ran.
    """

    def __init__(
        self, zygote: Client, order: Order, limits: Limits, *, streams: tuple[int, int, int], contents: Iterable[bytes],
        tell_switches: Callable[[int], None],
    ) -> None:  # fmt: skip
        self._limit_bytes = limits.memory_mb * _MIB
        self._zygote = zygote
        self._tell_switches = tell_switches
        self._code: int | None = None
        self._cpu_s = 0.0
        self.peak_memory_bytes = 0
        self._switches = 0
        self.ran_out_of_memory = False
        self.lost = ""
        self._harvest = [os.memfd_create("harvest")] if order.produce else []
        self._produced: dict[str, bytes] = {}
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        files = _in_memory(contents)
        try:
            self._pidfd = zygote.order(order, [*streams, theirs.fileno(), files, *self._harvest])
        except BaseException:
            self._channel.close()
            self._empty_harvest()
            raise
        finally:
            theirs.close()
            os.close(files)
        self.ended_fd: int | None = self._pidfd
        self.pid = _pid_of(self._pidfd)
        self._family = tasks.Family(self.pid)
        self._cgroup: cgroup.Cgroup | None = None
        try:
            self._cgroup = cgroup.make(memory_bytes=self._limit_bytes, tasks=limits.processes + _OWN_TASKS)
            self._confine()
        except BaseException as error:
            self.end()
            if isinstance(error, OSError):
                raise SandboxError(f"a box ended while it was set up: {error}") from error
            raise

    def _confine(self) -> None:
        if self._cgroup:
            self._cgroup.add(self.pid)
        send(self._channel, Go(uid=_throw_away_uid(self.pid)))
        self._channel.settimeout(_SET_UP_S)
        try:
            word, _ = receive(self._channel, Word)
        except OSError as error:
            raise SandboxError(f"a box was not set up within {_SET_UP_S} s: {error}") from error
        if word is None:
            raise SandboxError("a box ended while it was set up: killed, perhaps for want of memory")
        if word.failed:
            raise SandboxError(f"a box can not be set up: {word.failed}")

    def settle(self) -> None:
        """Nothing: it was confined when it came to be."""

    def allow_cpu(self, wall_s: float) -> None:
        """Nothing: it can not outlive its supervisor, who has the deadline."""

    def has_ended(self) -> bool:
        """No: ``ended_fd`` tells."""
        return False

    def watch(self) -> bool:
        """Take the memory's high-water mark; return whether somebody has to end it for that."""
        if self._cgroup:
            self.peak_memory_bytes = self._cgroup.peak_memory_bytes()
            return False  # the kernel itself holds the limit
        self.peak_memory_bytes = max(self.peak_memory_bytes, self._family.memory_bytes(self._limit_bytes))
        self.cpu_s()  # of what may be gone the next time
        return self.peak_memory_bytes > self._limit_bytes

    def cpu_s(self) -> float:
        """Return the CPU time of everything in it so far, orphans included."""
        if self._code is None:
            self._cpu_s = max(self._cpu_s, self._cgroup.cpu_s() if self._cgroup else self._family.cpu_s())
        return self._cpu_s

    def end(self) -> int:
        """End everything in it; return the candidate's exit code, negative for a signal."""
        if self._code is not None:
            return self._code
        self._kill()
        if not self._has_ended(_END_S):
            _logger.warning("a box's first process, %d, does not end; the kernel holds it", self.pid)
        end = self._last_word()
        self._code = end.code if end else -signal.SIGKILL
        self.lost = "" if end or self._zygote.alive else "the zygote has ended, and its boxes with it"
        self._cpu_s = max(self._cpu_s, end.cpu_s if end else 0.0)
        self._note_switches(end.switches if end else 0)
        self.ran_out_of_memory = bool(end and end.out_of_memory)
        if self._cgroup:
            self._cpu_s = max(self._cpu_s, self._cgroup.cpu_s())
            self.peak_memory_bytes = self._cgroup.peak_memory_bytes()
            self.ran_out_of_memory |= self._cgroup.ran_out_of_memory()
            self._cgroup.remove()
        self._channel.close()
        os.close(self._pidfd)
        self._empty_harvest()
        return self._code

    def _kill(self) -> None:
        try:
            if not self._has_ended(0):
                self._note_switches(tasks.switches(self.pid))
        finally:  # whatever can not be counted, it ends
            with suppress(ProcessLookupError):  # one that has ended takes no signal
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _note_switches(self, switches: int) -> None:
        self._tell_switches(max(0, switches - self._switches))
        self._switches = max(self._switches, switches)

    def produced(self, names: Iterable[str], most: int) -> dict[str, bytes]:
        """Return what a command left, as the box's init has read it."""
        return self._produced

    def _empty_harvest(self) -> None:
        while self._harvest:
            with open(self._harvest.pop(), "rb") as file:
                try:
                    self._produced = produce.take(file)
                except SandboxError:
                    if not self.ran_out_of_memory:  # which ends a box's init as well
                        raise

    def _has_ended(self, wall_s: float) -> bool:
        poll = select.poll()
        poll.register(self._pidfd, select.POLLIN)
        return bool(poll.poll(wall_s * 1000))

    def _last_word(self) -> End | None:
        self._channel.setblocking(False)
        with suppress(OSError, TypeError):  # it was killed before it said anything, or while it set itself up
            return receive(self._channel, End)[0]
        return None


def _pid_of(pidfd: int) -> int:
    """Return the process's number as this process sees it; that which the zygote sees is another."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise SandboxError("the kernel does not tell the process of a descriptor")


def _throw_away_uid(pid: int) -> int:
    """Return a user of its own for a box, where we may become another and there is one to spare."""
    if namespace.needs_user():
        return 0
    uid = _FIRST_UID + pid
    return uid if namespace.is_user(uid) else namespace.NOBODY


def _in_memory(contents: Iterable[bytes]) -> int:
    descriptor = os.memfd_create("files")
    for content in contents:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    return descriptor
