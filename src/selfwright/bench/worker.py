"""The worker: a process that is the judge and the supervisor of one sandbox.

It reads orders from its engine and answers each; a block's items are measured in order, back to back. It ends when the
engine closes the connection or dies, with everything that it started.
"""

import ctypes
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from types import FrameType

import psutil

from selfwright.bench.build import Builder, Product
from selfwright.bench.candidate import Candidate
from selfwright.bench.foreign import Shim
from selfwright.bench.judge import Judge, Judgement
from selfwright.bench.machine import Meter, keep_memory, own_cores, turn
from selfwright.bench.problem import Problem
from selfwright.bench.watching import LineSandbox
from selfwright.core.change import Files
from selfwright.core.errors import JudgeFault, SelfwrightError
from selfwright.core.message import BlockMeasured, CasesListed, ListCases, Measure, Message, Ready, Waiting, pack, take
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Block, Item, Outcome
from selfwright.ports.sandbox import Sandbox

_CHUNK = 1 << 16
_PR_SET_PDEATHSIG = 1
_WATCHED = 10
"""So many times as long may a call take of which the lines are watched."""
_UNWINDING_S = 0.5
"""Where the judge hangs on in spite of it, the kernel ends the process."""


def serve(connection: socket.socket, *, problem: Problem, expected_hash: str, sandbox: Sandbox) -> None:
    """Answer the engine's orders until it closes the connection; then close the sandbox.

    Call it from the main thread, as the last thing that the process does.

    Args:
        connection: One end of a socket pair; the engine has the other.
        problem: As it lies on disk now.
        expected_hash: What the run was opened with. Where the problem differs, every item is ``unjudged``.
        sandbox: Where candidates run; owned from here on.
    """
    connection.set_inheritable(False)  # a sandbox that held it would keep the engine from seeing this process end
    try:
        _end_with_engine()
        keep_memory()
        work = _load(problem, expected_hash, sandbox, tell=lambda message: connection.sendall(pack(message)))
        connection.sendall(pack(Ready()))
        for message, blobs in _messages(connection):
            connection.sendall(work.answer(message, blobs))
    except (ConnectionError, KeyboardInterrupt):
        pass  # the engine is gone, or wants this to end: there is nobody to answer
    finally:
        sandbox.close()
        _kill_descendants()


