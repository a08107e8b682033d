"""What a pump collects."""

from __future__ import annotations

import tracemalloc

import pytest

from selfwright.adapters.sandboxes.pump import Frame, Stream

SIZE = 200_000


@pytest.mark.parametrize("kind", [Frame, Stream])
def test_a_reply_in_single_bytes_costs_no_more_than_in_one(kind: type[Frame] | type[Stream]) -> None:
    reply = kind(SIZE)
    if kind is Frame:
        reply.feed(SIZE.to_bytes(8, "big"))
    tracemalloc.start()
    try:
        for number in range(SIZE):
            reply.feed(bytes([number % 256]))
        assert tracemalloc.get_traced_memory()[0] < 2 * SIZE
    finally:
        tracemalloc.stop()
    assert reply.content() == bytes(number % 256 for number in range(SIZE))


@pytest.mark.parametrize("kind", [Frame, Stream])
def test_a_reply_is_not_copied_to_be_had(kind: type[Frame] | type[Stream]) -> None:
    reply = kind(SIZE)
    reply.feed(SIZE.to_bytes(8, "big"))
    for _ in range(4):
        reply.feed(b"x" * (SIZE // 4))
    assert reply.content() is reply.content()
