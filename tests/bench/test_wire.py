"""The typed codec: everything that it carries comes back, everything else is refused, whoever wrote the bytes."""

from __future__ import annotations

import enum
import math
import struct
import sys
import tracemalloc
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from selfwright.bench import wire
from selfwright.bench.wire import MAX_DEPTH, MAX_INT_BYTES, MAX_VALUES, WireError, decode, encode, pieces

MOST = 1 << 30

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 200), 1 << 200)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
)
keys = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3).map(tuple), max_leaves=4)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(keys, inner),
    max_leaves=20,
)
dtypes = (
    npst.boolean_dtypes()
    | npst.integer_dtypes(endianness="=")
    | npst.unsigned_integer_dtypes(endianness="=")
    | npst.floating_dtypes(endianness="=", sizes=(16, 32, 64))
    | npst.complex_number_dtypes(endianness="=", sizes=(64, 128))
)
arrays = npst.arrays(dtypes, npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))


def there_and_back(value: object) -> Any:
    return decode(encode(value, max_bytes=MOST))


def same(a: object, b: object) -> bool:
    """Equal, of the same type, and in the same order."""
    if type(a) is not type(b):
        return False
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return same(list(a.items()), list(b.items()))
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("d", a) == struct.pack("d", b)
    return a == b


@given(values)
@example((1 << 63) - 1)
@example(1 << 63)
@example(-(1 << 63))
@example(-(1 << 63) - 1)
@example([-0.0, math.inf])
@example({1: 1, "1": 2, b"1": 3, (1,): 4})
def test_plain_values_come_back(value: object) -> None:
    assert same(there_and_back(value), value)


@given(arrays)
def test_arrays_come_back(array: np.ndarray[Any, Any]) -> None:
    back = there_and_back([array])[0]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()  # nan and -0.0 too
    assert back.flags.writeable
    assert back.flags.aligned
    assert back.flags.c_contiguous


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24).reshape(2, 3, 4)[:, ::-2],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.broadcast_to(np.float32(2), (3, 4)),
        np.arange(5, dtype=">i4"),
        np.array(3 + 4j),
    ],
)
def test_any_layout_is_carried(array: np.ndarray[Any, Any]) -> None:
    back = there_and_back(array)
    assert back.shape == array.shape
    assert (back == array).all()
    assert back.dtype == array.dtype.newbyteorder("=")


class Color(enum.IntEnum):
    RED = 1


class Point(NamedTuple):
    x: int
    y: int


class Liar(list[int]):
    def __len__(self) -> int:
        return 1000

    def __iter__(self) -> Any:
        raise AssertionError("its own code was run")


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.int8(-3), -3),
        (np.bool_(True), True),
        (np.float32(0.5), 0.5),
        (np.float64(0.25), 0.25),
        (np.str_("a"), "a"),
        (np.bytes_(b"a"), b"a"),
        (Color.RED, 1),
        (Point(1, 2), (1, 2)),
        (Liar([1, 2]), [1, 2]),
    ],
)
def test_scalars_and_subclasses_travel_as_their_base(value: object, plain: object) -> None:
    assert same(there_and_back([value, {1: value}]), [plain, {1: plain}])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([1, {2}], "result[1]: set is not carried; use a sorted list"),
        ([0, 0, {"x": {1}}], 'result[2]["x"]: set is not carried; use a sorted list'),
        ({"a\n": bytearray()}, r'result["a\n"]: bytearray is not carried; use bytes(...)'),
        ({frozenset(): 1}, "result[frozenset]: frozenset as a key is not carried"),
        ({(1, (2, frozenset())): 1}, "tuple as a key is not carried"),
        (1j, "complex is not carried; use a tuple"),
        (object(), "object is not carried; use None, bool"),
        (np.array([None]), "array of object"),
        (np.zeros(2, [("a", "i4")]), "array of [('a', '<i4')]"),
        (np.array(["2020-01-01"], "M8[D]"), "array of datetime64[D]"),
        (np.longdouble(1), "longdouble is not carried"),
        ("\ud800", "str with a lone surrogate is not carried"),
        (1 << (8 * MAX_INT_BYTES), "int of"),
    ],
)
def test_what_is_not_carried_says_where_and_what_instead(value: object, message: str) -> None:
    with pytest.raises(WireError) as caught:
        encode(value, max_bytes=MOST)
    assert message in str(caught.value)


def test_a_cycle_is_too_deep() -> None:
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(WireError, match=f"nesting deeper than {MAX_DEPTH}"):
        encode(ring, max_bytes=MOST)


def test_the_deepest_that_is_written_can_be_read() -> None:
    value: list[object] = []
    for _ in range(MAX_DEPTH - 1):
        value = [value]
    data = encode(value, max_bytes=MOST)
    assert decode(data) == value
    with pytest.raises(WireError, match="nested deeper than 8"):
        decode(data, max_depth=8)


def test_numbers_alike_and_arrays_alike_are_no_matter_of_how_many() -> None:
    value = ([*range(MAX_VALUES + 1)], [0.5] * (MAX_VALUES + 1))
    assert decode(encode(value, max_bytes=MOST)) == value


def test_in_pieces_nothing_large_is_copied() -> None:
    content, array = bytes(range(256)) * 1000, np.arange(30_000)
    value = {"content": content, "arrays": (array, 1.5)}
    written = pieces(value, max_bytes=MOST)
    assert b"".join(written) == encode(value, max_bytes=MOST)
    assert any(piece is content for piece in written)
    assert any(np.shares_memory(np.frombuffer(piece, np.uint8), array) for piece in written if len(piece) > 1000)


