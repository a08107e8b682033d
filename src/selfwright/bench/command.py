"""A problem without a judge of its own: a command in any language, measured by its supervisor, verified outside.

The command runs in the sandbox. What the supervisor measures of it (time, memory, the size of a file) can be trusted;
what it prints itself is what the candidate says of itself, and every certificate calls it ``self-reported``.
"""

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from selfwright.bench.outcome import CommandOutcome
from selfwright.bench.yardstick import printed
from selfwright.core.errors import InvalidCandidate, JudgeFault
from selfwright.core.metric import Aggregate, Metric, Objective

SIZE = "size:"
"""Before the path of a file that the command leaves."""
_READ: Mapping[str, Callable[[CommandOutcome], float]] = {
    "wall_s": lambda outcome: outcome.wall_s,
    "cpu_s": lambda outcome: outcome.cpu_s,
    "peak_memory_mb": lambda outcome: outcome.peak_memory_bytes / 2**20,
}
CLOCKED = tuple(_READ)
"""What the supervisor measures that is never twice the same."""

Function = Callable[..., object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What ``[evaluate]`` says of a command.

    Attributes:
        argv: ``python`` is the sandbox's interpreter.
        measure: What the supervisor measures: of ``CLOCKED``, or ``size:FILE``; other metrics are printed.
        produce: Globs of files that are handed to the function that verifies.
        verify: Name of that function: ``(stdout, files)`` or ``(stdout, files, stage)``; empty where nobody verifies.
        stdin: Name of the function ``(stage) -> bytes`` whose result is the standard input; empty where there is none.
    """

    argv: tuple[str, ...]
    measure: tuple[str, ...] = ()
    produce: tuple[str, ...] = ()
    verify: str = ""
    stdin: str = ""

    def judged(self, metrics: Sequence[str]) -> str:
        """Return who says what these metrics are, in words for every certificate."""
        stated = [name for name in metrics if name not in self.measure]
        words = [f"self-reported ({', '.join(stated)})"] if stated else ["outside"]
        return ", ".join(words if self.verify else [*words, "output not verified"])


class Runs(Protocol):
    """What is asked of a candidate here."""

    def run(self, argv: Sequence[str], stdin: bytes = b"", *, produce: Sequence[str] = ()) -> CommandOutcome:
        """Run a command in its sandbox."""


def evaluator(
    command: Command, functions: Mapping[str, Function], metrics: Sequence[Metric], objective: Objective
) -> Function:  # fmt: skip
    """Return what a judge's ``evaluate(candidate, stage)`` is, for a command.

    Args:
        functions: Name → function of the file that verifies.
        metrics: All of the problem.
        objective: By ratio, unless its minimum effect is absolute, it is compared where its metric is noisy.
    """
    sized = {name: name.removeprefix(SIZE) for name in command.measure if name.startswith(SIZE)}
    positive = {metric.name for metric in metrics if metric.aggregate is Aggregate.GEOMEAN or (
        metric.noisy and metric.name == objective.metric and objective.minimum_effect.relative
    )}  # fmt: skip
    produce = tuple(dict.fromkeys([*command.produce, *sized.values()]))

    def evaluate(candidate: Runs, stage: object) -> dict[str, float]:
        given = functions[command.stdin](stage) if command.stdin else b""
        if not isinstance(given, bytes):
            raise JudgeFault(f"{command.stdin} returned {type(given).__name__}; return the standard input as bytes")
        outcome = candidate.run(command.argv, given, produce=produce)
        stdout, files = outcome.stdout, outcome.files
        sizes = {name: len(files[path]) for name, path in sized.items()}
        if command.verify:
            _verify(functions[command.verify], stdout, files, stage)
        values = {}
        for name in (metric.name for metric in metrics):
            values[name] = sizes[name] if name in sizes else _value(command, name, outcome)
            _check(name, values[name], positive=name in positive)
        return values

    return evaluate


def _verify(verify: Function, stdout: bytes, files: Mapping[str, bytes], stage: object) -> None:
    asked = len(inspect.signature(verify).parameters)
    answer = verify(*(stdout, files, stage)[: max(2, asked)])
    if answer is not None:
        raise JudgeFault(
            f"the function that verifies returned {answer!r:.80}, which says nothing; it raises InvalidCandidate where "
            "the output is wrong, and returns nothing where it is right"
        )


def _check(name: str, value: float, *, positive: bool) -> None:
    """Accept a number that can be compared; whoever printed or caused another one, it was the candidate."""
    if not math.isfinite(value):
        raise InvalidCandidate(f"{name} is {value:g}; only finite numbers can be compared")
    if positive and value <= 0:
        raise InvalidCandidate(f"{name} is {value:g}, and it is compared by ratio, which needs positive numbers")


def _value(command: Command, name: str, outcome: CommandOutcome) -> float:
    if name in command.measure:
        return _READ[name](outcome)
    try:
        return printed(name, outcome.stdout)
    except ValueError as error:
        raise InvalidCandidate(str(error)) from error
