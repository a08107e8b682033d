"""Watches which lines of a program run: a sandbox whose guests note them, for a measurement that is of no other use.

The notes are taken beside the program, which can spoil them: they are advice and never evidence.
"""

from collections.abc import Mapping
from types import TracebackType

from selfwright.bench import wire
from selfwright.bench.coverage import Lines
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job, Reply
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Box, Sandbox


class LineSandbox:
    """A sandbox that does what another does, and notes lines; satisfies the ``Sandbox`` port.

    Args:
        lines: Which to look for.
    """

    def __init__(self, sandbox: Sandbox, lines: Lines) -> None:
        self._sandbox = sandbox
        self.name, self.contains, self.lacks = sandbox.name, sandbox.contains, sandbox.lacks
        self.switches = 0  # of a measurement in which nothing is timed
        self._wanted = {path: [*numbers] for path, numbers in lines.items()}
        self._seen: set[tuple[str, int]] = set()
        self._blind = False

    @property
    def seen(self) -> Lines | None:
        """Those of the lines that ran; None where there were processes of which that is not known."""
        if self._blind:
            return None
        ran = {path: tuple(n for n in wanted if (path, n) in self._seen) for path, wanted in self._wanted.items()}
        return {path: numbers for path, numbers in ran.items() if numbers}

    def open(self, job: Job) -> Box:
        box = self._sandbox.open(job)
        box.exchange(b"W\0" + wire.encode(self._wanted, max_bytes=1 << 24))
        return _LineBox(box, self)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        self._blind = True
        return self._sandbox.execute(job, argv, stdin=stdin, files=files, produce=produce)

    def close(self) -> None:
        self._sandbox.close()

    def take(self, reply: Reply) -> None:
        """Take the notes of a process that is about to end, as far as they are any."""
        if reply.status is not CallStatus.OK or reply.payload[:1] != b"V":
            self._blind = True
            return
        try:
            value = wire.decode(memoryview(reply.payload)[1:])
        except wire.WireError:
            value = None
        match value:
            case dict():
                pairs = ((path, numbers) for path, numbers in value.items() if isinstance(numbers, list))
                self._seen |= {(path, n) for path, numbers in pairs for n in numbers if isinstance(n, int)}
            case _:
                self._blind = True


class _LineBox:
    def __init__(self, box: Box, sandbox: LineSandbox) -> None:
        self._box = box
        self._sandbox = sandbox
        self._told = False

    def exchange(self, request: bytes, *, wall_s: float | None = None) -> Reply:
        return self._box.exchange(request, wall_s=wall_s)

    def cpu_s(self) -> float:
        return self._box.cpu_s()

    def close(self) -> None:
        try:
            if not self._told:
                self._told = True
                self._sandbox.take(self._box.exchange(b"R\0" + wire.encode(None, max_bytes=1)))
        except SandboxError:
            self._sandbox.take(Reply(status=CallStatus.CRASHED))
        finally:
            self._box.close()

    def __enter__(self) -> Box:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
