"""The judge of a function on a person's own cases: their check and their score, or the original as the oracle.

What they wrote runs here, outside the sandbox. The original answers in a sandbox of its own, and its answers stay here.
"""

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

from selfwright.bench import wire
from selfwright.bench.candidate import Candidate
from selfwright.bench.observation import RETURNED, UNCARRIED, Seen, difference, same
from selfwright.bench.session import Session
from selfwright.core.errors import CallFailed, InvalidCandidate, Unfit
from selfwright.oracle.inputs import Inputs, Row
from selfwright.oracle.judging import Stage, call
from selfwright.oracle.why import Why

TOLERANCE = 1e-9
"""By how much a float may differ, relative, where no check is given."""
BATCHES, BATCH_S = 9, 0.005
_CHUNK = 20
_BARREN = 64
"""So many seeds in a row that give no new case are taken for the end of them."""

Cases = Callable[[int], Sequence[object]]
"""Seed → cases: tuples of arguments; what is no tuple is the only argument."""
Check = Callable[..., object]
"""``check(output, expected, *arguments)``: whether the output is right, given what the original returned."""
Score = Callable[..., object]
"""``score(output, *arguments)``: a number."""


def rows_of(cases: Sequence[object]) -> list[Row]:
    """Return cases as tuples of arguments."""
    return [case if isinstance(case, tuple) else (case,) for case in cases]


def pack_cases(rows: Sequence[Row], timed: Sequence[Row] = (), spread: float = 1.0) -> bytes:
    """Return listed cases as bytes, with what inputs to be timed are made of; see ``Inputs``."""
    return wire.encode((list(rows), list(timed), spread), max_bytes=1 << 30, name="cases")


class CaseJudge:
    """Satisfies ``evaluate(candidate, stage)``.

    Args:
        function: Whom to ask.
        cases: Makes them; None where they are stored.
        stored: File of listed ones, as ``pack_cases`` packs them.
        check: None: what the original returns is right, and what it does to its arguments.
        score: None: what counts is time. Without a check any output is right that has a score.
    """

    def __init__(
        self, function: str, *, cases: Cases | None = None, stored: Path | None = None, check: Check | None = None,
        score: Score | None = None,
    ) -> None:  # fmt: skip
        self._function = function
        self._check = check
        self._score = score
        if stored is not None:
            read: Any = wire.decode(stored.read_bytes(), max_depth=wire.MAX_DEPTH + 2)
            rows, timed, spread = read
            self._cases: Cases = lambda seed: rows
            inputs = Inputs(timed, spread=spread) if timed else None
            self._more: Cases = (lambda seed: [inputs.vary(Random(seed))]) if inputs else self._cases
        elif cases is not None:
            self._cases = self._more = cases

    def evaluate(self, candidate: Candidate, stage: Stage) -> dict[str, Any]:
        """Return the mean score, or the time of a call in microseconds, a sample a batch.

        Raises:
            InvalidCandidate: An output is wrong; the message says of which case.
        """
        rows = rows_of(self._cases(stage.seed))
        with candidate.session() as session:
            seen = observed(session, self._function, rows)
        if self._score is None or self._check is not None:
            for row, one, other in zip(rows, self._original(candidate, rows), seen, strict=True):
                self._compare(row, one, other)
        if self._score is not None:
            return {"score": math.fsum(map(self._scored, rows, seen)) / len(rows)}
        return {"time_us": self._time(candidate)}

    def _original(self, candidate: Candidate, rows: Sequence[Row]) -> list[Seen]:
        try:
            with candidate.seed().session() as session:
                return observed(session, self._function, rows)
        except CallFailed as error:
            raise RuntimeError(f"the original does not come to an end on a case: {error.reason}") from error

    def _compare(self, row: Row, expected: Seen, seen: Seen) -> None:
        words = difference(expected, seen, tolerance=TOLERANCE)
        if self._check is not None and expected.how == seen.how == RETURNED:
            words = _checked(self._check, seen.result, expected.result, row)
        if words:
            raise InvalidCandidate(f"{call(self._function, row)}: {words}")

    def _scored(self, row: Row, seen: Seen) -> float:
        where = call(self._function, row)
        if seen.how != RETURNED:
            raise InvalidCandidate(f"{where}: raised {seen.result}, so that it has no score")
        assert self._score is not None
        try:
            value: Any = self._score(seen.result, *row)
            number = float(value)
        except Exception as error:  # on an output that nobody expected; that it takes ours the seed shows
            raise InvalidCandidate(f"{where}: the score raised {type(error).__name__}: {error}") from error
        if not math.isfinite(number):
            raise InvalidCandidate(f"{where}: its score is {number}")
        return number

    def _time(self, candidate: Candidate) -> list[float]:
        with candidate.seed().session() as original:
            supply = _Supply(self._function, original, self._more)
            samples = candidate.time(
                self._function, supply.make, batches=BATCHES, batch_s=BATCH_S, together=True
            )  # fmt: skip
        for row, output in zip(samples.inputs, samples.outputs, strict=True):
            was = supply.expected[id(row)]
            self._compare(row, was, Seen(RETURNED, output, was.arguments, was.which, was.types))
        return [sample_s * 1e6 for sample_s in samples]


