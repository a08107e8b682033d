"""Watches a sandbox: what is asked of a candidate and what it answers, written down beside a measurement.

The watched run is an honest one, of the seed. From it the check learns which functions or commands a judge calls, with
which inputs, so that it can plant its cheats there.
"""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import TracebackType

from selfwright.bench import wire
from selfwright.check.planted.recorder import RECORDS
from selfwright.core.glob import matches
from selfwright.core.job import Job, Reply
from selfwright.ports.sandbox import Box, Sandbox

MOST_BYTES = 256 << 20
"""What one worker writes down at most; of the rest, the names."""

LEFT_OUT = "left out"
"""The status of what was too large: only its name is there."""
Entry = tuple[object, ...]
"""``("ask", box, request, status, answer, log)`` or ``("run", box, argv, stdin, files, status, stdout, produced)``."""


class WatchedSandbox:
    """A sandbox that does what another does, and writes it down; satisfies the ``Sandbox`` port.

    Args:
        folder: Each process writes a file of its own there.
        most_bytes: What it remembers.
    """

    def __init__(self, sandbox: Sandbox, *, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._sandbox = sandbox
        self.name, self.contains, self.lacks = sandbox.name, sandbox.contains, sandbox.lacks
        self.switches = 0  # of a run in which nothing is timed
        self._path = folder / f"{os.getpid()}.calls"
        self._boxes = count(os.getpid() << 32)  # no number twice, also not in two processes
        self._lock = threading.Lock()  # a judge may call from several threads
        self._left = most_bytes

    def open(self, job: Job) -> Box:
        return _WatchedBox(self._sandbox.open(job), number=next(self._boxes), note=self._note)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        records = f"{RECORDS}/*"
        reply = self._sandbox.execute(job, argv, stdin=stdin, files=files, produce=(*produce, records))
        box = next(self._boxes)
        self._note(
            ("run", box, argv, stdin, dict(files), str(reply.status), reply.payload, dict(reply.files)),
            ("run", box, argv, b"", {}, LEFT_OUT, b"", {}),
        )
        return replace(
            reply, files={path: content for path, content in reply.files.items() if not matches(path, records)}
        )

    def close(self) -> None:
        self._sandbox.close()

    def _note(self, entry: Entry, short: Entry) -> None:
        """Write an entry down, or the short one in its place where it is larger than what is left."""
        with self._lock:
            try:
                written = wire.encode(entry, max_bytes=self._left)
                self._left -= len(written)
            except wire.WireError:
                written = wire.encode(short, max_bytes=MOST_BYTES)
            with self._path.open("ab") as file:
                file.write(len(written).to_bytes(8) + written)


class _WatchedBox:
    def __init__(self, box: Box, *, number: int, note: Callable[[Entry, Entry], None]) -> None:
        self._box = box
        self._number = number
        self._note = note

    def exchange(self, request: bytes, *, wall_s: float | None = None) -> Reply:
        reply = self._box.exchange(request, wall_s=wall_s)
        self._note(
            ("ask", self._number, request, str(reply.status), reply.payload, reply.log),
            ("ask", self._number, request[: 2 + request[1]], LEFT_OUT, b"", ""),
        )
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
