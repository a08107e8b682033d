"""Is a function fit to be its own oracle? It is called on what was recorded, in several processes, and must agree."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from selfwright.bench.candidate import Candidate
from selfwright.bench.observation import RETURNED, UNCARRIED, difference
from selfwright.core.count import counted
from selfwright.core.errors import CallFailed, Unfit
from selfwright.oracle.answering import Answer, Oracle, is_timed
from selfwright.oracle.inputs import Inputs, Row, annotated
from selfwright.oracle.judging import Task, call
from selfwright.oracle.recording import Recording
from selfwright.oracle.supply import calls_a_batch, wanted
from selfwright.oracle.target import Target
from selfwright.oracle.why import Why

_SPREADS = (1.0, 10.0, 100.0, 1e4, 1e6, 1e9)
_DRAWN = 600
_DISTINCT = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A function that is fit, with what is to be compared.

    Attributes:
        told: In words, what of the recorded calls is left out.
    """

    task: Task
    told: tuple[str, ...]


def fit(target: Target, recording: Recording, program: Callable[[], Candidate], *, tolerance: float) -> Fit:
    """Return what can be compared and timed of a function.

    Args:
        program: Makes the function's file a candidate.
        tolerance: By how much a float may differ, relative.

    Raises:
        Unfit: Its results depend on more than its arguments, or are not carried, or can not be timed.
    """
    rows = list(recording.rows)
    first = _answers(target, program, rows)
    _check_agreement(target, rows, first, _answers(target, program, rows[::-1])[::-1], tolerance)
    carried = [(row, answer) for row, answer in zip(rows, first, strict=True) if answer.seen.how != UNCARRIED]
    told = list(recording.told)
    if len(carried) < len(rows):
        example = next(answer.seen.result for answer in first if answer.seen.how == UNCARRIED)
        told.append(f"left out are {counted(len(rows) - len(carried), 'call')} with {example}, which is not carried")
        if not any(answer.seen.how == RETURNED for _, answer in carried):
            raise Unfit(
                Why.UNCARRIED,
                f"no result of {target.function} can be carried: {example}. Carried are None, bool, int, float, str, "
                "bytes, lists, tuples, dicts of these and numpy arrays; take a function that returns these",
            )
    timed = _timed(target, carried)
    types = tuple(tuple(names) for names in annotated(target.node))
    spread = _spread(target, timed, program, tolerance)
    if len(timed) < len(carried):
        told.append(f"timed are those with {counted(len(timed[0]), 'argument')}, that return and change none of them")
    task = Task(
        function=target.function, rows=tuple(row for row, _ in carried), timed=tuple(timed), spread=spread,
        types=types, tolerance=tolerance,
    )  # fmt: skip
    return Fit(task=task, told=tuple(told))


def _answers(target: Target, program: Callable[[], Candidate], rows: Sequence[Row]) -> list[Answer]:
    try:
        with program().session() as session:
            return [Answer(each.raw, each.seen) for each in session.observe(target.function, rows)]
    except CallFailed as error:
        raise Unfit(
            Why.IMPURE,
            f"{target.program} does not do in the sandbox what it does in its tests: {error.reason}. There it finds "
            "its package, the standard library and what its files import, and no file or network beside them",
        ) from error


def _check_agreement(
    target: Target, rows: Sequence[Row], first: Sequence[Answer], second: Sequence[Answer], tolerance: float
) -> None:
    for row, one, other in zip(rows, first, second, strict=True):
        if one.raw != other.raw and (words := difference(one.seen, other.seen, tolerance=tolerance)):
            raise Unfit(
                Why.IMPURE,
                f"{call(target.function, row)} is not the same twice: {words} as the first time. It uses chance, the "
                "clock or what an earlier call left; hand that in as an argument",
            )


def _timed(target: Target, carried: Sequence[tuple[Row, Answer]]) -> list[Row]:
    """Return the rows that inputs to be timed can be made of: those of the most frequent number of arguments."""
    usable = [row for row, answer in carried if is_timed(row, answer.seen)]
    counts = Counter(len(row) for row in usable if row)
    if counts:
        most = counts.most_common(1)[0][0]
        return [row for row in usable if len(row) == most]
    if any(answer.seen.how == RETURNED for _, answer in carried):
        raise Unfit(
            Why.UNTIMED,
            f"{target.function} changes its arguments in every recorded call, and what is changed can not be verified "
            "while it is timed; let it return a new value, or take a function that it calls",
        )
    raise Unfit(Why.UNTESTED, f"{target.function} raises in every recorded call; write a test in which it returns")


def _spread(target: Target, timed: Sequence[Row], program: Callable[[], Candidate], tolerance: float) -> float:
    """Return how far numbers must be spread so that there are enough inputs; and see that these agree too."""
    reason = ""
    for spread in _SPREADS:
        inputs = Inputs(timed, spread=spread)
        drawn = [inputs.vary(Random(number)) for number in range(_DRAWN)]
        try:
            with Oracle(program(), target.function) as oracle:
                began_s = time.monotonic()
                first = oracle.ask(drawn)
                each_s = (time.monotonic() - began_s) / _DRAWN
        except CallFailed as error:
            reason = f"with other numbers it does not come to an end ({error.reason})"
            break
        kept = [
            (row, answer) for row, answer in zip(drawn, first, strict=True) if answer and is_timed(row, answer.seen)
        ]
        distinct = len({repr(row) for row, _ in kept})
        needed = wanted(calls_a_batch([each_s]))
        if _domain(len(kept), distinct) * len(kept) / _DRAWN >= 2 * needed and len(kept) >= _DRAWN // 10:
            with Oracle(program(), target.function) as oracle:
                rows = [row for row, _ in kept]
                again = oracle.ask(rows[::-1])[::-1]
            both = [(row, one, other) for (row, one), other in zip(kept, again, strict=True) if other]
            ones, others = [one for _, one, _ in both], [other for _, _, other in both]
            _check_agreement(target, [row for row, _, _ in both], ones, others, tolerance)
            return spread
        reason = f"of {_DRAWN} inputs {len(kept)} let it return, and {distinct} of these are distinct"
    raise Unfit(
        Why.UNTIMED,
        f"too few distinct inputs for {target.function} can be made of those that the tests use: {reason}. A program "
        "could remember their results; let tests call it with more and larger inputs",
    )


def _domain(drawn: int, distinct: int) -> float:
    """Return about how many inputs there are, of which so many were drawn and so many are distinct (birthdays)."""
    if distinct >= _DISTINCT * drawn:
        return float("inf")  # those that are made with one small change come twice, and others do not
    if 2 * distinct < drawn:
        return distinct  # nearly all of them were drawn
    return drawn * drawn / (2 * (drawn - distinct)) if drawn > distinct else float("inf")
