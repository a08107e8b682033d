"""Collects what a box leaves behind: processes that gave themselves a new session and a new parent.

A killed group does not hold a daemon. On Linux this process declares itself the subreaper of all that it starts, so
that an orphan becomes its child, and kills those that came from a box until none is left. It must not kill what else
its process has started (a git, another box), and nothing in an orphan says whose it was. So a child is taken for one if
it is in the box's session, carries the box's folder in its environment or working directory, or is neither in our
session nor leader of its own, which no child that we start ever is. Elsewhere than on Linux nothing is collected.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_MOST_ROUNDS = 1000
_boxes: set[int] = set()  # process ids of the boxes that live now, in any thread


@cache
def become_subreaper() -> None:
    """Let orphans of this process's descendants become its children; once is enough."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def register(box: int) -> None:
    """Say that ``box`` (a process id, leader of its session) lives, so that nobody takes it for an orphan."""
    _boxes.add(box)


def of(box: int) -> list[int]:
    """Return what of ``box``, which lives, has become a child of this process: its session tells."""
    return [pid for pid in _children() if pid != box and _session(pid) == box]


def collect(box: int, folder: Path) -> None:
    """Kill and reap everything that ``box``, which has ended, has left behind."""
    _boxes.discard(box)
    for _ in range(_MOST_ROUNDS):  # a fork bomb that outlives so many rounds would outlive more
        orphans = [pid for pid in _children() if _is_orphan(pid, box, os.fsencode(folder))]
        for pid in orphans:
            _end(pid)
        if not orphans:
            return


def reap(pids: set[int]) -> None:
    """Reap those of these killed processes that have become children of this one."""
    for _ in range(_MOST_ROUNDS):
        ours = pids.intersection(_children())
        for pid in ours:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)
        if not ours:
            return


def _children() -> list[int]:
    """Return the children of this process, whichever thread started them."""
    if sys.platform != "linux":
        return []
    children = []
    for thread in os.listdir("/proc/self/task"):
        try:
            children += [int(pid) for pid in Path(f"/proc/self/task/{thread}/children").read_text().split()]
        except FileNotFoundError:  # the thread has ended, or the kernel lacks CONFIG_PROC_CHILDREN
            continue
    return children


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def _is_orphan(pid: int, box: int, folder: bytes) -> bool:
    try:
        session = os.getsid(pid)
        if session not in (pid, os.getsid(0), *_boxes.copy()):  # box itself is in it no more
            return True
        return folder in Path(f"/proc/{pid}/environ").read_bytes() or os.readlink(f"/proc/{pid}/cwd").startswith(
            os.fsdecode(folder)
        )
    except OSError:  # gone, or a zombie of somebody else
        return False


def _end(pid: int) -> None:
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
