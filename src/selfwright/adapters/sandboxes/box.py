"""What every sandbox does with a process, however confined: exchange frames with a guest, run a command to its end."""

import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType

from selfwright.adapters.sandboxes.pump import Frame, Log, Pipes, Pump, Stop, Stream
from selfwright.adapters.sandboxes.supervised import Supervised
from selfwright.core.errors import SandboxError
from selfwright.core.job import Reply
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import MOST_PRODUCED

_MIB = 1 << 20
_SHORT = re.compile(r"MemoryError|failed to map segment|Cannot allocate memory|want of memory")

Starter = Callable[[tuple[int, int, int]], Supervised]
"""Starts a confined process with these descriptors as standard input, output and error; raises ``SandboxError``."""


class GuestBox:
    """One guest, spoken to in frames.

    Args:
        held: What it is sent first, to let it start.
        release: Called once it has ended, or could not be started.

    Raises:
        SandboxError: It could not be started.
    """

    def __init__(
        self, start: Starter, limits: Limits, *, held: bytes = b"", release: Callable[[], None] = lambda: None
    ) -> None:
        self._limits = limits
        self._release = release
        self._ended = ""
        try:
            self._running = _Running(start, limits, held)
        except BaseException:
            release()
            raise

    def exchange(self, request: bytes, *, wall_s: float | None = None) -> Reply:
        if self._ended:
            return Reply(status=CallStatus.CRASHED, reason=f"the process has ended before: {self._ended}")
        if self._running.has_spoken():
            self.close("it wrote a reply that nobody had asked for")
            return Reply(status=CallStatus.VIOLATED, reason=self._ended)
        outgoing = [len(request).to_bytes(8, "big"), request]
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

    def cpu_s(self) -> float:
        return self._running.cpu_s()

    def close(self, reason: str = "it was closed") -> None:
        """End it; ``reason`` is what later exchanges are told."""
        if not self._ended:
            self._ended = reason
            self._running.end()
            self._release()

    def __enter__(self) -> "GuestBox":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def run_command(
    start: Starter, limits: Limits, *, stdin: bytes, produce: Iterable[str], held: bytes = b""
) -> Reply:  # fmt: skip
    """Run a started command to its end, and bring back what it left.

    Raises:
        SandboxError: It could not be started.
    """
    running = _Running(start, limits, held)
    try:
        stdout = Stream(limits.output_mb * _MIB)
        reply = running.exchange([stdin], reply=stdout, wall_s=limits.wall_s, last=True)
    finally:
        running.end()
    files = running.produced(produce, limits.files_mb * _MIB)
    if len(files) > MOST_PRODUCED:
        reason = f"more than {MOST_PRODUCED} produced files, such as {list(files)[-1]}"
        return replace(reply, status=CallStatus.OUTPUT_TOO_LARGE, reason=reason)
    if sum(map(len, files.values())) > limits.files_mb * _MIB:
        reason = f"the produced files have more than {limits.files_mb} MiB, at {list(files)[-1]}"
        return replace(reply, status=CallStatus.OUTPUT_TOO_LARGE, reason=reason)
    return replace(reply, files=files)


def interpreted(argv: tuple[str, ...]) -> tuple[str, ...]:
    """Return a command whose ``python`` is the interpreter that runs us."""
    return (sys.executable, *argv[1:]) if argv[0] == "python" else argv


class _Running:
    """A confined process with its pipes."""

    def __init__(self, start: Starter, limits: Limits, held: bytes) -> None:
        self._limits = limits
        self._log = Log(limits.log_kb * 1024)
        self._pipes = Pipes()
        try:
            self._process = start(self._pipes.theirs)
        except BaseException as error:
            self._pipes.close()
            if isinstance(error, SandboxError):
                raise _explained(error, "", limits) from error
            raise
        finally:
            self._pipes.close_theirs()
        try:
            if held:
                os.write(self._pipes.requests, held)
            self._process.settle()
        except SandboxError as error:
            said = self._last_words()
            self.end()
            raise _explained(error, said, limits, short=self._process.ran_out_of_memory) from error
        except BaseException:
            self.end()
            raise

    def exchange(self, outgoing: list[bytes], *, reply: Frame | Stream, wall_s: float, last: bool = False) -> Reply:
        """Send, and wait for what ``reply`` takes; all but a whole reply ends the process.

        Raises:
            SandboxError: It was lost: whatever it would have answered, its end is not the candidate's.
        """
        pump = Pump(self._process, self._pipes, outgoing=outgoing, last=last, reply=reply, log=self._log)
        cpu_s, started = self._process.cpu_s(), time.monotonic()
        self._process.allow_cpu(wall_s)
        stop = pump.run(wall_s)
        used_s, text = time.monotonic() - started, self._log.take()
        code = None if stop is Stop.ANSWERED else self._process.end()
        if code is not None and self._process.lost:
            raise SandboxError(self._process.lost)
        if code is not None and self._process.ran_out_of_memory:
            stop = Stop.TOO_MUCH_MEMORY
        status, reason = _judge(stop, code, wall_s, text, self._limits)
        if stop is Stop.ENDED and not last and status is CallStatus.OK:
            status, reason = CallStatus.CRASHED, "exit code 0 without an answer"
        return Reply(
            status=status, payload=reply.content(), reason=reason, wall_s=used_s, cpu_s=self._process.cpu_s() - cpu_s,
            peak_memory_bytes=self._process.peak_memory_bytes, log=text,
        )  # fmt: skip

    def _last_words(self) -> str:
        """Return the last line that it wrote: what started it may have said why it could not."""
        with suppress(BlockingIOError):
            self._log.feed(os.read(self._pipes.log, 1 << 16))
        return self._log.take().strip().rpartition("\n")[2]

    def cpu_s(self) -> float:
        """Return the CPU time of all its processes so far."""
        return self._process.cpu_s()

    def has_spoken(self) -> bool:
        """Whether bytes of a reply wait before anything was asked."""
        poll = select.poll()
        poll.register(self._pipes.replies, select.POLLIN)
        return any(event & select.POLLIN for _, event in poll.poll(0))

    def end(self) -> None:
        """End it with everything it started."""
        self._process.end()
        self._pipes.close()

    def produced(self, names: Iterable[str], most: int) -> dict[str, bytes]:
        """Return what a command left; once it has ended."""
        return self._process.produced(names, most)


def _explained(error: SandboxError, said: str, limits: Limits, *, short: bool = False) -> SandboxError:
    """Return why nothing could begin; nothing of a candidate has run, so the words are ours and the system's."""
    why = f"{error}: {said}" if said else str(error)
    if short or _SHORT.search(why):
        why += f"; memory_mb = {limits.memory_mb} in problem.toml may be too small for Python and what it imports"
    return SandboxError(why)


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
        return CallStatus.TIMED_OUT, f"killed by SIGXCPU: more CPU time than the deadline of {wall_s:g} s allows"
    if code == -signal.SIGXFSZ:
        return CallStatus.CRASHED, f"killed by SIGXFSZ: a file of more than {limits.files_mb} MiB"
    names = {int(known): known.name for known in signal.Signals}
    return CallStatus.CRASHED, f"killed by {names.get(-code, f'signal {-code}')}"