def _checked(check: Check, output: object, expected: object, row: Row) -> str:
    """Return what a person's check says against an output; nothing where it says that it is right."""
    try:
        said = check(output, expected, *row)
    except Exception as error:  # noqa: BLE001 - on an output that nobody expected; that it takes ours the seed shows
        return f"the check raised {type(error).__name__}: {error}"
    if isinstance(said, str):
        return said or "the check refused it"
    if said is None:
        raise TypeError("the check returned None; return whether the output is right, True or False")
    return "" if said else "the check says that the output is wrong"


class _Supply:
    """Makes inputs to be timed: no two alike, and such that the original returns and leaves them as they are.

    Attributes:
        expected: Identity of a row → what was seen of it.
    """

    def __init__(self, function: str, original: Session, cases: Cases) -> None:
        self._function = function
        self._original = original
        self._cases = cases
        self._known: set[bytes] = set()
        self._rows: list[Row] = []
        self.expected: dict[int, Seen] = {}

    def make(self, numbers: Sequence[int]) -> list[Row]:
        """Return as many rows, which follow from the numbers.

        Raises:
            RuntimeError: There are not enough.
        """
        made: list[Row] = []
        turn = barren = 0
        while len(made) < len(numbers):
            fresh = [row for row in rows_of(self._cases(numbers[turn % len(numbers)] + turn)) if self._is_new(row)]
            fresh = fresh[: len(numbers) - len(made)]
            timed = [
                (row, seen)
                for row, seen in zip(fresh, observed(self._original, self._function, fresh), strict=True)
                if is_timed(row, seen)
            ]
            self.expected |= {id(row): seen for row, seen in timed}
            made += [row for row, _ in timed]
            turn, barren = turn + 1, 0 if timed else barren + 1
            if barren > _BARREN:
                raise RuntimeError(
                    f"only {len(self._rows) + len(made)} distinct cases can be timed, and a program could remember the "
                    "results of so few: draw more and larger ones from the seed"
                )
        self._rows += made  # kept, so that their identities stay theirs
        return made

    def _is_new(self, row: Row) -> bool:
        before = len(self._known)
        self._known.add(wire.encode(row, max_bytes=1 << 30))
        return len(self._known) > before


def is_timed(row: Row, seen: Seen) -> bool:
    """Return whether a call can be timed: it returns, and all that it does is its result, which is verified."""
    return seen.how == RETURNED and same(row, seen.arguments)


def observed(session: Session, function: str, rows: Sequence[Row]) -> list[Seen]:
    """Return what was seen of each call."""
    chunks = [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
    return [each.seen for chunk in chunks for each in session.observe(function, chunk)]


def check_cases(function: str, rows: Sequence[Row], program: Callable[[], Candidate], *, timed: bool) -> None:
    """See that a function does the same on its cases each time, and that what it does can be seen.

    Args:
        program: Makes its file a candidate.
        timed: Whether what counts is time.

    Raises:
        Unfit: It can not be judged on them; the message says why.
    """
    try:
        with program().session() as session:
            first = observed(session, function, rows)
        with program().session() as session:
            second = observed(session, function, rows[::-1])[::-1]
    except CallFailed as error:
        raise Unfit(Why.IMPURE, f"{function} does not do in the sandbox what it does here: {error.reason}") from error
    for row, one, other in zip(rows, first, second, strict=True):
        if one.how == UNCARRIED:
            raise Unfit(
                Why.UNCARRIED,
                f"{call(function, row)} returns what can not be carried: {one.result}. Carried are None, bool, int, "
                "float, str, bytes, lists, tuples, dicts of these and numpy arrays",
            )
        if words := difference(one, other):
            raise Unfit(
                Why.IMPURE,
                f"{call(function, row)} is not the same twice: {words} as the first time. It uses chance, the clock or "
                "what an earlier call left; hand that in as an argument",
            )
    if all(seen.how != RETURNED for seen in first):
        raise Unfit(Why.UNTESTED, f"{function} raises {first[0].result} in every case; give one in which it returns")
    if timed and not any(map(is_timed, rows, first)):
        raise Unfit(
            Why.UNTIMED,
            f"{function} changes its arguments in every case, and what is changed can not be verified while it is "
            "timed; let it return a new value",
        )
