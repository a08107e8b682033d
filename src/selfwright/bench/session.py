"""Calls into one process of a candidate; and what may be believed of what comes back."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from selfwright.bench import wire
from selfwright.bench.outcome import Outcome
from selfwright.bench.stopwatch import EMPTY_BATCHES, Samples, Stopwatch
from selfwright.core.change import Files
from selfwright.core.errors import CallFailed, SandboxError
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits
from selfwright.core.printable import printable
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Box, Sandbox

GUEST = str(Path(__file__).with_name("guest.py"))
_MIB = 1 << 20


class Session:
    """A context whose calls share one process, which has imported the program and keeps its state.

    Args:
        files: The program and its siblings.
        program: Which of them is imported.
        limits: Of the import and of each call (wall), and of the process (everything else).
        modules: Packages that the program may import beyond the standard library.
        note: Told of the import and of every call.
    """

    def __init__(
        self, *, files: Files, program: str, sandbox: Sandbox, limits: Limits, modules: tuple[str, ...],
        note: Callable[[Outcome], None],
    ) -> None:  # fmt: skip
        self._job = Job(files=files, guest=GUEST, limits=limits)
        self._program = program
        self._modules = modules
        self._sandbox = sandbox
        self._note = note
        self._box: Box | None = None
        self._imported = Outcome(status=CallStatus.OK)

    def __enter__(self) -> "Session":
        self._box = self._sandbox.open(self._job)
        reply = self._box.exchange(self._request(b"L", self._program, list(self._modules)))
        outcome = self._read(reply, f"while importing {self._program}")
        self._imported = replace(outcome, wall_s=0.0, load_s=reply.wall_s)
        self._note(self._imported)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._box is not None:
            self._box.close()

    def call(self, function: str, *args: object, wall_s: float | None = None) -> Outcome:
        """Call a function of the program. Once the import failed, or the process ended, every call says so.

        Args:
            wall_s: A deadline below that of the limits; it never raises it.

        Raises:
            WireError: An argument is not carried.
        """
        return self._ask(b"C", function, args, wall_s)[1]

    def time(self, function: str, make_input: Callable[[int], object], *, batches: int = 7) -> Samples:
        """Measure what one call of a short function takes; see ``Stopwatch``.

        Args:
            make_input: Number → arguments as a tuple; what is no tuple is the only argument. Distinct for each number,
                so that nothing can be remembered.
            batches: How many samples to take.

        Raises:
            CallFailed: A call did not end ``ok``.
            WireError: An argument is not carried.
        """

        def run(inputs: list[tuple[object, ...]]) -> tuple[Reply, list[object]]:
            reply, outcome = self._ask(b"B", function, inputs, None)
            outputs = outcome.value
            if not isinstance(outputs, list) or len(outputs) != len(inputs):
                raise CallFailed(CallStatus.CRASHED, f"{function}: no list of {len(inputs)} results")
            return reply, outputs

        with self._sandbox.open(self._job) as blank:

            def run_empty(inputs: list[tuple[object, ...]], outputs: bytes) -> float:
                requests = [b"H\0" + outputs, *[self._request(b"E", "", inputs)] * EMPTY_BATCHES]
                replies = [blank.exchange(request) for request in requests]
                for reply in replies:
                    if not (outcome := self._read(reply, "an empty batch")).ok:
                        raise SandboxError(f"{outcome.reason}; inputs and outputs may not fit into the memory limit")
                return min(reply.wall_s for reply in replies[1:])

            return Stopwatch(run=run, run_empty=run_empty, make_input=make_input).measure(batches)

    def _ask(self, verb: bytes, function: str, value: object, wall_s: float | None) -> tuple[Reply, Outcome]:
        request = self._request(verb, function, value)
        if self._box is None:
            raise RuntimeError("the session is not open: use it in a with statement")
        if not self._imported.ok:
            return Reply(status=CallStatus.CRASHED), self._imported
        reply = self._box.exchange(request, wall_s=wall_s)
        outcome = replace(self._read(reply, function), load_s=self._imported.load_s)
        self._note(outcome)
        return reply, outcome

    def _request(self, verb: bytes, name: str, value: object) -> bytes:
        encoded = name.encode()
        if len(encoded) > 255:
            raise ValueError(f"{name[:40]!r}... has {len(encoded)} bytes; a name has at most 255")
        content = wire.encode(value, max_bytes=self._job.limits.memory_mb * _MIB, name="arguments")
        return verb + bytes([len(encoded)]) + encoded + content

    def _read(self, reply: Reply, doing: str) -> Outcome:
        """Return what a reply says. Its content is the candidate's: the worst that it can do is to fail itself."""
        outcome = Outcome(
            status=reply.status, reason=f"{doing}: {reply.reason}" if reply.reason else "", wall_s=reply.wall_s,
            cpu_s=reply.cpu_s, peak_memory_bytes=reply.peak_memory_bytes, log=reply.log,
        )  # fmt: skip
        if not outcome.ok:
            return outcome
        kind, content = reply.payload[:1], memoryview(reply.payload)[1:]
        try:
            value = wire.decode(content)
        except wire.WireError as error:
            return replace(outcome, status=CallStatus.CRASHED, reason=f"{doing}: a reply that is no value: {error}")
        if kind == b"V":
            return replace(outcome, result=value)
        match value:
            case ("out_of_memory", str(reason), str(trace)):
                status, reason = CallStatus.OUT_OF_MEMORY, f"memory limit of {self._job.limits.memory_mb} MiB: {reason}"
            case ("crashed", str(reason), str(trace)):
                status = CallStatus.CRASHED
            case _:
                status, reason, trace = CallStatus.CRASHED, f"{doing}: a reply that is neither value nor failure", ""
        log = outcome.log + printable(trace[:_TRACE])
        return replace(outcome, status=status, reason=printable(reason[:_REASON]), log=log)


_REASON, _TRACE = 4096, 16384  # characters; the guest keeps to less, whoever wrote in its place need not
