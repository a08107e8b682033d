"""Watches a sandbox: what is asked of a candidate and what it answers, written down beside a measurement.

The watched run is an honest one, of the seed. From it the check learns which functions or commands a judge calls, with
which inputs, so that it can plant its cheats there.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import TracebackType

from selfwright.bench import wire
from selfwright.core.job import Job, Reply
from selfwright.ports.sandbox import Box, Sandbox

MOST_BYTES = 256 << 20
"""What one worker writes down at most; the rest is measured and not remembered."""

Entry = tuple[object, ...]
"""``("ask", box, request, status, answer)`` or ``("run", box, argv, stdin, files, status, stdout, produced)``."""


class WatchedSandbox:
    """A sandbox that does what another does, and writes it down; satisfies the ``Sandbox`` port.

    Args:
        folder: Each process writes a file of its own there.
    """

    def __init__(self, sandbox: Sandbox, *, folder: Path) -> None:
        self._sandbox = sandbox
        self.name, self.contains, self.lacks = sandbox.name, sandbox.contains, sandbox.lacks
        self.switches = 0  # of a run in which nothing is timed
        self._path = folder / f"{os.getpid()}.calls"
        self._boxes = count(os.getpid() << 32)  # no number twice, also not in two processes
        self._lock = threading.Lock()  # a judge may call from several threads
        self._left = MOST_BYTES

    def open(self, job: Job) -> Box:
        return _WatchedBox(self._sandbox.open(job), number=next(self._boxes), note=self._note)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        reply = self._sandbox.execute(job, argv, stdin=stdin, files=files, produce=produce)
        box = next(self._boxes)
        self._note("run", box, argv, stdin, dict(files), str(reply.status), reply.payload, dict(reply.files))
        return reply

    def close(self) -> None:
        self._sandbox.close()

    def _note(self, *entry: object) -> None:
        with self._lock, suppress(wire.WireError):  # larger than what is left
            written = wire.encode(entry, max_bytes=self._left)
            self._left -= len(written)
            with self._path.open("ab") as file:
                file.write(len(written).to_bytes(8) + written)


class _WatchedBox:
    def __init__(self, box: Box, *, number: int, note: Callable[..., None]) -> None:
        self._box = box
        self._number = number
        self._note = note

    def exchange(self, request: bytes, *, wall_s: float | None = None) -> Reply:
        reply = self._box.exchange(request, wall_s=wall_s)
        self._note("ask", self._number, request, str(reply.status), reply.payload)
        return reply

    def cpu_s(self) -> float:
        return self._box.cpu_s()

    def close(self) -> None:
        self._box.close()

    def __enter__(self) -> Box:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_watched(folder: Path) -> Iterator[Entry]:
    """Yield what was written down, process by process, each in order."""
    for path in sorted(folder.glob("*.calls")):
        content = memoryview(path.read_bytes())
        while content:
            end = 8 + int.from_bytes(content[:8])
            entry = wire.decode(content[8:end])
            if isinstance(entry, tuple):
                yield entry
            content = content[end:]
