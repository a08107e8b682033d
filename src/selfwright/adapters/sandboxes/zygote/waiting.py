"""A box of a zygote before its order: forked ahead, in a cgroup of its own, with nothing of a candidate in it."""

import os
import select
import signal
import socket
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

from selfwright.adapters.sandboxes.linux import cgroup
from selfwright.adapters.sandboxes.zygote.message import Fork, send
from selfwright.core.errors import SandboxError

_END_S = 20


class Waiting:
    """One such box.

    To fork it takes the kernel 2 ms, to put it into its cgroup 10 ms where nothing was put into one for a while: it
    waits for a grace period. Asked for ahead, it costs nobody anything.

    Args:
        zygote: The connection to the zygote, which is asked here; its answer is for ``meet``.

    Attributes:
        channel: To the box.
        group: Its cgroup, where there are any; it bounds nothing yet.
        pidfd: Of its first process; -1 before ``meet``.
        pid: Of the same, as this process sees it.

    Raises:
        SandboxError: No cgroup could be made.
        OSError: The zygote has ended, or no descriptor is left to ask with.
    """

    def __init__(self, zygote: socket.socket) -> None:
        self.pidfd, self.pid = -1, 0
        self.group: cgroup.Cgroup | None = None
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self.group = cgroup.make()
                entrance: AbstractContextManager[list[int]] = self.group.doors() if self.group else nullcontext([])
                with entrance as doors:
                    send(zygote, Fork(), [theirs.fileno(), *doors])
        except BaseException:
            self.discard()
            raise

    def meet(self, pidfd: int) -> None:
        """Take the zygote's answer."""
        self.pidfd = pidfd
        self.pid = _pid_of(pidfd)

    def bind(self, *, memory_bytes: int, tasks: int) -> None:
        """Bound it, where there are cgroups.

        Raises:
            SandboxError: The kernel refuses, or the box has ended.
        """
        if not self.group:
            return
        try:
            self.group.bind(memory_bytes=memory_bytes, tasks=tasks)
            self.group.add(self.pid)  # if it is not there of its own accord: an older kernel does not let it
        except OSError as error:
            raise SandboxError(f"no cgroup for a box: {error}") from error

    def has_ended(self, wall_s: float) -> bool:
        """Whether its first process, and so all of it, ends within this time."""
        poll = select.poll()
        poll.register(self.pidfd, select.POLLIN)
        return bool(poll.poll(wall_s * 1000))

    def kill(self) -> None:
        """Let the kernel end everything in it; twice is harmless."""
        with suppress(ProcessLookupError):  # one that has ended takes no signal
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)

    def close(self) -> None:
        """Let go of it once it has ended."""
        if self.group:
            self.group.remove()
        self.channel.close()
        os.close(self.pidfd)

    def discard(self) -> None:
        """End it, unused. Where the zygote has not answered, it ends by itself: nobody is at the channel."""
        self.channel.close()
        if self.pidfd >= 0:
            self.kill()
            self.has_ended(_END_S)
            os.close(self.pidfd)
        if self.group:
            self.group.remove()


def _pid_of(pidfd: int) -> int:
    """Return the process's number as this process sees it; that which the zygote sees is another."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise SandboxError("the kernel does not tell the process of a descriptor")
