"""The judge of a generated problem: is the function still the same, and how fast is it?

The original is the oracle: it is asked, in a sandbox of its own, what the answers are. They stay here, outside.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, Protocol

from selfwright.bench import wire
from selfwright.bench.candidate import Candidate
from selfwright.bench.observation import RETURNED, UNCARRIED, Observation, Seen, difference, same
from selfwright.bench.session import Session
from selfwright.core.errors import CallFailed, InvalidCandidate
from selfwright.oracle.inputs import Inputs, Row, copied

RECORDED, VARIED, ODD = 300, 200, 100
"""How many calls of each kind are compared in one measurement; other ones in each."""
BATCHES, BATCH_S, KEPT = 15, 0.003, 3
"""Short batches, of which the shortest count: programs that want the same core only add to them, and every input is
new, so that none can be short at the cost of another."""
_CHUNK = 500
_TRIES = 64
_BEYOND = frozenset({"RecursionError", "TimeoutError"})
"""Exceptions that say how deep or long it may go, and not what the function is."""


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

    def evaluate(self, candidate: Candidate, stage: Stage) -> dict[str, list[float]]:
        """Return the time of a call in microseconds: the shortest batches.

        Raises:
            InvalidCandidate: A call differs; the message says which.
        """
        with Oracle(candidate.seed(), self._task.function) as oracle:
            self._compare(candidate, oracle, Random(stage.seed))
            supply = Supply(oracle, self._timed)
            samples = candidate.time(self._task.function, supply.make, batches=BATCHES, batch_s=BATCH_S, together=True)
        for row, output in zip(samples.inputs, samples.outputs, strict=True):
            expected = supply.expected[id(row)]
            if not same(expected.result, output, self._task.tolerance):
                seen = Seen(RETURNED, output, expected.arguments, expected.which, expected.types)
                raise self._differs(row, expected, seen)
        return {"time_us": [sample_s * 1e6 for sample_s in sorted(samples)[:KEPT]]}

    def _compare(self, candidate: Candidate, oracle: "Oracle", rng: Random) -> None:
        recorded = self._task.rows
        rows = [copied(row) for row in (rng.sample(recorded, RECORDED) if len(recorded) > RECORDED else recorded)]
        rows += [self._inputs.vary(rng) for _ in range(VARIED)]
        rows += [self._inputs.odd(rng) for _ in range(ODD)]
        asked = [(row, answer) for row, answer in zip(rows, oracle.ask(rows), strict=True) if answer is not None]
        with candidate.session() as tried:
            for start in range(0, len(asked), _CHUNK):
                chunk = asked[start : start + _CHUNK]
                answers = tried.observe(self._task.function, [row for row, _ in chunk])
                for (row, expected), answer in zip(chunk, answers, strict=True):
                    if answer.raw != expected.raw and difference(
                        expected.seen, answer.seen, tolerance=self._task.tolerance
                    ):
                        raise self._differs(row, expected.seen, answer.seen)

    def _differs(self, row: Row, expected: Seen, seen: Seen) -> InvalidCandidate:
        words = difference(expected, seen, tolerance=self._task.tolerance)
        return InvalidCandidate(f"{call(self._task.function, row)}: {words}")


class Answer(NamedTuple):
    """What was seen of a call: as it came, and to read."""

    raw: bytes
    seen: Seen


class Oracle:
    """Asks a program; where it does not come to an end with some input, that input is left out.

    Args:
        program: Whom to ask.
        function: What.
    """

    def __init__(self, program: Candidate, function: str) -> None:
        self._program = program
        self._function = function
        self._stack = ExitStack()
        self._session: Session | None = None

    def __enter__(self) -> "Oracle":
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def ask(self, rows: Sequence[Row]) -> list[Answer | None]:
        """Return what was seen of each call; None where it says nothing of the function.

        Raises:
            CallFailed: The program can not be imported, or one call in eight does not come to an end.
        """
        answers: list[Answer | None] = []
        lost = 0
        open_chunks = [list(rows[start : start + _CHUNK]) for start in range(0, len(rows), _CHUNK)][::-1]
        while open_chunks:
            chunk = open_chunks.pop()
            try:
                answers += map(_telling, self._opened().observe(self._function, chunk))
            except CallFailed:
                self._reopen()
                lost += len(chunk) == 1
                if lost > max(2, len(rows) // 8):
                    raise
                middle = len(chunk) // 2
                open_chunks += [chunk[middle:], chunk[:middle]] if middle else []
                answers += [None] * (not middle)
        return answers

    def _opened(self) -> Session:
        if self._session is None:
            self._session = self._stack.enter_context(self._program.session())
        return self._session

    def _reopen(self) -> None:
        self._stack.close()
        self._stack, self._session = ExitStack(), None


class Supply:
    """Makes inputs to be timed: no two alike, and such that the original returns and leaves them as they are.

    Attributes:
        expected: Identity of a row → what was seen of it.
    """

    def __init__(self, oracle: Oracle, inputs: Inputs) -> None:
        self._oracle = oracle
        self._inputs = inputs
        self._known: set[bytes] = set()
        self._rows: list[Row] = []
        self.expected: dict[int, Seen] = {}

    def make(self, numbers: Sequence[int]) -> list[Row]:
        """Return a row for each number, which follows from it.

        Raises:
            RuntimeError: There are not enough.
        """
        made: dict[int, Row] = {}
        for attempt in range(_TRIES):
            missing = [index for index in range(len(numbers)) if index not in made]
            if not missing:
                break
            drawn = {index: self._inputs.vary(Random(numbers[index] * _TRIES + attempt)) for index in missing}
            fresh = {index: row for index, row in drawn.items() if self._is_new(row)}
            answers = self._oracle.ask(list(fresh.values()))
            for (index, row), answer in zip(fresh.items(), answers, strict=True):
                if answer is not None and is_timed(row, seen := answer.seen):
                    made[index] = row
                    self.expected[id(row)] = seen
        if len(made) < len(numbers):
            raise RuntimeError(
                f"only {len(self.expected)} distinct inputs could be made of those that the tests use; let a test call "
                "the function with larger ones"
            )
        self._rows += made.values()  # kept, so that their identities stay theirs
        return [made[index] for index in range(len(numbers))]

    def _is_new(self, row: Row) -> bool:
        before = len(self._known)
        self._known.add(wire.encode(row, max_bytes=1 << 30))
        return len(self._known) > before


def is_timed(row: Row, seen: Seen) -> bool:
    """Return whether a call can be timed: it returns, and all that it does is its result, which is verified."""
    return seen.how == RETURNED and same(row, seen.arguments)


def call(function: str, row: Row, most: int = 300) -> str:
    """Return a call as it is written, shortened."""
    words = []
    for value in row:
        text = repr(value)
        words.append(text if len(text) <= most else f"{text[:most]}...")
    return f"{function}({', '.join(words)})"


def _telling(observation: Observation) -> Answer | None:
    seen = observation.seen
    beyond = seen.how == UNCARRIED or (seen.how != RETURNED and seen.result in _BEYOND)
    return None if beyond else Answer(observation.raw, seen)
