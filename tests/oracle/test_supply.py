"""The stock of inputs to be timed: distinct, answered by the original, drawn in an order that follows from a number."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from selfwright.bench import wire
from selfwright.bench.observation import RETURNED, Seen
from selfwright.oracle.answering import Answer
from selfwright.oracle.inputs import Inputs, Row
from selfwright.oracle.supply import MOST_CALLS, Supply, calls_a_batch, wanted

ROWS: list[Row] = [([1, 2, 3], 2), ([10, 20, 30, 40], 3)]


class Original:
    """Adds numbers up; of an odd sum it raises."""

    def __init__(self) -> None:
        self.asked = 0

    def ask(self, rows: Sequence[Row]) -> list[Answer | None]:
        self.asked += len(rows)
        return [self._answer(row) for row in rows]

    def _answer(self, row: Row) -> Answer:
        total = sum(row[0])  # type: ignore[call-overload]  # a list of numbers
        how, result = (RETURNED, total) if total % 2 == 0 else ("raised", "ValueError")
        return Answer(b"", Seen(how, result, row, -1, ("int",)))


def supply(original: Original, rows: Sequence[Row] = ROWS) -> Supply:
    return Supply(Inputs(rows, spread=100.0), original.ask, seed=7)


def test_inputs_are_distinct_and_the_original_returns_on_them() -> None:
    stock = supply(Original())
    stock.fill(300)
    rows = stock.drawing()(list(range(300)))
    assert len({wire.encode(row, max_bytes=1 << 20) for row in rows}) == 300
    assert all(stock.expected[id(row)].result == sum(row[0]) for row in rows)  # type: ignore[call-overload]  # as above
    assert all(stock.expected[id(row)].how == RETURNED for row in rows)


def test_the_first_number_of_a_measurement_decides_the_order_of_all() -> None:
    original = Original()
    stock = supply(original)
    stock.fill(300)
    asked = original.asked
    one, same, other = stock.drawing(), stock.drawing(), stock.drawing()
    first = one([5]) + one([6, 7]) + one(list(range(200)))
    assert same([5]) + same([1, 2]) + same(list(range(200))) == first
    assert other([8]) + other(list(range(202))) != first
    assert original.asked == asked  # nobody was asked again


def test_a_measurement_that_needs_more_gets_more_and_none_twice() -> None:
    stock = supply(Original())
    stock.fill(20)
    draw = stock.drawing()
    rows = draw(list(range(15))) + draw(list(range(40)))
    assert len({repr(row) for row in rows}) == 55


def test_where_there_are_not_enough_it_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"only \d+ distinct inputs could be made"):
        Supply(Inputs([([2, 4], True)], spread=1.0), Original().ask, seed=7).fill(5_000)


def test_where_there_are_few_batches_are_shorter() -> None:
    few = Supply(Inputs([((2, 60), 1), ((80, 3), 2)]), Original().ask, seed=7)
    calls = few.calls(512)
    assert 32 <= calls < 512
    rows = few.drawing()(list(range(wanted(calls))))
    assert len({repr(row) for row in rows}) == wanted(calls)
    with pytest.raises(RuntimeError, match="distinct inputs"):
        Supply(Inputs([([2, 4], True)], spread=1.0), Original().ask, seed=7).calls(512)


def test_a_batch_lasts_long_enough_and_its_size_seldom_changes() -> None:
    assert calls_a_batch([1e-7]) == MOST_CALLS
    assert calls_a_batch([9e-6, 1e-5]) == calls_a_batch([1.1e-5]) == 256
    assert calls_a_batch([0.5]) == 1
    assert wanted(1) < 100 < wanted(512)
