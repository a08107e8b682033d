"""Evaluators that were written for another engine, unchanged: OpenEvolve's and Shinka's.

Such an evaluator is given a path, loads the program from there and calls its functions. It gets a stand-in instead: the
functions are proxies, each call goes out of the evaluator's jail to us and into the candidate's own sandbox, and what
comes back is plain data. So the candidate can not reach the evaluator. Where the evaluator reads the source, or passes
on what can not be carried, that is said, and the problem file may let both run in one sandbox: then the numbers are the
candidate's own, and every certificate calls them ``self-reported``.
"""

import sys
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from selfwright.bench import wire
from selfwright.bench.foreign_guest import BESIDE, fitness
from selfwright.bench.outcome import Outcome
from selfwright.bench.report import Report
from selfwright.bench.session import Session
from selfwright.bench.stand_in import STUB
from selfwright.core.change import Files
from selfwright.core.errors import CallFailed, InvalidCandidate, JudgeFault
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits, Profile
from selfwright.core.printable import printable
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Box, Sandbox

GUEST = str(Path(__file__).with_name("foreign_guest.py"))
SCORE = "combined_score"
"""What both engines maximise; where OpenEvolve's evaluators do not give it, the mean of all that they give."""
_FILES = ("stand_in.py", "wire.py", "column.py", "lent.py")
_OPEN = 4
"""Programs of one evaluation that stay loaded; an evaluator that loads more often has forgotten the first."""
_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """What ``[evaluate]`` says of a foreign evaluator.

    Attributes:
        form: ``openevolve`` or ``shinka``.
        file: Of the evaluator, below the problem's folder.
        whole: Whether the program lies beside it, in one sandbox.
        cascade: Thresholds of its stages; None where it is asked at once.
    """

    form: str
    file: str
    whole: bool = False
    cascade: tuple[float, ...] | None = None

    @property
    def judged(self) -> str:
        """Who says what the metrics are, in words for every certificate."""
        return "self-reported" if self.whole else "outside (shim)"


class Tried(Protocol):
    """What is asked of a candidate here."""

    def session(self) -> Session:
        """Return a process that has loaded the program."""

    def placed(self) -> Files:
        """Return all that the program finds, itself included."""

    def note(self, outcome: Outcome) -> None:
        """Count what a call used as the candidate's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an evaluator said of one program.

    Attributes:
        raised: What went wrong, in words; empty where nothing did.
        unfit: Why its functions can not stand in for the program.
        log: What the evaluator printed.
        failure: How the last call into the program failed, if one did.
        scored: Whether the score is its own, and no mean of its numbers.
    """

    metrics: Mapping[str, float]
    artifacts: Mapping[str, str | bytes]
    raised: str
    unfit: tuple[str, ...]
    log: str
    failure: Outcome | None = None
    scored: bool = True

    @property
    def error(self) -> str:
        """What it calls an error among what is no number; else empty."""
        texts = ((name, value) for name, value in self.artifacts.items() if isinstance(value, str))
        return next((value for name, value in texts if name == "error" and value), "")


