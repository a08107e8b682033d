"""The sandbox ``limits``: a clean environment, rlimits, a process group and a deadline. It contains no hostile code."""

import select
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType

from selfwright.adapters.sandboxes.folder import Folder, sweep
from selfwright.adapters.sandboxes.process import COMMAND, GUEST, Process
from selfwright.adapters.sandboxes.pump import Frame, Log, Pipes, Pump, Stop, Stream
from selfwright.core.environment import BARE, Environment
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus

LIMITS_NOTE = (
    "The sandbox 'limits' does not contain hostile code: a program in it can read what you can read and reach what you "
    "can reach. It bounds time, memory and output, and cleans up; use it for code that you trust."
)
"""What a person must be told before candidates run in it."""

_MIB = 1 << 20


class LimitsSandbox:
    """Starts each box as a fresh process of this user, in a private folder. See ``LIMITS_NOTE``.

    Args:
        environment: Its folders' programs are found; all else of this machine can be read and imported anyway.
    """

    name = "limits"
    contains = False
    note = LIMITS_NOTE

    def __init__(self, *, environment: Environment = BARE) -> None:
        self._environment = environment
        sweep()

    def open(self, job: Job) -> "LimitsBox":
        return LimitsBox(job, self._environment.search_path)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        folder = Folder(job.files)
        try:
            folder.add(files, mode=0o644)
            running = _Running(
                argv, start=COMMAND, folder=folder, limits=job.limits, search_path=self._environment.search_path
            )  # fmt: skip
            try:
                stdout = Stream(job.limits.output_mb * _MIB)
                reply = running.exchange([b"\n", stdin], reply=stdout, wall_s=job.limits.wall_s, last=True)
            finally:
                running.end()
            return _with_files(reply, folder, produce, job.limits)
        finally:
            folder.remove()

    def close(self) -> None:
        """Keep nothing, so end nothing."""


class LimitsBox:
    """One guest, and the folder that is removed with it.

    Args:
        search_path: Folders of programs that it finds before the system's.

    Raises:
        SandboxError: It could not be started.
    """

    def __init__(self, job: Job, search_path: tuple[str, ...] = ()) -> None:
        self._limits = job.limits
        self._ended = ""
        self._folder = Folder(job.files)
        try:
            self._folder.freeze()
            # Not -I: the environment is ours, and under -I the seed of hashes would not be read from it.
            argv = (sys.executable, "-s", "-P", "-B", "-u", job.guest)
            self._running = _Running(
                argv, start=GUEST, folder=self._folder, limits=job.limits, search_path=search_path
            )  # fmt: skip
        except BaseException:
            self._folder.remove()
            raise
        self._outgoing = [b"\n"]  # lets it start

    def exchange(self, request: bytes, *, wall_s: float | None = None) -> Reply:
        if self._ended:
            return Reply(status=CallStatus.CRASHED, reason=f"the process has ended before: {self._ended}")
        if self._running.has_spoken():
            self.close("it wrote a reply that nobody had asked for")
            return Reply(status=CallStatus.VIOLATED, reason=self._ended)
        outgoing = [*self._outgoing, len(request).to_bytes(8, "big"), request]
        self._outgoing = []
        frame = Frame(self._limits.output_mb * _MIB)
        wall_s = self._limits.wall_s if wall_s is None else min(wall_s, self._limits.wall_s)
        try:
            reply = self._running.exchange(outgoing, reply=frame, wall_s=wall_s)
        except BaseException:  # Ctrl-C: what runs must not outlive it
            self.close()
            raise
        if reply.status is not CallStatus.OK:
            self.close(reply.reason)
            return replace(reply, payload=b"")  # half a frame is no reply
        return reply

    def close(self, reason: str = "it was closed") -> None:
        """End it; ``reason`` is what later exchanges are told."""
        if not self._ended:
            self._ended = reason
            self._running.end()
            self._folder.remove()

    def __enter__(self) -> "LimitsBox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Running:
    """A held process with its pipes."""

    def __init__(
        self, argv: tuple[str, ...], *, start: str, folder: Folder, limits: Limits, search_path: tuple[str, ...]
    ) -> None:
        self._limits = limits
        self._log = Log(limits.log_kb * 1024)
        self._pipes = Pipes()
        try:
            self._process = Process(
                argv, start=start, folder=folder, limits=limits, streams=self._pipes.theirs, search_path=search_path
            )  # fmt: skip
        except BaseException:
            self._pipes.close()
            raise
        finally:
            self._pipes.close_theirs()

    def exchange(self, outgoing: list[bytes], *, reply: Frame | Stream, wall_s: float, last: bool = False) -> Reply:
        """Send, and wait for what ``reply`` takes; all but a whole reply ends the process."""
        pump = Pump(self._process, self._pipes, outgoing=outgoing, last=last, reply=reply, log=self._log)
        cpu_s, started = self._process.cpu_s(), time.monotonic()
        self._process.allow_cpu(wall_s)
        stop = pump.run(wall_s)
        used_s, text = time.monotonic() - started, self._log.take()
        code = None if stop is Stop.ANSWERED else self._process.end()
        status, reason = _judge(stop, code, wall_s, text, self._limits)
        if stop is Stop.ENDED and not last and status is CallStatus.OK:
            status, reason = CallStatus.CRASHED, "exit code 0 without an answer"
        return Reply(
            status=status, payload=reply.content(), reason=reason, wall_s=used_s, cpu_s=self._process.cpu_s() - cpu_s,
            peak_memory_bytes=self._process.peak_memory_bytes, log=text,
        )  # fmt: skip

    def has_spoken(self) -> bool:
        """Whether bytes of a reply wait before anything was asked."""
        poll = select.poll()
        poll.register(self._pipes.replies, select.POLLIN)
        return any(event & select.POLLIN for _, event in poll.poll(0))

    def end(self) -> None:
        """End it with everything it started."""
        self._process.end()
        self._pipes.close()


