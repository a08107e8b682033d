"""What an engine and its workers say to each other, and how that becomes bytes.

A frame is its length, the length of its head, the head (JSON) and blobs, one after the other. Blobs are named by their
content: a tree or an outcome carries the sha256, the receiver hashes what came. No pickle: neither side can be made to
run anything.
"""

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from selfwright.core.change import Tree, content_id
from selfwright.core.plain import from_plain, to_plain
from selfwright.core.trial import Block, Outcome

_PREFIX = struct.Struct("!QI")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base of all messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Message):
    """The worker has loaded the judge, or knows why it can not; said once, before anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListCases(Message):
    """Asks for the cases of every stage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesListed(Message):
    """Answers ``ListCases``.

    Attributes:
        cases: Stage → case ids; empty where there is a fault.
        fault: Why the judge could not say; else empty.
    """

    cases: Mapping[str, tuple[str, ...]]
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Message):
    """Asks for a block to be measured.

    Attributes:
        trees: Change id → its editable tree; the contents are the blobs.
    """

    block: Block
    trees: Mapping[str, Tree]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting(Message):
    """The worker waits for its turn on the machine, or has got it; what it waits is no time of the block's.

    Attributes:
        over: Whether it has got it.
    """

    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockMeasured(Message):
    """Answers ``Measure``: one outcome an item, in the block's order. Their artifacts are the blobs."""

    outcomes: tuple[Outcome, ...]


_KINDS: dict[str, type[Message]] = {
    cls.__name__: cls for cls in (Ready, ListCases, CasesListed, Measure, Waiting, BlockMeasured)
}


def pack(message: Message, blobs: Iterable[bytes] = ()) -> bytes:
    """Return a message and its blobs as one frame."""
    contents = list(blobs)
    head = {"kind": type(message).__name__, "data": to_plain(message), "sizes": [len(blob) for blob in contents]}
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    size = len(text) + sum(map(len, contents))
    return b"".join((_PREFIX.pack(size, len(text)), text, *contents))


def take(buffer: bytearray) -> tuple[Message, dict[str, bytes]] | None:
    """Remove the first frame from ``buffer``; return its message and blobs (by sha256), or None while it is not whole.

    Raises:
        ValueError: It is no frame of ours.
    """
    if len(buffer) < _PREFIX.size:
        return None
    size, length = _PREFIX.unpack_from(buffer)
    if len(buffer) < _PREFIX.size + size:
        return None
    frame = bytes(buffer[_PREFIX.size : _PREFIX.size + size])
    del buffer[: _PREFIX.size + size]
    try:
        head = json.loads(frame[:length])
        message = from_plain(_KINDS[head["kind"]], head["data"])
        sizes = [int(count) for count in head["sizes"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"not a message between an engine and its worker: {error}") from error
    blobs = {}
    for count in sizes:
        blobs[content_id(frame[length : length + count])] = frame[length : length + count]
        length += count
    return message, blobs