class Shim:
    """A foreign evaluator as a judge's ``evaluate(candidate, stage)``.

    Args:
        beside: The problem's locked files, the evaluator among them: path → content.
        program: Path of the program.
        metrics: Names of those that the problem declares; what else the evaluator says is shown as feedback.
        limits: Of each call into the program; where both share a sandbox, of that, but for its time.
        wall_s: Of one whole evaluation.
    """

    def __init__(
        self, foreign: Foreign, *, beside: Files, program: str, metrics: Sequence[str], limits: Limits, wall_s: float,
        sandbox: Sandbox,
    ) -> None:  # fmt: skip
        self._foreign = foreign
        self._program = program
        self._metrics = tuple(metrics)
        self._sandbox = sandbox
        self._wall_s = wall_s
        self._call_wall_s = limits.wall_s
        here = Path(__file__).parent
        self._files = dict(beside) | {f"{BESIDE}/{name}": (here / name).read_bytes() for name in _FILES}
        self._limits = replace(limits, wall_s=wall_s)
        if not foreign.whole:  # it is alone there, and may start what it needs
            allow = tuple(dict.fromkeys([*limits.allow, "exec"]))
            self._limits = replace(self._limits, profile=Profile.NATIVE, allow=allow)

    def __call__(self, candidate: Tried, stage: object) -> Report:
        """Let the evaluator evaluate.

        Raises:
            InvalidCandidate: It says that the program is wrong, or says too little.
            CallFailed: A call into the program failed, and the evaluator had no number for that; or nobody answered.
            JudgeFault: A stand-in is not enough for this evaluator; the message says why, and the mend.
        """
        said = self.ask(candidate)
        sys.stdout.write(said.log)  # taken by whoever keeps what a judge prints
        if said.unfit:
            raise JudgeFault(
                f"{self._foreign.file} can not judge from outside: {'; '.join(said.unfit)}. With `whole = true` under "
                "[evaluate] it runs in one sandbox with the program, and every certificate says self-reported"
            )
        missing = [name for name in self._metrics if name not in said.metrics]
        if said.raised or missing:
            if said.failure is not None:
                raise CallFailed(said.failure.status, said.failure.reason)
            told = said.raised or said.error or f"it gave {', '.join(said.metrics) or 'no number'}"
            lacks = f"; {', '.join(missing)} is missing" if missing and not said.raised else ""
            raise InvalidCandidate(f"the evaluator: {told}{lacks}")
        texts = {name: value for name, value in said.artifacts.items() if isinstance(value, str)}
        return Report(
            metrics={name: said.metrics[name] for name in self._metrics},
            feedback="\n".join(f"{name}: {value}" for name, value in texts.items()),
            artifacts={name: value for name, value in said.artifacts.items() if isinstance(value, bytes)},
        )

    def ask(self, candidate: Tried) -> Said:
        """Return what the evaluator says of a candidate, unchecked.

        Raises:
            CallFailed: The sandbox of both ended it.
            JudgeFault: The evaluator's own jail did.
        """
        program = candidate.placed() if self._foreign.whole else {self._program: STUB}
        job = Job(files={**self._files, **program}, guest=GUEST, limits=self._limits)
        with self._sandbox.open(job) as box:
            evaluation = _Evaluation(self, candidate, box, until_s=time.monotonic() + self._wall_s)
            try:
                said, loaded = evaluation.run(self._order())
            finally:
                evaluation.close()
        metrics, scored = said.metrics, SCORE in said.metrics
        if metrics and not scored and self._foreign.form == "openevolve":
            metrics = {**metrics, SCORE: fitness(dict(metrics))}
        unfit = said.unfit
        if not loaded and not self._foreign.whole and not unfit:
            unfit = ("it never imports the program",)
        return replace(said, metrics=metrics, unfit=unfit, scored=scored)

    @property
    def call_wall_s(self) -> float:
        """Deadline of one call into the program."""
        return self._call_wall_s

    @property
    def whole(self) -> bool:
        """Whether evaluator and program share a sandbox."""
        return self._foreign.whole

    def _order(self) -> tuple[object, ...]:
        thresholds = None if self._foreign.cascade is None else list(self._foreign.cascade)
        return (self._foreign.form, self._foreign.file, self._program, thresholds)


