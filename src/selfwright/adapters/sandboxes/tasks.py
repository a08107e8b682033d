"""What the processes of a box use, read from ``/proc``; for boxes that have no cgroup to count for them."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from selfwright.adapters.sandboxes import orphans

_TABLES = "VmPTE:"  # what the kernel itself needs: 4 KiB for each 2 MiB in which a page was touched
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def below(pid: int) -> Iterator[int]:
    """Yield the process and all its descendants that live."""
    waiting = [pid]
    while waiting:
        yield (each := waiting.pop())
        for thread in _threads(each):
            with suppress(OSError):  # it has ended
                waiting += map(int, Path(f"/proc/{each}/task/{thread}/children").read_text().split())


def switches(pid: int) -> int:
    """Return how often the process's descendants that live had to leave a core although they could have gone on."""
    return sum(_switches(each, thread) for each in below(pid) if each != pid for thread in _threads(each))


class Family:
    """A process with its descendants, also those whose parents have ended. What it has used is known by looking often.

    Args:
        pid: The process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._clocks_s: dict[int, float] = {}
        self._gone_s = 0.0

    def _members(self) -> list[int]:
        return [each for first in (self._pid, *orphans.of(self._pid)) for each in below(first)]

    def memory_bytes(self, most: int) -> int:
        """Return the memory that they have in RAM, with what the kernel needs to map it, files aside.

        What several share is counted for each of them, and only where that makes more than ``most`` is it counted once:
        asking for shares takes the kernel some 40 ms a GiB, asking for sums 0.1 ms a process.
        """
        members = self._members()
        total = sum(map(_memory, members))
        return total if total <= most else sum(map(_share_of_memory, members))

    def cpu_s(self) -> float:
        """Return the CPU time of them all: those that were reaped by their parents, or were seen at an earlier look."""
        members = self._members()
        clocks_s = {each: clock_s(each) for each in members}
        # A parent that ignores SIGCHLD is not told what its children used: proc_pid_stat(5), cutime.
        self._gone_s += sum(last_s for each, last_s in self._clocks_s.items() if clocks_s.get(each, 0.0) < last_s)
        self._clocks_s = clocks_s
        live_s = sum(clocks_s.values())
        return live_s + max(self._gone_s, sum(map(_reaped_s, members)))


def _threads(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:  # it has ended
        return []


def _switches(pid: int, thread: str) -> int:
    try:
        status = Path(f"/proc/{pid}/task/{thread}/status").read_text()
    except OSError:  # it has ended
        return 0
    _, found, rest = status.partition("nonvoluntary_ctxt_switches:")
    return int(rest.split(maxsplit=1)[0]) if found else 0


def _memory(pid: int) -> int:
    return sum(sizes(f"/proc/{pid}/status", "RssAnon:", "RssShmem:", _TABLES))


def _share_of_memory(pid: int) -> int:
    """Return its memory, where what n processes share counts 1/n; all of it where the kernel does not tell shares."""
    shares = sum(sizes(f"/proc/{pid}/smaps_rollup", "Pss_Anon:", "Pss_Shmem:"))
    return shares + sum(sizes(f"/proc/{pid}/status", _TABLES)) if shares else _memory(pid)


def sizes(file: str, *names: str) -> list[int]:
    """Return the sizes in bytes that a file of ``/proc`` tells under these names; none where the process has ended."""
    try:
        lines = Path(file).read_text().splitlines()
    except OSError:  # it has ended, or lets nobody look
        return []
    return [int(line.split()[1]) * 1024 for line in lines if line.startswith(names)]


def clock_s(pid: int) -> float:
    """Return the CPU time of one process; 0 where it has ended."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # the CPU clock of another process: clock_getcpuclockid(3)
    except OSError:
        return 0.0


def _reaped_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[13]) + int(fields[14])) / _TICKS_PER_S  # cutime, cstime: proc_pid_stat(5)