def test_a_largest_size_is_kept() -> None:
    data = encode([b"x" * 100, np.zeros(4)], max_bytes=MOST)
    assert encode([b"x" * 100, np.zeros(4)], max_bytes=len(data)) == data
    with pytest.raises(WireError, match=f"more than {len(data) - 1} bytes"):
        encode([b"x" * 100, np.zeros(4)], max_bytes=len(data) - 1)


# ------------------------------------------------------------------------------------------------------ hostile bytes


@given(
    st.binary()
    | st.lists(st.sampled_from([*b"NTFifIsbltda"]).map(lambda tag: bytes([tag])) | st.binary(max_size=9)).map(b"".join)
)
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        value = decode(data)
    except WireError:
        return
    encode(value, max_bytes=MOST)  # what was read is what can be written


@given(values | arrays, st.data())
def test_a_damaged_value_is_a_value_or_refused(value: object, data: st.DataObject) -> None:
    encoded = bytearray(encode(value, max_bytes=MOST))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode(encoded)
    except WireError:
        return


@given(values | arrays, st.data())
def test_half_a_value_is_refused(value: object, data: st.DataObject) -> None:
    encoded = encode(value, max_bytes=MOST)
    with pytest.raises(WireError):
        decode(encoded[: data.draw(st.integers(0, len(encoded) - 1))])
    with pytest.raises(WireError, match="1 bytes follow"):
        decode(encoded + b"N")


def count(number: int) -> bytes:
    return struct.pack(">Q", number)


def array_bytes(code: int, shape: tuple[int, ...], content: bytes) -> bytes:
    return b"a" + struct.pack(">BBQ", code, len(shape), len(content)) + b"".join(map(count, shape)) + content


def colliding(number: int) -> bytes:
    """A dict whose keys are big integers that all hash to 0: reading it naively takes quadratic time."""
    key = [encode(index * sys.hash_info.modulus, max_bytes=MOST) for index in range(number)]
    return b"d" + count(number) + b"N".join(key) + b"N"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "1 bytes are announced at byte 0, 0 are left"),
        (b"p", "which starts no value"),
        (b"b" + count(1 << 62), "a count of 4611686018427387904 at byte 1, with 0 bytes left"),
        (b"l" + count(1 << 62) + b"N", "result: a count of"),
        (b"d" + count(2) + b"NNN", "a count of 2"),
        (b"l" + count(1) + b"s" + count(1) + b"\xff", "result[0]: text that is not UTF-8"),
        (b"d" + count(1) + b"l" + count(0) + b"N", "list is no key"),
        (b"d" + count(2) + b"NTNT", "the key is there twice"),
        (b"d" + count(2) + b"TNi" + count(1) + b"N", "the key is there twice"),  # True == 1
        (colliding(1000), "keys share one hash"),
        (array_bytes(0, (2,), b"\x01\x02"), "bytes other than 0 and 1"),
        (array_bytes(99, (1,), b"x"), "unknown type 99"),
        (array_bytes(1, (3,), b"xx"), "shape (3,) and type i1 with 2 bytes"),
        (array_bytes(1, (0, 1 << 63), b""), "an array of shape (0, 9223372036854775808)"),
        (array_bytes(1, (0, 1 << 62, 1 << 62), b""), "an array of shape"),
        (array_bytes(1, (1,) * 33, b"x"), "33 dimensions"),
        (b"a" + struct.pack(">BBQ", 1, 1, 1 << 62) + count(1 << 62), "bytes are announced"),
        (b"I" + count(MAX_INT_BYTES + 1) + bytes(MAX_INT_BYTES + 1), "an int of"),
        ((b"l" + count(1)) * 100_000 + b"N", "nested deeper than 64"),
        ((b"t" + count(1)) * 100_000 + b"N", "nested deeper than 64"),
        ((b"d" + count(1) + b"N") * 100_000 + b"N", "nested deeper than 64"),
    ],
)  # fmt: skip
def test_hostile_bytes_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(WireError) as caught:
        decode(data)
    assert message in str(caught.value)
    assert str(caught.value).startswith("result")


@pytest.mark.parametrize(
    "value",
    [
        [None] * 51,
        [1] * 50 + [None],
        [[[[[None]]]]] * 11,
        ["a", ("b", [0.5, None])] * 10,
        dict.fromkeys(range(26)),
        [np.zeros(number) for number in range(51)],
    ],
)
def test_who_reads_is_not_kept_busy_by_countless_values(value: object, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode(value, max_bytes=MOST)
    monkeypatch.setattr(wire._Counting, "_values", 50)
    for refused in (lambda: decode(data), lambda: encode(value, max_bytes=MOST)):
        with pytest.raises(WireError, match=f"more than {MAX_VALUES} values"):
            refused()


@pytest.mark.parametrize(
    "item",
    [
        b"N",
        b"l" + count(0),
        b"d" + count(0),
        b"s" + count(1) + b"x",
        array_bytes(1, (), b"x"),
        b"I" + count(1) + b"\x01",
    ],
)
def test_memory_is_a_small_multiple_of_the_bytes(item: bytes) -> None:
    data = b"l" + count(20_000) + item * 20_000
    decode(b"l" + count(1) + array_bytes(1, (), b"x"))  # numpy's own start is not counted
    tracemalloc.start()
    try:
        value = decode(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert isinstance(value, list)
    assert peak < 32 * len(data)