class _Work:
    """Answers orders with a loaded judge, or with the reason why there is none."""

    def __init__(
        self, *, problem: Problem, sandbox: Sandbox, judge: Judge | None, fault: str, tell: Callable[[Message], None]
    ) -> None:
        self._tell = tell
        self._problem = problem
        self._sandbox = sandbox
        self._builder = Builder(problem.build, sandbox)
        self._judge = judge
        self._beside = problem.beside_files()
        self._seed_files = problem.seed_files()
        self._fault = fault

    def answer(self, message: Message, blobs: Mapping[str, bytes]) -> bytes:
        """Return the frame that answers one message."""
        match message:
            case ListCases():
                return pack(self._list_cases())
            case Measure(block=block, trees=trees):
                programs = {
                    change: {path: blobs[sha256] for path, sha256 in tree.items()} for change, tree in trees.items()
                }
                return self._measure(block, programs)
        raise ValueError(f"a worker does not answer {type(message).__name__}")

    def _list_cases(self) -> CasesListed:
        try:
            return CasesListed(cases=self._judge.cases()) if self._judge else CasesListed(cases={}, fault=self._fault)
        except SelfwrightError as error:
            return CasesListed(cases={}, fault=str(error))

    def _measure(self, block: Block, programs: Mapping[str, Files]) -> bytes:
        secret = secrets.randbits(63)  # one a block: both sides of a pair are timed on the same inputs
        judgements = [self._judge_item(item, programs[item.change], secret) for item in block.items]
        artifacts = {sha256: content for judgement in judgements for sha256, content in judgement.artifacts.items()}
        outcomes = tuple(judgement.outcome for judgement in judgements)
        return pack(BlockMeasured(outcomes=outcomes), artifacts.values())

    def _judge_item(self, item: Item, files: Files, secret: int) -> Judgement:
        if self._judge is None:
            return Judgement(outcome=Outcome(status=TrialStatus.UNJUDGED, reason=self._fault), artifacts={})
        try:
            product = self._builder.product(item.change, {**self._beside, **files})
        except SelfwrightError as error:
            return Judgement(outcome=Outcome(status=TrialStatus.UNJUDGED, reason=str(error)), artifacts={})
        if product.failure is not None:
            return Judgement(outcome=replace(product.failure, sandbox=self._sandbox.name), artifacts={})
        watched = LineSandbox(self._sandbox, item.watch) if item.watch else None
        candidate = self._candidate(files, product, secret, watched=watched)
        with turn(alone=self._problem.alone, tell=lambda waits: self._tell(Waiting(over=not waits))):
            meter = Meter(lambda: self._sandbox.switches)
            judgement = self._judge.measure(item, candidate)
            noise = meter.read()
        artifacts = dict(judgement.artifacts)
        if product.archive is not None:
            artifacts[product.archive.sha256] = product.content
        outcome = replace(
            judgement.outcome, sandbox=self._sandbox.name, built=product.archive, noise=noise,
            ran=watched.seen if watched else None,
        )  # fmt: skip
        return Judgement(outcome=outcome, artifacts=artifacts)

    def _candidate(
        self, files: Files, product: Product, secret: int | None, *, watched: LineSandbox | None = None
    ) -> Candidate:
        limits = self._problem.limits
        return Candidate(
            files=files, built={**self._beside, **product.files}, program=self._problem.program,
            sandbox=watched or self._sandbox, environment=self._problem.environment, cores=own_cores(),
            limits=replace(limits, wall_s=limits.wall_s * _WATCHED) if watched else limits,
            secret=secret, seed=self._seed,
        )  # fmt: skip

    def _seed(self) -> Candidate:
        product = self._builder.product("seed", {**self._beside, **self._seed_files})
        return self._candidate(self._seed_files, product, None)


def _load(problem: Problem, expected_hash: str, sandbox: Sandbox, *, tell: Callable[[Message], None]) -> _Work:
    judge, fault = None, ""
    try:
        if problem.hash != expected_hash:
            raise JudgeFault(
                f"the files in {problem.folder} have changed since the run was opened (their hash was "
                f"{expected_hash[:12]}, now it is {problem.hash[:12]}); put them back, or open a new run. "
                "A judge that keeps files of its own below this folder does so in a hidden one, such as .cache"
            )
        judge = Judge(problem, evaluate=shim_of(problem, sandbox))
    except SelfwrightError as error:
        fault = str(error)
    return _Work(problem=problem, sandbox=sandbox, judge=judge, fault=fault, tell=tell)


def shim_of(problem: Problem, sandbox: Sandbox) -> Shim | None:
    """Return what stands between an evaluator of another engine and the candidate; None where there is a judge."""
    if problem.foreign is None:
        return None
    return Shim(
        problem.foreign, beside=problem.locked_files(), program=problem.program, limits=problem.limits,
        metrics=[metric.name for metric in problem.metrics], wall_s=problem.judge_wall_s, sandbox=sandbox,
    )  # fmt: skip


def _messages(connection: socket.socket) -> Iterator[tuple[Message, dict[str, bytes]]]:
    buffer = bytearray()
    while received := connection.recv(_CHUNK):
        buffer += received
        while (frame := take(buffer)) is not None:
            yield frame


def _end_with_engine() -> None:
    """End at SIGTERM, and have the kernel send it when the engine dies: an end of file is seen between blocks only.

    What the judge is doing is unwound by ``KeyboardInterrupt``, so that boxes are closed and their folders removed.
    """

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, _UNWINDING_S)
        _kill_descendants()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _kill_descendants() -> None:
    for process in psutil.Process().children(recursive=True):
        with suppress(OSError):
            if os.getpgid(process.pid) == process.pid:  # a leader: what it forks meanwhile goes too
                os.killpg(process.pid, signal.SIGKILL)
            else:
                os.kill(process.pid, signal.SIGKILL)