def _judge(stop: Stop, code: int | None, wall_s: float, log: str, limits: Limits) -> tuple[CallStatus, str]:
    """Return status and reason of a stop; ``code`` is that of ``Process.end``."""
    if stop is Stop.LATE:
        return CallStatus.TIMED_OUT, f"no answer within {wall_s:g} s"
    if stop is Stop.TOO_LARGE:
        return CallStatus.OUTPUT_TOO_LARGE, f"output limit of {limits.output_mb} MiB"
    if stop is Stop.TOO_MUCH_MEMORY or (code and "MemoryError" in log.rstrip().rpartition("\n")[2]):
        return CallStatus.OUT_OF_MEMORY, f"memory limit of {limits.memory_mb} MiB"
    if not code:
        return CallStatus.OK, ""
    if code > 0:
        return CallStatus.CRASHED, f"exit code {code}"
    if code == -signal.SIGXCPU:
        return CallStatus.TIMED_OUT, "killed by SIGXCPU: more CPU time than the deadline allows"
    if code == -signal.SIGXFSZ:
        return CallStatus.CRASHED, f"killed by SIGXFSZ: a file of more than {limits.files_mb} MiB"
    names = {int(known): known.name for known in signal.Signals}
    return CallStatus.CRASHED, f"killed by {names.get(-code, f'signal {-code}')}"


def _with_files(reply: Reply, folder: Folder, produce: tuple[str, ...], limits: Limits) -> Reply:
    """Return the reply with the produced files, which are looked at after everything that could change them is dead."""
    left = limits.files_mb * _MIB
    files = {}
    for name in produce:
        content = folder.produced(name, left)
        if content is None:
            continue
        left -= len(content)
        if left < 0:
            reason = f"the produced files have more than {limits.files_mb} MiB, at {name}"
            return replace(reply, status=CallStatus.OUTPUT_TOO_LARGE, reason=reason)
        files[name] = content
    return replace(reply, files=files)