class _Evaluation:
    """One evaluation: the evaluator asks, and is answered."""

    def __init__(self, shim: Shim, candidate: Tried, box: Box, *, until_s: float) -> None:
        self._shim = shim
        self._candidate = candidate
        self._box = box
        self._until_s = until_s
        self._programs: OrderedDict[int, tuple[Session, ExitStack]] = OrderedDict()
        self._loads = 0
        self._failure: Outcome | None = None
        self._log = ""

    def run(self, order: tuple[object, ...]) -> tuple[Said, bool]:
        """Answer until the evaluator is done; return what it said, and whether it has loaded the program."""
        request = order
        while True:
            message = self._exchange(request)
            match message:
                case ("done", dict(said)) if (read := _read(said)) is not None:
                    return replace(read, log=self._log, failure=self._failure), self._loads > 0
                case ("load",) if not self._shim.whole:
                    request = self._load()
                case ("call", int(number), str(name), tuple(args), dict(kwargs)) if not self._shim.whole:
                    request = self._call(number, name, args, kwargs)
                case _:
                    raise self._fault(CallStatus.CRASHED, "it sent what no evaluator sends")

    def close(self) -> None:
        """End all programs."""
        while self._programs:
            self._programs.popitem()[1][1].close()

    def _exchange(self, request: object) -> object:
        content = wire.encode(request, max_bytes=1 << 40, name="answer")
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise self._fault(CallStatus.TIMED_OUT, "no answer in time (evaluate.wall_s)")
        reply = self._box.exchange(content, wall_s=left_s)
        self._log = (self._log + reply.log)[-_MIB:]
        if self._shim.whole:
            self._candidate.note(_used(reply))
        if reply.status is not CallStatus.OK:
            raise self._fault(reply.status, reply.reason)
        try:
            return wire.decode(reply.payload)
        except wire.WireError as error:
            raise self._fault(CallStatus.CRASHED, str(error)) from error

    def _fault(self, status: CallStatus, reason: str) -> CallFailed | JudgeFault:
        """Return how it ended; where the program was in there too, or did not answer in time, it is its failure."""
        sys.stdout.write(self._log)
        last = self._failure
        if last is not None and last.status is CallStatus.TIMED_OUT:
            return CallFailed(last.status, last.reason)
        if self._shim.whole or status is CallStatus.TIMED_OUT:
            return CallFailed(status, f"the evaluator: {reason}")
        return JudgeFault(f"the evaluator ended without a word: {reason}")

    def _load(self) -> tuple[object, ...]:
        stack = ExitStack()
        session = stack.enter_context(self._candidate.session())
        self._loads += 1
        number = self._loads
        self._programs[number] = (session, stack)
        if len(self._programs) > _OPEN:
            self._programs.popitem(last=False)[1][1].close()
        match self._answer(session.names()):
            case ("value", (list(functions), list(classes), dict(values))) if _are_names(functions, classes, values):
                return ("value", (number, functions, classes, values))
            case ("value", _):
                return ("error", "crashed", "the program's names are no names")
            case failed:
                return failed

    def _call(
        self, number: int, name: str, args: tuple[object, ...], kwargs: Mapping[str, object]
    ) -> tuple[object, ...]:  # fmt: skip
        if number not in self._programs:
            return ("error", "crashed", f"of this program only the last {_OPEN} that were loaded are kept")
        left_s = max(0.01, self._until_s - time.monotonic())
        return self._answer(self._programs[number][0].apply(name, args, kwargs, wall_s=left_s))

    def _answer(self, outcome: Outcome) -> tuple[object, ...]:
        if outcome.ok:
            return ("value", outcome.result)
        self._failure = outcome
        return ("error", str(outcome.status), outcome.reason)


def _read(said: dict[object, object]) -> Said | None:
    """Return the evaluator's last word; None where it is not of its form: a program may have written it."""
    match said:
        case {"metrics": dict(metrics), "artifacts": dict(artifacts), "raised": str(raised), "unfit": list(unfit)}:
            pass
        case _:
            return None
    if not all(isinstance(name, str) and isinstance(value, float) for name, value in metrics.items()):
        return None
    if not all(isinstance(name, str) and isinstance(value, str | bytes) for name, value in artifacts.items()):
        return None
    stopped = said.get("stopped")
    return Said(
        metrics=metrics, artifacts={printable(name): value for name, value in artifacts.items()},
        raised=printable(raised) or (printable(stopped) if isinstance(stopped, str) else ""),
        unfit=tuple(printable(str(why)) for why in unfit), log="",
    )  # fmt: skip


def _are_names(*groups: Sequence[object] | Mapping[object, object]) -> bool:
    names = [name for group in groups for name in group]
    return all(isinstance(name, str) and name.isidentifier() and not name.startswith("__") for name in names)


def _used(reply: Reply) -> Outcome:
    return Outcome(status=reply.status, cpu_s=reply.cpu_s, peak_memory_bytes=reply.peak_memory_bytes, log=reply.log)
