"""A worker process for tests: ``serving.py FOLDER HASH SANDBOX DESCRIPTOR``.

An empty hash stands for what is on disk; the sandbox is ``limits``, or ``none`` where the judge calls nothing.

And a judge's function that hangs, with the means to see that everything it started is gone.
"""

import os
import select
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench.problem import load_problem
from selfwright.bench.worker import serve
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job, Reply
from selfwright.ports.sandbox import Box

PATIENCE_S = 30
"""How long a test waits for what must happen; it fails then, and never passes by waiting."""

HANG = """
import os, pathlib, subprocess, sys, time

def hang():
    fifo = os.open(pathlib.Path(__file__).with_name(".alive"), os.O_WRONLY)
    sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
    child = subprocess.Popen(sleep, start_new_session=True, pass_fds=[fifo])
    os.write(fifo, f"{os.getpid()} {child.pid}\\n".encode())
    time.sleep(600)
"""
"""Source of a function that starts a process in a session of its own, tells both numbers, and never returns."""


class Hanging:
    """The judges of ``folder`` that hang; create it before they begin, ask it once they should."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".alive"
        os.mkfifo(self._path)

    def wait(self, judges: int = 1) -> list[tuple[int, int]]:
        """Return the process ids of so many judges, each with that of its child, once they hang."""
        self._fifo = self._path.open()
        return [(int(judge), int(child)) for judge, child in (self._fifo.readline().split() for _ in range(judges))]

    def assert_gone(self) -> None:
        """All of them have ended: each of them held the FIFO open for as long as it lived."""
        with self._fifo:
            assert select.select([self._fifo], [], [], PATIENCE_S)[0], "something still lives"
            assert self._fifo.read() == ""


class NoSandbox:
    """Runs nothing; says in the problem's folder when it was closed."""

    name = "none"
    contains = True
    switches = 0

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self, job: Job) -> Box:
        raise SandboxError("nothing runs here")

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        raise SandboxError("nothing runs here")

    def close(self) -> None:
        (self._folder / ".closed").touch()


def main() -> None:
    """Serve until the engine is gone."""
    folder, expected_hash, sandbox, descriptor = sys.argv[1:]
    problem = load_problem(Path(folder))
    serve(
        socket.socket(fileno=int(descriptor)),
        problem=problem,
        expected_hash=expected_hash or problem.hash,
        sandbox=LimitsSandbox() if sandbox == "limits" else NoSandbox(problem.folder),
    )


if __name__ == "__main__":
    main()
