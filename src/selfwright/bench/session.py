"""Calls into one process of a candidate; and what may be believed of what comes back."""

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import cast

from selfwright.bench import wire
from selfwright.bench.hint import granted, hint
from selfwright.bench.observation import Observation
from selfwright.bench.outcome import Outcome
from selfwright.bench.stopwatch import BATCH_S, Arguments, Lap, Round, Samples, Stopwatch
from selfwright.bench.transcript import Conversation
from selfwright.core.change import Files
from selfwright.core.errors import CallFailed, SandboxError
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits
from selfwright.core.printable import printable
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Box, Sandbox

GUEST = str(Path(__file__).with_name("guest.py"))
_MIB = 1 << 20
_CARRIED = 5
"""How often the bytes of a lap are carried again; the shortest counts."""
_MORE_CORES, _CPU_GRAIN_S = 1.1, 0.02
"""What a counter of CPU time may be off."""


class Session:
    """A context whose calls share one process, which has imported the program and keeps its state.

    Args:
        files: The program and its siblings.
        program: Which of them is imported.
        limits: Of the import and of each call (wall), and of the process (everything else).
        modules: Packages that the program may import beyond the standard library.
        note: Told of the import and of every call.
        conversation: Where calls and their answers are written down.
        cores: How many it may use at once while it is timed.
        secrets: What the inputs of each timing are drawn from.
    """

    def __init__(
        self, *, files: Files, program: str, sandbox: Sandbox, limits: Limits, modules: tuple[str, ...],
        note: Callable[[Outcome], None], conversation: Conversation, cores: int, secrets: Iterator[int],
    ) -> None:  # fmt: skip
        self._job = Job(files=files, guest=GUEST, limits=limits)
        self._program = program
        self._modules = modules
        self._sandbox = sandbox
        self._note = note
        self._conversation = conversation
        self._cores = cores
        self._secrets = secrets
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
        request = self._request(b"C", function, args)
        reply = self._exchange(request, wall_s)
        self._conversation.add(request, reply.status.encode(), reply.payload)
        return self._outcome(reply, function)

    def observe(self, function: str, rows: Sequence[Arguments]) -> list[Observation]:
        """Call a function with each row of arguments, and see how each call ended and what it did to them.

        Raises:
            CallFailed: The process did not come to the end of them; that a call raised is an observation.
            WireError: An argument is not carried.
        """
        replies = self._outcome(self._exchange(self._request(b"O", function, list(rows))), function).value
        if (
            not isinstance(replies, list)
            or len(replies) != len(rows)
            or not all(type(each) is bytes for each in replies)
        ):
            raise CallFailed(CallStatus.CRASHED, f"{function}: no list of {len(rows)} observations")
        return [Observation(raw) for raw in replies]

    def apply(
        self, function: str, args: tuple[object, ...], kwargs: Mapping[str, object], *, wall_s: float | None = None
    ) -> Outcome:
        """Call a function of the program, some arguments by name; else as ``call``, by somebody who may use a clock.

        Raises:
            WireError: An argument is not carried.
        """
        self._conversation.forget()  # equal answers, sooner, are no equal behaviour
        named = (args, dict(kwargs))
        request = self._request(b"A", function, named) if kwargs else self._request(b"C", function, args)
        return self._outcome(self._exchange(request, wall_s), function)

    def names(self) -> Outcome:
        """Ask what the program has: names of functions, names of classes, name → value of what else is carried."""
        return self._outcome(self._exchange(self._request(b"N", "", None)), "its names")

    def time(
        self, function: str, make_input: Callable[[int], object] | Callable[[Sequence[int]], Sequence[object]],
        *, batches: int = 7, batch_s: float = BATCH_S, calls: int = 0, together: bool = False,
    ) -> Samples:  # fmt: skip
        """Measure what one call of a function takes; see ``Stopwatch``.

        Args:
            make_input: Number → arguments as a tuple; what is no tuple is the only argument. The numbers are drawn at
                random below 2**32, and what is made of them must differ, so that nothing can be known before.
            batch_s: How long a batch should last: a shorter one needs fewer inputs, and a clock tells less of it.
            calls: So many calls a batch, whatever it lasts; so that both sides of a pair have the same batches.
            together: Whether it is given a list of numbers, and returns as many arguments.
            batches: How many samples to take; fewer where all calls would take longer than ``limits.wall_s``. A
                function that needs more than half of that is called once.

        Raises:
            CallFailed: A call did not end ``ok``, or more than the trial's cores were used.
            ValueError: ``make_input`` gave the same twice.
            WireError: An argument is not carried.
        """
        self._conversation.forget()
        with self._sandbox.open(self._job) as blank:
            return Stopwatch(
                run=lambda batches: self._laps(function, batches),
                carry=lambda lap: self._carry(blank, lap),
                alone=lambda inputs: self._alone(function, blank, inputs),
                make_inputs=_together(make_input, together=together),
                secret=next(self._secrets),
                most_s=self._job.limits.wall_s,
                batch_s=batch_s,
                calls=calls,
            ).measure(batches)

    def _laps(self, function: str, batches: Sequence[list[Arguments]]) -> list[Lap]:
        """Run batches one right after the other; everything that can be done before or after them is."""
        columns = ([list(column) for column in zip(*rows, strict=True)] for rows in batches)
        requests = [self._request(b"B", function, table) for table in columns]
        replies, moments, used_s, box = [], [], [], self._opened()
        with _undisturbed():
            used_s.append(box.cpu_s())
            moments.append(time.perf_counter())
            for request in requests:
                replies.append(self._exchange(request))
                moments.append(time.perf_counter())
                used_s.append(box.cpu_s())
                if replies[-1].status is not CallStatus.OK:
                    break
        laps = []
        for index, reply in enumerate(replies):
            outputs, wall_s = self._outputs(reply, function, len(batches[index])), moments[index + 1] - moments[index]
            if reply.cpu_s > self._cores * wall_s * _MORE_CORES + _CPU_GRAIN_S:
                used = f"{reply.cpu_s:.2f} s of CPU time in {wall_s:.2f} s"
                raise CallFailed(CallStatus.VIOLATED, f"{function}: {used}, with {self._cores} core(s) of its own")
            laps.append(Lap(wall_s=wall_s, cpu_s=used_s[index + 1] - used_s[index], inputs=batches[index],
                            outputs=outputs, request=requests[index], answer=reply.payload))  # fmt: skip
        return laps

    def _alone(self, function: str, blank: Box, inputs: Sequence[Arguments]) -> Round:
        """Call with one input an exchange; then the same exchanges with a process that never met the program.

        Not one by one: what runs between two calls takes the core's caches. Its answers have as many bytes, and are
        nothing but bytes: the program chooses what is hard to write, and would be given the time for it.
        """
        box = self._opened()
        requests = [self._request(b"B", function, [[value] for value in arguments]) for arguments in inputs]
        replies = []
        with _undisturbed():
            started_s, before_s = time.perf_counter(), box.cpu_s()
            for request in requests:
                replies.append(self._exchange(request))
                if replies[-1].status is not CallStatus.OK:
                    break
            used_s = box.cpu_s() - before_s
            self._ask(blank, self._request(b"K", "", bytes(min(len(reply.payload) for reply in replies))))
            before_s = blank.cpu_s()
            for request in requests:
                self._ask(blank, b"S" + request[1:])
            blank_s = blank.cpu_s() - before_s
            wall_s = time.perf_counter() - started_s
        outputs = [self._outputs(reply, function, 1)[0] for reply in replies]
        return Round(
            wall_s=wall_s, call_s=used_s / len(inputs) / self._cores, blank_s=blank_s / len(inputs) / self._cores,
            outputs=outputs,
        )  # fmt: skip

    def _outputs(self, reply: Reply, function: str, count: int) -> list[object]:
        outputs = self._outcome(reply, function).value
        if not isinstance(outputs, list) or len(outputs) != count:
            raise CallFailed(CallStatus.CRASHED, f"{function}: no list of {count} results")
        return outputs

    def _carry(self, blank: Box, lap: Lap) -> float:
        """Return what a lap's bytes need in and out of a process that never met the program.

        At most the CPU time of both sides: waiting for a core, on which the program could be busy, is none of it.
        """
        taken_s = []
        for request in [b"H\0" + lap.answer[1:], *[b"E" + lap.request[1:]] * _CARRIED]:
            started_s, host_s = time.perf_counter(), time.thread_time()
            reply = self._ask(blank, request)
            taken_s.append(min(time.perf_counter() - started_s, time.thread_time() - host_s + reply.cpu_s))
        return min(taken_s[1:])

    def _ask(self, blank: Box, request: bytes) -> Reply:
        reply = blank.exchange(request)
        if reply.status is not CallStatus.OK:
            raise SandboxError(f"{reply.reason}; inputs and outputs may not fit into the memory limit")
        return reply

    def _opened(self) -> Box:
        if self._box is None:
            raise RuntimeError("the session is not open: use it in a with statement")
        return self._box

    def _exchange(self, request: bytes, wall_s: float | None = None) -> Reply:
        box = self._opened()
        if not self._imported.ok:
            return Reply(status=CallStatus.CRASHED)
        return box.exchange(request, wall_s=wall_s)

    def _outcome(self, reply: Reply, function: str) -> Outcome:
        if not self._imported.ok:
            return self._imported
        outcome = replace(self._read(reply, function), load_s=self._imported.load_s)
        self._note(outcome)
        return outcome

    def _request(self, verb: bytes, name: str, value: object) -> bytes:
        encoded = name.encode()
        if len(encoded) > 255:
            raise ValueError(f"{name[:40]!r}... has {len(encoded)} bytes; a name has at most 255")
        head = verb + bytes([len(encoded)]) + encoded
        return wire.encode(value, max_bytes=self._job.limits.memory_mb * _MIB, name="arguments", head=head)

    def _read(self, reply: Reply, doing: str) -> Outcome:
        """Return what a reply says. Its content is the candidate's: the worst that it can do is to fail itself."""
        outcome = Outcome(
            status=reply.status, reason=f"{doing}: {reply.reason}" if reply.reason else "", wall_s=reply.wall_s,
            cpu_s=reply.cpu_s, peak_memory_bytes=reply.peak_memory_bytes, log=reply.log,
        )  # fmt: skip
        if not outcome.ok:
            return self._hinted(outcome)
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
        return self._hinted(replace(outcome, status=status, reason=printable(reason[:_REASON]), log=log))

    def _hinted(self, outcome: Outcome) -> Outcome:
        may = granted(self._job.limits, contains=self._sandbox.contains, command=False)
        told = hint(outcome.reason, outcome.log, self._job.limits, granted=may)
        return replace(outcome, reason=outcome.reason + told)


def _together(
    make_input: Callable[[int], object] | Callable[[Sequence[int]], Sequence[object]], *, together: bool
) -> Callable[[Sequence[int]], Sequence[object]]:
    if together:
        return cast("Callable[[Sequence[int]], Sequence[object]]", make_input)
    one = cast("Callable[[int], object]", make_input)
    return lambda numbers: [one(number) for number in numbers]


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the judge's own garbage collection out of a measurement."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


_REASON, _TRACE = 4096, 16384  # characters; the guest keeps to less, whoever wrote in its place need not
