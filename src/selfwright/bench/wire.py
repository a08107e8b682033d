"""The typed codec between judge and candidate: plain values and numeric arrays to bytes and back; never pickle.

Carried are None, bool, int, float, str, bytes, list, tuple, dict (keys: None, bool, int, float, str, bytes and tuples
of these) and numpy arrays of bool, int, uint, float and complex. A numpy scalar travels as its Python value, a subclass
as its base, an array of another byte order or layout as a native one in C order.

Every value is one tag byte and what the tag asks for; counts and lengths are 8 bytes, big-endian. ``decode`` reads
hostile bytes: it builds nothing but the types above, trusts no count, and needs time and memory in proportion to what
it was given. It stands alone (standard library and ``column``; numpy only once an array is there), because the guest
loads it too.
"""

import struct
import sys

TYPE_CHECKING = False  # importing typing would cost each guest 5 ms; type checkers know the name
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from numpy.typing import NDArray

    Chunk = bytes | bytearray | memoryview
if __package__ or TYPE_CHECKING:
    from selfwright.bench import column
else:  # in the guest, which knows no package
    import column

MAX_DEPTH = 64
"""Of lists, tuples and dicts in each other."""

MAX_VALUES = 1 << 21
"""In each other; a list of numbers alike, or of arrays alike, counts as one. With more, a judge would be busy for
minutes, and no deadline of a candidate would count."""

MAX_INT_BYTES = 1785
"""Longer ones Python itself refuses to print (4300 digits), so that a judge's message about one would raise."""

_MAX_DIMENSIONS = 32  # of numpy 1; numpy 2 has 64
_MAX_EQUAL_HASHES = 32
_DTYPES = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16")

_COUNT = struct.Struct(">Q")
_INT = struct.Struct(">q")
_FLOAT = struct.Struct(">d")
_ARRAY = struct.Struct(">BBQ")  # dtype, dimensions, bytes of content
_MENDS = {
    "set": "use a sorted list",
    "frozenset": "use a sorted list",
    "bytearray": "use bytes(...)",
    "memoryview": "use bytes(...)",
    "complex": "use a tuple (real, imag) or an array",
    **dict.fromkeys(("generator", "range", "map", "zip"), "use list(...)"),
}
_MEND = "use None, bool, int, float, str, bytes, lists, tuples, dicts of these, or numeric numpy arrays"


class WireError(ValueError):
    """A value that is not carried, or bytes that are no value.

    Attributes:
        what: The offender, as a noun: ``set``.
        mend: What to use instead; empty for bytes that are no value.
        path: Where: ``result[2]["x"]``.
    """

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend
        self.path = ""

    def __str__(self) -> str:
        return f"{self.path}: {self.what} is not carried; {self.mend}" if self.mend else f"{self.path}: {self.what}"


def encode(value: object, *, max_bytes: int, name: str = "result", head: bytes = b"") -> bytes:
    """Return the bytes of ``value``.

    Args:
        value: What is listed above, nested at most ``MAX_DEPTH`` deep.
        max_bytes: The most that they may be.
        name: How errors call ``value``.
        head: What shall stand before them.

    Raises:
        WireError: A part of it is not carried; the message says which, where and what to use instead.
    """
    return b"".join([head, *pieces(value, max_bytes=max_bytes, name=name)])


def pieces(value: object, *, max_bytes: int, name: str = "result") -> "list[Chunk]":
    """Return the same bytes as they come, to be written one after the other; what is large in ``value`` is not copied.

    Raises:
        WireError: As ``encode``.
    """
    writer = _Writer(max_bytes)
    try:
        writer.put(value, 0)
    except WireError as error:
        error.path = name + error.path
        raise
    return writer.chunks


