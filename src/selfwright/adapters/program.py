"""Runs a program of the person's own: timed, with a deadline, ended with its group. It is not confined."""

import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil

from selfwright.core.errors import BadInput
from selfwright.core.job import Reply
from selfwright.core.printable import printable
from selfwright.core.status import CallStatus

_KEPT = 1 << 20
_LOG = 4096
_LOOK_S = 0.002
"""How often a system that can not tell of an end is asked for it."""
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


def run(argv: Sequence[str], folder: Path, *, timeout_s: float, cores: int = 0) -> Reply:
    """Run a program in a folder, with this process's environment, and an empty standard input.

    What it leaves running in its process group is killed when it ends.

    Args:
        cores: How many it is kept on, always the last: the first have most of the system's own work. 0, and
            where a system can not pin, all of them.

    Returns:
        How it ended. The payload is its standard output (of more than 1 MiB, the last whole lines), the log the end of
        its standard error, or of its output where there is none. Time runs from just before its start to its end; the
        peak of memory is that of its largest process, or 0 where that is not more than this process's own, which
        the system hands on to what it starts.

    Raises:
        BadInput: It could not be started, or there are fewer cores.
    """
    with _pinned(cores), tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        began_s = time.monotonic()
        try:
            process = subprocess.Popen(
                argv, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, start_new_session=True
            )
        except (OSError, ValueError) as error:
            words = error.strerror if isinstance(error, OSError) else error
            raise BadInput(f"{argv[0]!r} can not be started in {folder}: {words}; is it on PATH, or there?") from error
        try:
            in_time = _await_end(process, timeout_s)
            wall_s = time.monotonic() - began_s
        finally:
            code, used = _end(process)
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        status, reason = CallStatus.OK, ""
        if not in_time:
            status, reason = CallStatus.TIMED_OUT, f"it did not end within {timeout_s:g} s and was killed"
        elif code:
            status, reason = CallStatus.CRASHED, _ending(code)
        return Reply(
            status=status, payload=_tail(output, _KEPT), reason=reason, wall_s=wall_s,
            cpu_s=used.ru_utime + used.ru_stime,
            peak_memory_bytes=used.ru_maxrss * _RSS_UNIT if used.ru_maxrss > own else 0,
            log=printable(_tail(errors, _LOG)).strip() or printable(_tail(output, _LOG)).strip(),
        )  # fmt: skip


@contextmanager
def _pinned(cores: int) -> Iterator[None]:
    """Keep this thread, and what it starts, on so many cores."""
    if not cores or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    if cores > len(before):
        raise BadInput(f"{cores} cores were asked for, and there are {len(before)} here; 0 takes them all")
    os.sched_setaffinity(0, sorted(before)[-cores:])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _await_end(process: "subprocess.Popen[bytes]", timeout_s: float) -> bool:
    """Wait without reaping: until then its number can not be somebody else's. Return whether it has ended in time."""
    if not hasattr(os, "pidfd_open"):
        return _watch_end(psutil.Process(process.pid), time.monotonic() + timeout_s)
    ended = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))
    finally:
        os.close(ended)


def _watch_end(process: psutil.Process, deadline_s: float) -> bool:
    while process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline_s:
            return False
        time.sleep(_LOOK_S)
    return True


def _end(process: "subprocess.Popen[bytes]") -> tuple[int, resource.struct_rusage]:
    """Kill its group, reap it, and return its exit code and what it used."""
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        os.killpg(process.pid, signal.SIGKILL)
    _, status, used = os.wait4(process.pid, 0)  # instead of Popen.wait, which does not tell what was used
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used


def _ending(code: int) -> str:
    return f"exit code {code}" if code > 0 else f"killed by signal {-code} ({signal.strsignal(-code)})"


def _tail(file: IO[bytes], most: int) -> bytes:
    """Return the last bytes of a file that holds lines, from the beginning of a line."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - most))
    return file.read() if size <= most else file.read().partition(b"\n")[2]
