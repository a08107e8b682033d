"""Lists of numbers, or of arrays alike, to the bytes of ``wire`` and back at once, in a fraction of the time.

A column is the list's items as ``wire`` writes them one after the other: records of one size with one head. Loaded by
the guest too, hence on its own: standard library; numpy only once an array is there.
"""

import sys
from array import array

TYPE_CHECKING = False  # see wire.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

LEAST = 8
"""Shorter lists gain nothing."""

_RECORD = 9
"""Bytes of a number: a tag, and 8 bytes, big-endian."""
_CODES = {int: "q", float: "d"}
_TAGS = {int: b"i", float: b"f"}


def write(
    items: "list[Any] | tuple[Any, ...]", head: "Callable[[NDArray[Any]], bytes]"
) -> "bytes | bytearray | memoryview | None":
    """Return the column of these items; None where they are not alike, or are neither numbers nor arrays.

    Args:
        head: What stands before the content of an array.
    """
    if type(items[0]) in _CODES:
        return write_numbers(items)
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(items[0]) is numpy.ndarray:
        return write_arrays(items, head(items[0]))
    return None


def write_numbers(items: "list[Any] | tuple[Any, ...]") -> "bytearray | None":
    """Return the column of 64-bit integers or of floats; None for other items."""
    kinds = set(map(type, items))
    if len(kinds) > 1 or not kinds <= _CODES.keys():
        return None
    kind = kinds.pop()
    try:
        numbers = array(_CODES[kind], items)
    except OverflowError:
        return None
    column, content = bytearray(_RECORD * len(items)), _swapped(numbers).tobytes()
    column[::_RECORD] = _TAGS[kind] * len(items)
    for index in range(8):
        column[index + 1 :: _RECORD] = content[index::8]
    return column


def read(first: "Any", data: memoryview, size: int, count: int) -> "list[Any]":
    """Return the items after the first, of ``count`` that ``data`` begins with, where all are like it; else none.

    Args:
        size: Bytes of the first.
    """
    if size * count > len(data):
        return []
    data, items = data[: size * count], None
    if type(first) in _CODES:
        items = read_numbers(type(first), data)
    elif hasattr(first, "nbytes"):
        items = read_arrays(first, bytes(data[: size - first.nbytes]), data)
    return items[1:] if items else []


def read_numbers(kind: type, data: memoryview) -> "list[Any] | None":
    """Return the numbers in ``data``, where all are of this kind, ``int`` or ``float``; else None."""
    column = bytes(data)
    count = len(column) // _RECORD
    if len(column) % _RECORD or column[::_RECORD] != _TAGS[kind] * count:
        return None
    content = bytearray(8 * count)
    for index in range(8):
        content[index::8] = column[index + 1 :: _RECORD]
    return _swapped(array(_CODES[kind], bytes(content))).tolist()


def write_arrays(items: "list[Any] | tuple[Any, ...]", head: bytes) -> "bytes | memoryview | None":
    """Return the column of arrays that have type and shape of the first, whose head is given; None for others."""
    import numpy

    if set(map(type, items)) != {numpy.ndarray} or len({(item.dtype, item.shape) for item in items}) > 1:
        return None
    column = numpy.empty((len(items), len(head) + items[0].nbytes), numpy.uint8)
    column[:, : len(head)] = numpy.frombuffer(head, numpy.uint8)
    if items[0].nbytes:
        content = numpy.array(items, dtype=items[0].dtype.newbyteorder("<"))
        column[:, len(head) :] = content.reshape(len(items), -1).view(numpy.uint8)
    return column.reshape(-1).data


def read_arrays(first: "NDArray[Any]", head: bytes, data: memoryview) -> "list[NDArray[Any]] | None":
    """Return the arrays in ``data`` where all have the head of ``first``; else None. They share one fresh block."""
    import numpy

    column = numpy.frombuffer(data, numpy.uint8).reshape(-1, len(head) + first.nbytes)
    content = numpy.ascontiguousarray(column[:, len(head) :])
    if (column[:, : len(head)] != numpy.frombuffer(head, numpy.uint8)).any():
        return None
    if not first.nbytes or (first.dtype == bool and content.max() > 1):
        return None
    arrays = content.view(first.dtype.newbyteorder("<")).astype(first.dtype, copy=False)
    return list(arrays.reshape(-1, *first.shape)) if first.ndim else None


def _swapped(numbers: "array[Any]") -> "array[Any]":
    """Return them in the other byte order, where this machine's is not the wire's."""
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