def decode(data: bytes | bytearray | memoryview, *, max_depth: int = MAX_DEPTH, name: str = "result") -> object:
    """Return the value that ``data`` holds. Arrays are fresh and writable.

    Raises:
        WireError: ``data`` is not exactly one value; the message says where it breaks off.
    """
    reader = _Reader(data, max_depth)
    try:
        value = reader.take(0)
        if reader.at != len(reader.data):
            raise WireError(f"{len(reader.data) - reader.at} bytes follow the value")
    except WireError as error:
        error.path = name + error.path
        raise
    return value


class _Counting:
    _values = MAX_VALUES

    def _spend(self, values: int) -> None:
        self._values -= values
        if self._values < 0:
            raise WireError(f"more than {MAX_VALUES} values", "use arrays, or lists of only ints or only floats")


class _Writer(_Counting):
    """Collects chunks; what it is given is one of ours in the host, and anything in the guest.

    Contents are read through the base types' own methods, never through those of a subclass.
    """

    def __init__(self, max_bytes: int) -> None:
        self.chunks: list[Chunk] = []
        self._max_bytes = self._left = max_bytes
        self._kinds: dict[type, Callable[[Any, int], None]] = {
            type(None): lambda value, depth: self._add(b"N"),
            bool: lambda value, depth: self._add(b"T" if value else b"F"),
            int: self._put_int,
            float: lambda value, depth: self._add(b"f" + _FLOAT.pack(value)),
            str: self._put_str,
            bytes: lambda value, depth: self._put_bytes(b"b", value),
            list: lambda value, depth: self._put_items(b"l", value, depth),
            tuple: lambda value, depth: self._put_items(b"t", value, depth),
            dict: self._put_dict,
        }

    def put(self, value: object, depth: int) -> None:
        put = self._kinds.get(type(value))
        if put is not None:
            put(value, depth)
        else:
            self._put_other(value, depth)

    def _add(self, chunk: "Chunk") -> None:
        self._left -= len(chunk)
        if self._left < 0:
            raise WireError(f"more than {self._max_bytes} bytes", "send less")
        self.chunks.append(chunk)

    def _put_int(self, value: int, depth: int) -> None:
        if -(1 << 63) <= value < 1 << 63:
            return self._add(b"i" + _INT.pack(value))
        size = value.bit_length() // 8 + 1
        if size > MAX_INT_BYTES:
            raise WireError(f"int of {size} bytes", f"use at most {MAX_INT_BYTES}, or bytes")
        self._put_bytes(b"I", value.to_bytes(size, "big", signed=True))

    def _put_str(self, value: str, depth: int) -> None:
        try:
            self._put_bytes(b"s", value.encode())
        except UnicodeEncodeError:
            raise WireError("str with a lone surrogate", "use bytes, or encode it with 'replace'") from None

    def _put_bytes(self, tag: bytes, value: bytes) -> None:
        self._add(tag + _COUNT.pack(len(value)))
        self._add(value)

    def _put_items(self, tag: bytes, items: "list[object] | tuple[object, ...]", depth: int) -> None:
        self._open(tag, len(items), depth)
        if len(items) >= column.LEAST and (written := column.write(items, _head)) is not None:
            return self._add(written)
        self._spend(len(items))
        for index, item in enumerate(items):
            try:
                self.put(item, depth + 1)
            except WireError as error:
                error.path = f"[{index}]{error.path}"
                raise

    def _put_dict(self, value: "dict[object, object]", depth: int) -> None:
        self._open(b"d", len(value), depth)
        self._spend(2 * len(value))
        for key, item in value.items():
            try:
                if not _is_key(key):
                    raise WireError(
                        f"{type(key).__name__} as a key", "use None, bool, int, float, str, bytes or tuples of these"
                    )
                self.put(key, depth + 1)
                self.put(item, depth + 1)
            except WireError as error:
                error.path = f"[{_shown(key)}]{error.path}"
                raise

    def _open(self, tag: bytes, count: int, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise WireError(f"nesting deeper than {MAX_DEPTH}", "use a flatter structure")
        self._spend(1)
        self._add(tag + _COUNT.pack(count))

    def _put_other(self, value: object, depth: int) -> None:
        numpy = sys.modules.get("numpy")  # without it in memory there is no array to carry
        if numpy is not None and isinstance(value, numpy.ndarray):
            return self._put_array(value)
        if numpy is not None and isinstance(value, numpy.generic) and not isinstance(value, int | float | str | bytes):
            item = value.item()
            if type(item) in self._kinds:
                return self.put(item, depth)
        for base, plain in _BASES.items():
            if issubclass(type(value), base):
                return self._kinds[base](plain(value), depth)
        kind = type(value).__name__
        raise WireError(kind, _MENDS.get(kind, _MEND))

    def _put_array(self, value: "NDArray[Any]") -> None:
        import numpy

        self._add(_head(value))
        flat = numpy.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<")).reshape(-1).view(numpy.uint8)
        self._add(flat.data)


def _head(value: "NDArray[Any]") -> bytes:
    """Return what stands before the content of an array."""
    name = f"{value.dtype.kind}{value.dtype.itemsize}"
    if name not in _DTYPES or value.ndim > _MAX_DIMENSIONS:
        what = f"array of {value.dtype} with {value.ndim} dimensions"
        raise WireError(what, "use bool, int, uint, float (up to 64 bits) or complex (up to 128)")
    head = b"a" + _ARRAY.pack(_DTYPES.index(name), value.ndim, value.size * value.dtype.itemsize)
    return head + b"".join(map(_COUNT.pack, value.shape))


# How a subclass becomes its base without a call of a method that it overrides.
_BASES: "dict[type, Callable[[Any], object]]" = {
    int: lambda value: int.__add__(value, 0),
    float: float.__float__,
    str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    list: lambda value: [*list.__iter__(value)],
    tuple: lambda value: (*tuple.__iter__(value),),
    dict: lambda value: dict(dict.items(value)),
}


class _Reader(_Counting):
    """Reads one value from bytes that nobody vouches for."""

    def __init__(self, data: bytes | bytearray | memoryview, max_depth: int) -> None:
        self.data = memoryview(data).cast("B")
        self.at = 0
        self._max_depth = max_depth
        self._kinds: dict[int, Callable[[int], object]] = {
            ord("N"): lambda depth: None,
            ord("T"): lambda depth: True,
            ord("F"): lambda depth: False,
            ord("i"): lambda depth: _INT.unpack(self._bytes(8))[0],
            ord("I"): self._take_int,
            ord("f"): lambda depth: _FLOAT.unpack(self._bytes(8))[0],
            ord("s"): self._take_str,
            ord("b"): lambda depth: bytes(self._bytes(self._count())),
            ord("l"): self._take_list,
            ord("t"): lambda depth: tuple(self._take_list(depth)),
            ord("d"): self._take_dict,
            ord("a"): self._take_array,
        }

    def take(self, depth: int) -> object:
        tag = self._bytes(1)[0]
        kind = self._kinds.get(tag)
        if kind is None:
            raise WireError(f"byte {self.at - 1} is {tag}, which starts no value")
        return kind(depth)

    def _bytes(self, count: int) -> memoryview:
        left = len(self.data) - self.at
        if count > left:
            raise WireError(f"{count} bytes are announced at byte {self.at}, {left} are left")
        self.at += count
        return self.data[self.at - count : self.at]

    def _count(self, least: int = 1) -> int:
        """Read a count of things of at least ``least`` bytes each."""
        count: int = _COUNT.unpack(self._bytes(8))[0]
        left = len(self.data) - self.at
        if count * least > left:
            raise WireError(f"a count of {count} at byte {self.at - 8}, with {left} bytes left")
        return count

    def _take_int(self, depth: int) -> int:
        count = self._count()
        if count > MAX_INT_BYTES:
            raise WireError(f"an int of {count} bytes, at most {MAX_INT_BYTES} are carried")
        return int.from_bytes(self._bytes(count), "big", signed=True)

    def _take_str(self, depth: int) -> str:
        try:
            return str(self._bytes(self._count()), "utf-8")
        except UnicodeDecodeError as error:
            raise WireError(f"text that is not UTF-8: {error.reason}") from None

    def _take_list(self, depth: int) -> list[object]:
        self._open(depth)
        items: list[object] = []
        count = self._count()
        while len(items) < count:
            start = self.at
            try:
                items.append(self.take(depth + 1))
            except WireError as error:
                error.path = f"[{len(items)}]{error.path}"
                raise
            if len(items) == 1:
                items += (
                    column.read(items[0], self.data[start:], self.at - start, count) if count >= column.LEAST else []
                )
                self.at += (len(items) - 1) * (self.at - start)
                self._spend(count - len(items))
        return items

    def _take_dict(self, depth: int) -> dict[object, object]:
        self._open(depth)
        items: dict[object, object] = {}
        hashes: dict[int, int] = {}
        count = self._count(least=2)
        self._spend(2 * count)
        for index in range(count):
            try:
                key = self.take(depth + 1)
            except WireError as error:
                error.path = f"[key {index}]{error.path}"
                raise
            try:
                self._check_key(key, items, hashes)
                items[key] = self.take(depth + 1)
            except WireError as error:
                error.path = f"[{_shown(key)}]{error.path}"
                raise
        return items

    def _check_key(self, key: object, items: dict[object, object], hashes: dict[int, int]) -> None:
        """Refuse a key that is no key, is there already, or is one of many made to share a hash (quadratic time)."""
        if not _is_key(key):
            raise WireError(f"{type(key).__name__} is no key")
        if type(key) not in (str, bytes):  # whose hashes are salted
            hashed = hash(key)
            hashes[hashed] = hashes.get(hashed, 0) + 1
            if hashes[hashed] > _MAX_EQUAL_HASHES:
                raise WireError(f"more than {_MAX_EQUAL_HASHES} keys share one hash")
        if key in items:
            raise WireError("the key is there twice")

    def _open(self, depth: int) -> None:
        if depth >= self._max_depth:
            raise WireError(f"nested deeper than {self._max_depth}")
        self._spend(1)

    def _take_array(self, depth: int) -> "NDArray[Any]":
        code, dimensions, size = _ARRAY.unpack(self._bytes(_ARRAY.size))
        if code >= len(_DTYPES) or dimensions > _MAX_DIMENSIONS:
            raise WireError(f"an array of unknown type {code} or with {dimensions} dimensions")
        shape = [_COUNT.unpack(self._bytes(8))[0] for _ in range(dimensions)]
        expected = int(_DTYPES[code][1:])
        for length in shape:
            expected *= length
        if expected != size:
            raise WireError(f"an array of shape {tuple(shape)} and type {_DTYPES[code]} with {size} bytes")
        content = self._bytes(size)
        import numpy

        try:
            array = numpy.frombuffer(content, numpy.dtype(f"<{_DTYPES[code]}")).reshape(shape)
        except (ValueError, OverflowError) as error:
            raise WireError(f"an array of shape {tuple(shape)}: {error}") from None
        if code == 0 and size and array.view(numpy.uint8).max() > 1:
            raise WireError("an array of bool with bytes other than 0 and 1")
        return array.astype(array.dtype.newbyteorder("="))


def _is_key(key: object, depth: int = 0) -> bool:
    if isinstance(key, tuple):
        return depth < MAX_DEPTH and all(_is_key(part, depth + 1) for part in tuple.__iter__(key))
    return key is None or isinstance(key, int | float | str | bytes)


def _shown(key: object) -> str:
    """Return a short text for ``key`` that runs no code of a subclass and has no control characters."""
    if isinstance(key, str):
        text = ascii(str.__str__(key)[:40])
        return f'"{text[1:-1]}"'
    if type(key) is int and key.bit_length() > 64:
        return "int"
    return ascii(key)[:40] if type(key) in (int, float, bool, bytes, type(None)) else type(key).__name__
