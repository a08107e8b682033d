"""One process of a box: started held, bound from outside, watched by the system's counters, ended with its group."""

import math
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache

from selfwright.adapters.sandboxes import orphans, produce, tasks
from selfwright.adapters.sandboxes.folder import Folder
from selfwright.adapters.sandboxes.variable import variables
from selfwright.core.errors import SandboxError
from selfwright.core.limits import Limits, Profile

_MIB = 1 << 20
_OPEN_FILES, _UNCOUNTED_OPEN_FILES = 512, 256
"""Without a cgroup nothing counts the buffers of pipes and sockets."""
_CPU_SLACK_S = 2

# A shell holds the start until a line comes, so that every limit is there before the first byte of the program is read.
_HOLD = 'IFS= read -r _ && exec "$@"'
COMMAND = _HOLD
"""Standard input, output and error are the command's own."""
GUEST = _HOLD + " 3<&0 4>&1 </dev/null >&2"
"""Requests on descriptor 3, replies on 4, both outputs into the log."""
HELD = b"\n"
"""What lets it start."""


class Process:
    """A held process in a session and group of its own.

    Args:
        start: ``COMMAND`` or ``GUEST``: which descriptors it sees.
        streams: Its standard input, output and error.
        search_path: Folders of programs that it finds before the system's.
        pass_fds: Descriptors that it keeps.
        counted: Whether a cgroup counts its memory and tasks.

    Raises:
        SandboxError: It could not be started, or its limits could not be set; nothing of it ran.
    """

    def __init__(
        self, argv: Sequence[str], *, start: str, folder: Folder, limits: Limits, streams: tuple[int, int, int],
        search_path: Sequence[str] = (), pass_fds: Sequence[int] = (), counted: bool = False,
    ) -> None:  # fmt: skip
        orphans.become_subreaper()
        self._folder = folder
        self._limits = limits
        self._exit: int | None = None
        self._ending = threading.Lock()
        self._cpu_s = 0.0
        self.peak_memory_bytes = 0
        self.ran_out_of_memory = False
        self.lost = ""
        try:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", start, "sh", *argv], stdin=streams[0], stdout=streams[1], stderr=streams[2],
                cwd=folder.program, env=variables(str(folder.tmp), search_path),
                pass_fds=pass_fds, start_new_session=True,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise SandboxError(f"can not start {argv[0]!r}: {error}") from error
        self.pid = self._process.pid
        orphans.register(self.pid)
        self.ended_fd = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else None
        try:
            _bind(self.pid, limits, counted=counted)
        except (OSError, ValueError) as error:
            self.end()
            raise SandboxError(f"can not set the limits of {argv[0]!r}: {error}") from error

    def settle(self) -> None:
        """Nothing: it was bound from outside."""

    def allow_cpu(self, wall_s: float) -> None:
        """Let it use as much more CPU time as the deadline has, and a little; it would outlive a lost supervisor."""
        if self._limits.profile is Profile.PYTHON and hasattr(resource, "prlimit"):
            _, most = resource.prlimit(self.pid, resource.RLIMIT_CPU)
            resource.prlimit(self.pid, resource.RLIMIT_CPU, (math.ceil(self.cpu_s() + wall_s) + _CPU_SLACK_S, most))

    def has_ended(self) -> bool:
        """Whether it has ended by itself; for systems without ``ended_fd``."""
        return self.ended_fd is None and self._process.poll() is not None

    def watch(self) -> bool:
        """Take the memory's high-water mark; return whether it is above the limit."""
        self.peak_memory_bytes = max(self.peak_memory_bytes, _peak_memory(self.pid))
        return self.peak_memory_bytes > self._limits.memory_mb * _MIB

    def cpu_s(self) -> float:
        """Return its CPU time so far; once it has ended, that of its children too."""
        if self._exit is None:
            self._cpu_s = max(self._cpu_s, _cpu_s(self.pid))
        return self._cpu_s

    def end(self) -> int:
        """Kill its group, reap it, collect what it left; return its exit code, negative for a signal."""
        if self._exit is None:
            with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
                os.killpg(self.pid, signal.SIGKILL)  # before it is reaped: its number can not be somebody else's yet
            self._exit = self._reap()
            orphans.collect(self.pid, self._folder.path)
            with self._ending:
                if self.ended_fd is not None:
                    os.close(self.ended_fd)
                    self.ended_fd = None
        return self._exit

    def let_go(self, why: str) -> None:
        """Kill it from another thread than the one that waits for it, and that then cleans up."""
        with self._ending:
            if self._exit is None and self.ended_fd is not None:
                self.lost = why
                signal.pidfd_send_signal(self.ended_fd, signal.SIGKILL)

    def produced(self, names: Iterable[str], most: int) -> dict[str, bytes]:
        """Return what a command left; see ``produce.read_all``."""
        return produce.read_all(self._folder.program, names, most)

    def _reap(self) -> int:
        if self._process.returncode is None:
            _, status, used = os.wait4(self.pid, 0)  # instead of Popen.wait, which does not tell what was used
            self._process.returncode = os.waitstatus_to_exitcode(status)
            self._cpu_s = max(self._cpu_s, used.ru_utime + used.ru_stime)
        return self._process.returncode


def _bind(pid: int, limits: Limits, *, counted: bool) -> None:
    if not hasattr(resource, "prlimit"):  # macOS: deadline and memory are watched, the rest is not bound
        return
    bounds = {
        resource.RLIMIT_FSIZE: limits.files_mb * _MIB,
        resource.RLIMIT_NOFILE: _OPEN_FILES if counted else _UNCOUNTED_OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    if limits.profile is Profile.PYTHON and not counted:  # the others reserve address space that they never touch
        bounds[resource.RLIMIT_AS] = limits.memory_mb * _MIB
    if os.geteuid() != 0 and not counted:  # root is exempt
        bounds[resource.RLIMIT_NPROC] = _tasks_of_user() + limits.processes
    for kind, bound in bounds.items():
        _, most = resource.prlimit(pid, kind)
        allowed = bound if most == resource.RLIM_INFINITY else min(bound, most)
        resource.prlimit(pid, kind, (allowed, allowed))


@cache
def _tasks_of_user() -> int:
    """Return how many threads this user runs; RLIMIT_NPROC counts all of them, not those of one box. Counted once."""
    count = 0
    for entry in os.scandir("/proc"):
        try:
            if entry.name.isdigit() and entry.stat().st_uid == os.geteuid():
                count += len(os.listdir(f"/proc/{entry.name}/task"))
        except OSError:  # it has ended meanwhile
            continue
    return count


def _peak_memory(pid: int) -> int:
    """Return the high-water mark of the resident memory; 0 when the process is gone."""
    if sys.platform != "linux":
        return _by_psutil(pid)[1]
    return sum(tasks.sizes(f"/proc/{pid}/status", "VmHWM:"))


def _cpu_s(pid: int) -> float:
    return tasks.clock_s(pid) if sys.platform == "linux" else _by_psutil(pid)[0]


def _by_psutil(pid: int) -> tuple[float, int]:
    import psutil

    try:
        process = psutil.Process(pid)
        times = process.cpu_times()
        return times.user + times.system, process.memory_info().rss
    except psutil.Error:
        return 0.0, 0
