"""The original answers: it is asked in a sandbox of its own, and what it says stays outside the candidate's."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import NamedTuple

from selfwright.bench.candidate import Candidate
from selfwright.bench.observation import RETURNED, UNCARRIED, Observation, Seen, same
from selfwright.bench.session import Session
from selfwright.core.errors import CallFailed
from selfwright.oracle.inputs import Row

CHUNK = 500
"""Calls in one exchange."""
_BEYOND = frozenset({"RecursionError", "TimeoutError"})
"""Exceptions that say how deep or long it may go, and not what the function is."""


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
        open_chunks = [list(rows[start : start + CHUNK]) for start in range(0, len(rows), CHUNK)][::-1]
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


def is_timed(row: Row, seen: Seen) -> bool:
    """Return whether a call can be timed: it returns, and all that it does is its result, which is verified."""
    return seen.how == RETURNED and same(row, seen.arguments)


def _telling(observation: Observation) -> Answer | None:
    seen = observation.seen
    beyond = seen.how == UNCARRIED or (seen.how != RETURNED and seen.result in _BEYOND)
    return None if beyond else Answer(observation.raw, seen)
