"""Inputs to be timed, with the original's answers: made once, and drawn from by many measurements.

To make an input and to ask the original takes a hundred times as long as to time it. So there is a stock, and each
measurement draws from it in an order of its own that nobody can know, no input twice. A program that is measured
begins in a fresh process each time, so that it remembers nothing of an earlier measurement.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from random import Random

from selfwright.bench import wire
from selfwright.bench.observation import Seen
from selfwright.oracle.answering import Answer, is_timed
from selfwright.oracle.inputs import Inputs, Row

BATCHES, BATCH_S = 15, 0.003
"""Short batches: programs that want the same core spoil a few of them, and not all."""
MOST_CALLS = 512
"""In a batch: of a function that takes a few microseconds it is shorter then, so that the stock stays small."""
ALONE = 1_500
"""Inputs for the calls that the bench makes one by one."""
_LEAST_CALLS = 32
_WORN = 50
"""Where not one in so many is new, those that are left are not worth the search."""
_TRIES = 64


class Supply:
    """A stock of inputs, no two alike, such that the original returns and leaves them as they are.

    Args:
        inputs: Makes them.
        ask: Asks the original.
        seed: Of the stock; no program knows it.

    Attributes:
        expected: Identity of a row → what was seen of it.
    """

    def __init__(self, inputs: Inputs, ask: Callable[[Sequence[Row]], Sequence[Answer | None]], *, seed: int) -> None:
        self._inputs = inputs
        self._ask = ask
        self._random = Random(seed)
        self._known: set[bytes] = set()
        self._rows: list[Row] = []
        self.expected: dict[int, Seen] = {}

    def fill(self, count: int) -> None:
        """Make so many inputs, where they are not there yet.

        Raises:
            RuntimeError: There are not enough.
        """
        for _ in range(_TRIES):
            missing = count - len(self._rows)
            if missing <= 0:
                return
            drawn = (self._inputs.vary(self._random) for _ in range(missing + missing // 4))
            fresh = [row for row in drawn if self._is_new(row)]
            if len(fresh) < missing // _WORN:
                break
            for row, answer in zip(fresh, self._ask(fresh), strict=True):
                if answer is not None and is_timed(row, seen := answer.seen):
                    self._rows.append(row)
                    self.expected[id(row)] = seen
        raise RuntimeError(
            f"only {len(self._rows)} distinct inputs could be made of those that the tests use; let a test call the "
            "function with larger ones"
        )

    def calls(self, most: int) -> int:
        """Fill the stock for batches of so many calls, or of fewer where too few inputs can be made; return how many.

        Raises:
            RuntimeError: There are not even enough for short batches.
        """
        calls = most
        while True:
            try:
                self.fill(wanted(calls))
            except RuntimeError:
                if calls // 2 < min(most, _LEAST_CALLS):
                    raise
                calls //= 2
            else:
                return calls

    def drawing(self) -> Callable[[Sequence[int]], Sequence[Row]]:
        """Return what draws for one measurement: the order follows from the first number that it is given."""
        order: list[int] = []
        taken = 0

        def draw(numbers: Sequence[int]) -> list[Row]:
            nonlocal taken
            if not order:
                order.extend(range(len(self._rows)))
                Random(numbers[0]).shuffle(order)
            if (more := taken + len(numbers) - len(order)) > 0:
                begin = len(self._rows)
                self.fill(begin + more)
                order.extend(range(begin, begin + more))
            taken += len(numbers)
            return [self._rows[at] for at in order[taken - len(numbers) : taken]]

        return draw

    def _is_new(self, row: Row) -> bool:
        before = len(self._known)
        self._known.add(wire.encode(row, max_bytes=1 << 30))
        return len(self._known) > before


def calls_a_batch(seconds: Iterable[float]) -> int:
    """Return how many calls a batch has, where one takes so long: always a power of two, so that it seldom changes."""
    wanted = min(MOST_CALLS, BATCH_S / min(seconds))
    return 1 << round(math.log2(max(1.0, wanted)))


def wanted(calls: int) -> int:
    """Return how many inputs one measurement needs, with so many calls a batch."""
    return (BATCHES + 1) * calls + 1 + min(ALONE, 4 * BATCHES * calls)
