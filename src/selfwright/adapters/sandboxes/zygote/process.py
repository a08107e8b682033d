"""One box of a zygote, from the host: supervised by a descriptor of its first process, and by its cgroup if any."""

import logging
import os
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from selfwright.adapters.sandboxes import produce, tasks
from selfwright.adapters.sandboxes.linux import namespace
from selfwright.adapters.sandboxes.zygote.client import Client
from selfwright.adapters.sandboxes.zygote.message import End, Order, Word, receive, send
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
        try:
            self._box = zygote.take()
        except BaseException:
            self._empty_harvest()
            raise
        self._channel, self._group = self._box.channel, self._box.group
        self.ended_fd: int | None = self._box.pidfd
        self.pid = self._box.pid
        self._family = tasks.Family(self.pid)
        try:
            self._box.bind(memory_bytes=self._limit_bytes, tasks=limits.processes + _OWN_TASKS)
            files = _in_memory(contents)
            try:
                uid = _throw_away_uid(self.pid)
                send(self._channel, replace(order, uid=uid), [*streams, files, *self._harvest])
            finally:
                os.close(files)
            self._hear()
        except BaseException as error:
            self.end()
            if isinstance(error, OSError):
                raise SandboxError(f"a box ended while it was set up: {error}") from error
            raise

    def _hear(self) -> None:
        """Wait for its word that it is confined."""
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
        if self._group:
            self.peak_memory_bytes = self._group.peak_memory_bytes()
            return False  # the kernel itself holds the limit
        self.peak_memory_bytes = max(self.peak_memory_bytes, self._family.memory_bytes(self._limit_bytes))
        self.cpu_s()  # of what may be gone the next time
        return self.peak_memory_bytes > self._limit_bytes

    def cpu_s(self) -> float:
        """Return the CPU time of everything in it so far, orphans included."""
        if self._code is None:
            self._cpu_s = max(self._cpu_s, self._group.cpu_s() if self._group else self._family.cpu_s())
        return self._cpu_s

    def end(self) -> int:
        """End everything in it; return the candidate's exit code, negative for a signal."""
        if self._code is not None:
            return self._code
        self._kill()
        if not self._box.has_ended(_END_S):
            _logger.warning("a box's first process, %d, does not end; the kernel holds it", self.pid)
        end = self._last_word()
        self._code = end.code if end else -signal.SIGKILL
        self.lost = "" if end or self._zygote.alive else "the zygote has ended, and its boxes with it"
        self._cpu_s = max(self._cpu_s, end.cpu_s if end else 0.0)
        self._note_switches(end.switches if end else 0)
        self.ran_out_of_memory = bool(end and end.out_of_memory)
        if self._group:
            self._cpu_s = max(self._cpu_s, self._group.cpu_s())
            self.peak_memory_bytes = self._group.peak_memory_bytes()
            self.ran_out_of_memory |= self._group.ran_out_of_memory()
        self._box.close()
        self._zygote.prepare()
        self._empty_harvest()
        return self._code

    def _kill(self) -> None:
        try:
            if not self._box.has_ended(0):
                self._note_switches(tasks.switches(self.pid))
        finally:  # whatever can not be counted, it ends
            self._box.kill()

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

    def _last_word(self) -> End | None:
        self._channel.setblocking(False)
        with suppress(OSError, TypeError):  # it was killed before it said anything, or while it set itself up
            return receive(self._channel, End)[0]
        return None


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
