"""The judge of a generated problem: is the function still the same, and how fast is it?

The original is the oracle: it is asked, in a sandbox of its own, what the answers are. They stay here, outside.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Protocol

from selfwright.bench import wire
from selfwright.bench.candidate import Candidate
from selfwright.bench.observation import RETURNED, Seen, difference, same
from selfwright.bench.stopwatch import Samples
from selfwright.core.errors import InvalidCandidate
from selfwright.oracle.answering import CHUNK, Answer, Oracle
from selfwright.oracle.inputs import Inputs, Row, copied
from selfwright.oracle.supply import BATCH_S, BATCHES, Supply, calls_a_batch

RECORDED, VARIED, ODD = 300, 200, 100
"""How many calls of each kind are compared in one measurement; other ones in each."""
KEPT = 5
"""Of the batches, the shortest count: what else runs on the machine only adds to them. Both sides of a pair have the
same ones, and every input is new to the program, so that none can be short at the cost of another."""
_TRIAL = 200
"""Inputs by which the original's time is first taken."""


class Stage(Protocol):
    """What the bench says of the stage."""

    @property
    def seed(self) -> int:
        """Of every draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is compared and timed.

    Attributes:
        function: Its name.
        rows: Recorded arguments.
        timed: Those that timed inputs are made of: all with one number of arguments, and the function returns.
        spread: See ``Inputs``.
        types: See ``Inputs``.
        tolerance: By how much a float may differ, relative.
    """

    function: str
    rows: tuple[Row, ...]
    timed: tuple[Row, ...]
    spread: float
    types: tuple[tuple[str, ...], ...]
    tolerance: float

    def pack(self) -> bytes:
        """Return it as bytes."""
        said = (self.function, list(self.rows), list(self.timed), self.spread, list(self.types), self.tolerance)
        return wire.encode(said, max_bytes=1 << 30, name="task")

    @classmethod
    def read(cls, stored: bytes) -> "Task":
        """Return what ``pack`` wrote."""
        said: Any = wire.decode(stored, max_depth=wire.MAX_DEPTH + 2)
        function, rows, timed, spread, types, tolerance = said
        return cls(
            function=function, rows=tuple(rows), timed=tuple(timed), spread=spread, types=tuple(types),
            tolerance=tolerance,
        )  # fmt: skip


class Judging:
    """Satisfies ``evaluate(candidate, stage)``.

    Args:
        stored: File of a packed task.
    """

    def __init__(self, stored: Path) -> None:
        self._task = Task.read(stored.read_bytes())
        self._inputs = Inputs(self._task.rows, types=self._task.types)
        self._timed = Inputs(self._task.timed, spread=self._task.spread)
        self._supply: tuple[Supply, int] | None = None
        self._last: tuple[int, list[tuple[Row, Answer]]] | None = None

    def evaluate(self, candidate: Candidate, stage: Stage) -> dict[str, list[float]]:
        """Return the time of a call in microseconds: the shortest batches.

        Raises:
            InvalidCandidate: A call differs; the message says which.
        """
        self._compare(candidate, self._asked(candidate, stage.seed))
        supply, calls = self._supplied(candidate)
        samples = candidate.time(
            self._task.function, supply.drawing(), batches=BATCHES, calls=calls, together=True
        )  # fmt: skip
        for row, output in zip(samples.inputs, samples.outputs, strict=True):
            expected = supply.expected[id(row)]
            if not same(expected.result, output, self._task.tolerance):
                seen = Seen(RETURNED, output, expected.arguments, expected.which, expected.types)
                raise self._differs(row, expected, seen)
        return {"time_us": [sample_s * 1e6 for sample_s in sorted(busy_s(samples))[:KEPT]]}

    def _supplied(self, candidate: Candidate) -> tuple[Supply, int]:
        """Return the inputs to be timed, and how many calls a batch has: so many that it is long enough."""
        if self._supply is None:

            def ask(rows: Sequence[Row]) -> Sequence[Answer | None]:
                with Oracle(candidate.seed(), self._task.function) as oracle:
                    return oracle.ask(rows)

            supply = Supply(self._timed, ask, seed=secrets.randbits(63))
            supply.fill(_TRIAL)
            first = candidate.seed().time(
                self._task.function, supply.drawing(), batches=3, batch_s=BATCH_S, together=True
            )
            self._supply = supply, supply.calls(calls_a_batch(busy_s(first)))
        return self._supply

    def _asked(self, candidate: Candidate, seed: int) -> list[tuple[Row, Answer]]:
        """Return the calls that are compared under a seed, with the answers: both sides of a pair have one."""
        if self._last is None or self._last[0] != seed:
            rng, recorded = Random(seed), self._task.rows
            rows = [copied(row) for row in (rng.sample(recorded, RECORDED) if len(recorded) > RECORDED else recorded)]
            rows += [self._inputs.vary(rng) for _ in range(VARIED)]
            rows += [self._inputs.odd(rng) for _ in range(ODD)]
            with Oracle(candidate.seed(), self._task.function) as oracle:
                answers = oracle.ask(rows)
            self._last = seed, [(row, answer) for row, answer in zip(rows, answers, strict=True) if answer is not None]
        return self._last[1]

    def _compare(self, candidate: Candidate, asked: Sequence[tuple[Row, Answer]]) -> None:
        with candidate.session() as tried:
            for start in range(0, len(asked), CHUNK):
                chunk = asked[start : start + CHUNK]
                answers = tried.observe(self._task.function, [row for row, _ in chunk])
                for (row, expected), answer in zip(chunk, answers, strict=True):
                    if answer.raw != expected.raw and difference(
                        expected.seen, answer.seen, tolerance=self._task.tolerance
                    ):
                        raise self._differs(row, expected.seen, answer.seen)

    def _differs(self, row: Row, expected: Seen, seen: Seen) -> InvalidCandidate:
        words = difference(expected, seen, tolerance=self._task.tolerance)
        return InvalidCandidate(f"{call(self._task.function, row)}: {words}")


def busy_s(samples: Samples) -> list[float]:
    """Return what a call takes a core, batch by batch: to wait for one says nothing of the function.

    That is CPU time, or what passes on the wall where several threads compute at once.
    """
    return [min(each) for each in zip(samples, samples.cpu, strict=True)]


def call(function: str, row: Row, most: int = 300) -> str:
    """Return a call as it is written, shortened."""
    words = []
    for value in row:
        text = repr(value)
        words.append(text if len(text) <= most else f"{text[:most]}...")
    return f"{function}({', '.join(words)})"
