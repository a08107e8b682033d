"""What the processes of a box use, read from ``/proc``; for boxes that have no cgroup to count for them."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def below(pid: int) -> Iterator[int]:
    """Yield the process and all its descendants that live."""
    waiting = [pid]
    while waiting:
        yield (each := waiting.pop())
        for thread in _threads(each):
            with suppress(OSError):  # it has ended
                waiting += map(int, Path(f"/proc/{each}/task/{thread}/children").read_text().split())


def memory_bytes(pid: int) -> int:
    """Return the memory that the process and its descendants have for themselves, in RAM."""
    return sum(_own_memory(each) for each in below(pid))


def cpu_s(pid: int) -> float:
    """Return the CPU time of the process and its descendants, and of those that were reaped."""
    return sum(_clock_s(each) + _reaped_s(each) for each in below(pid))


def switches(pid: int) -> int:
    """Return how often the process's descendants that live had to leave a core although they could have gone on."""
    return sum(_switches(each, thread) for each in below(pid) if each != pid for thread in _threads(each))


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


def _own_memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:  # it has ended
        return 0
    found = dict(line.split(":", 1) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))
    return sum(int(text.split()[0]) * 1024 for text in found.values())


def _clock_s(pid: int) -> float:
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
