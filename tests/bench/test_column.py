"""A column is what the items are one by one, only faster; and no bytes pass for one that are none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from selfwright.bench import column
from selfwright.bench.wire import WireError, decode, encode
from tests.bench.test_wire import arrays, same

MOST = 1 << 30
LONG = {"min_size": column.LEAST, "max_size": 2 * column.LEAST}
numbers = st.lists(st.integers(-(1 << 63), (1 << 63) - 1), **LONG) | st.lists(st.floats(allow_nan=False), **LONG)
mixed = st.lists(st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none(), **LONG)


def one_by_one(items: list[Any]) -> bytes:
    return b"".join(encode(item, max_bytes=MOST) for item in items)


@given(numbers | mixed)
@example([0] * 7 + [1 << 63])
@example([1 << 70] * 9)
@example([True] * 9)
@example([0.0, 0] * 5)
def test_numbers_are_written_as_one_by_one(items: list[Any]) -> None:
    written = encode(items, max_bytes=MOST)
    assert written[9:] == one_by_one(items)
    back = decode(written)
    assert isinstance(back, list)
    assert same(back, items)


@given(st.lists(arrays, min_size=1, max_size=2), st.lists(st.integers(0, 1), **LONG))
def test_arrays_are_written_as_one_by_one(kinds: list[np.ndarray[Any, Any]], order: list[int]) -> None:
    items = [kinds[index % len(kinds)].copy() for index in order]
    written = encode(items, max_bytes=MOST)
    assert written[9:] == one_by_one(items)
    back = decode(written)
    assert isinstance(back, list)
    assert [(a.dtype, a.shape, a.tobytes()) for a in back] == [(a.dtype, a.shape, a.tobytes()) for a in items]
    assert all(a.flags.writeable and a.flags.aligned for a in back)


@given(npst.arrays(np.float64, (9, 3)), st.integers(0, 8))
def test_arrays_of_a_column_are_apart(block: np.ndarray[Any, Any], written: int) -> None:
    back: Any = decode(encode(list(block), max_bytes=MOST))
    back[written][:] = 1.0
    for index in set(range(9)) - {written}:
        assert back[index].tobytes() == block[index].tobytes()


@pytest.mark.parametrize("at", [0, 1, 8])
@pytest.mark.parametrize("items", [[5] * 9, [5.0] * 9, [np.arange(3)] * 9, [np.array([True, False])] * 9])
def test_one_that_differs_is_no_column(items: list[Any], at: int) -> None:
    for other in ("x", None, 1 << 80, np.arange(4), np.arange(3.0)):
        mixed = [*items[:at], other, *items[at + 1 :]]
        written = encode(mixed, max_bytes=MOST)
        assert written[9:] == one_by_one(mixed)
        back = decode(written)
        assert isinstance(back, list)
        assert encode(back, max_bytes=MOST) == written


def test_bytes_that_are_no_column_are_refused() -> None:
    ints = encode([7] * 9, max_bytes=MOST)
    bools = encode([np.array([True, False])] * 9, max_bytes=MOST)
    for data in (ints[:-1], ints + b"N", ints[:-9] + b"X" + ints[-8:], bools[:-1] + b"\2"):
        with pytest.raises(WireError):
            decode(data)
    # What one by one has a value has the same in a list: an int of no bytes beside one of eight.
    odd = b"l" + (9).to_bytes(8, "big") + (b"I" + bytes(8)) * 9
    assert decode(odd) == [0] * 9
