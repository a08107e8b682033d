"""Ways to run a candidate: a sandbox as a judge uses it, and the two naive ways of most engines."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from selfwright.bench.candidate import Candidate
from selfwright.bench.outcome import CommandOutcome, Outcome
from selfwright.core.environment import Environment
from selfwright.core.errors import CallFailed
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Sandbox
from tests.hostile import judge
from tests.hostile.corpus import Attack

PROGRAM = "program.py"
ENVIRONMENT = Environment(modules=("numpy",))
"""What attacks and the honest candidate find beside the standard library."""
PRODUCE = ("result.bin", "part/canary", "part/secret", "result.npy", "result.bin/deep")
SLOWNESS = float(os.environ.get("HOSTILE_SLOWNESS", "1"))
"""How many times slower than most a machine is that is emulated: deadlines are longer then."""
_CHILD = Path(__file__).with_name("naive_child.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What became of one attack.

    Attributes:
        outcome: The last call's.
        score: What the judge gave.
        cpu_s: What was counted, over all calls.
    """

    outcome: Outcome
    score: float
    cpu_s: float = 0.0


class Way(Protocol):
    """Runs one function of a program, or the program as a command, and has it judged.

    Attributes:
        hang_s: When who waits outside gives up on an attack.
    """

    name: str
    contains: bool
    hang_s: float

    def evaluate(self, source: str, function: str, argument: object, *, limits: Limits, command: bool) -> Evaluation:
        """Run and judge."""

    def close(self) -> None:
        """End everything."""


def strike(way: Way, attack: Attack, target: dict[str, object], limits: Limits) -> Evaluation:
    """Run an attack; where it has two parts, the second one in the next box, without the message."""
    source = attack.source(target)
    function = "nothing" if attack.at_import else attack.function
    done = way.evaluate(source, function, target, limits=limits, command=attack.by_command)
    if attack.then:
        blank = {**target, "message": ""}
        done = way.evaluate(source, attack.then, blank, limits=limits, command=False)
    return done


class Sandboxed:
    """A sandbox, by way of the candidate that judges are given."""

    hang_s = 20.0 * SLOWNESS

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.name = sandbox.name
        self.contains = sandbox.contains

    def evaluate(self, source: str, function: str, argument: object, *, limits: Limits, command: bool) -> Evaluation:
        candidate = Candidate(
            files={PROGRAM: source.encode()}, program=PROGRAM, sandbox=self._sandbox, limits=limits,
            environment=ENVIRONMENT,
        )  # fmt: skip
        if command:
            argv = [sys.executable, "-B", PROGRAM, function]
            outcome = candidate.run(argv, stdin=json.dumps(argument).encode(), produce=PRODUCE)
        else:
            outcome = candidate.call(function, argument)

        def value() -> object:
            return outcome.value

        try:
            score = judge.score(value)
        except CallFailed:
            score = 0.0
        return Evaluation(outcome=outcome, score=score, cpu_s=candidate.resources.cpu_s)

    def close(self) -> None:
        self._sandbox.close()


class NaiveExec:
    """Runs the source in the judge's own process, and calls it."""

    name = "naive-exec"
    contains = False
    hang_s = 7.0

    def evaluate(self, source: str, function: str, argument: object, *, limits: Limits, command: bool) -> Evaluation:
        if command:
            return NaiveSubprocess().evaluate(source, function, argument, limits=limits, command=True)
        module = types.ModuleType("program")
        values: list[object] = []

        def call() -> object:
            values.append(module.__dict__[function](argument))
            return values[-1]

        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / PROGRAM).write_text(source)
            module.__file__ = f"{folder}/{PROGRAM}"
            started = time.perf_counter()
            try:
                exec(source, module.__dict__)
                score = judge.score(call)
                outcome = Outcome(status=CallStatus.OK, result=values[0])
            except Exception as error:  # noqa: BLE001 - it is as careful as most
                score, outcome = 0.0, Outcome(status=CallStatus.CRASHED, reason=str(error))
        took_s = time.perf_counter() - started
        return Evaluation(outcome=dataclasses.replace(outcome, wall_s=took_s), score=score)

    def close(self) -> None:
        """Keep nothing."""


class NaiveSubprocess:
    """Runs ``python file`` in one folder and believes the score that it prints; no limit, no deadline.

    What it has written already it does not write again.
    """

    name = "naive-subprocess"
    contains = False
    hang_s = 7.0

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp())
        self._written = ""

    def evaluate(self, source: str, function: str, argument: object, *, limits: Limits, command: bool) -> Evaluation:
        if source != self._written:
            (self._folder / PROGRAM).write_text(source)
            self._written = source
        started = time.perf_counter()
        if command:
            done = self._run([PROGRAM, function], argument)
            return Evaluation(outcome=self._outcome_of_a_command(done), score=0.0)
        done = self._run([str(_CHILD), function], [argument, judge.CASE])
        lines = done.stdout.splitlines() or [b"{}"]
        told = json.loads(lines[-1] if lines[-1][:1] in b"{[" else b"{}")
        value = pickle.loads(base64.b64decode(told["value"])) if isinstance(told.get("value"), str) else None
        outcome = Outcome(
            status=CallStatus.OK if "value" in told else CallStatus.CRASHED, result=value,
            log=(done.stdout + done.stderr).decode(errors="replace"),
            wall_s=told.get("wall_s", time.perf_counter() - started),
        )  # fmt: skip
        return Evaluation(outcome=outcome, score=told.get("score", 0.0))

    def _run(self, argv: list[str], argument: object) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, *argv], input=json.dumps(argument).encode(), cwd=self._folder, capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": "0"}, check=False, close_fds=False,
        )  # fmt: skip

    def _outcome_of_a_command(self, done: subprocess.CompletedProcess[bytes]) -> Outcome:
        files = {name: path.read_bytes() for name in PRODUCE if (path := self._folder / name).exists()}
        if "result.npy" in files:
            np.load(self._folder / "result.npy", allow_pickle=True)
        log = done.stderr.decode(errors="replace")
        return CommandOutcome(status=CallStatus.OK, result=done.stdout, left=files, log=log)

    def close(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)


KNOWN = {("bubblewrap", "time_and_size/inodes"): "bwrap can not bound the files of a tmpfs; doctor says so"}
"""What a sandbox that contains does not hold, by adapter and attack, with why; a test holds this to what is seen."""

NAIVE: dict[str, Callable[[], Way]] = {NaiveExec.name: NaiveExec, NaiveSubprocess.name: NaiveSubprocess}
