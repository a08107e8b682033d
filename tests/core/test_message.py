"""Messages become frames and come back, whole and in order, however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.change import content_id
from selfwright.core.message import BlockMeasured, CasesListed, ListCases, Measure, Message, Ready, pack, take
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Block, Item, Outcome, Reading, Resources

MESSAGES: list[Message] = [
    Ready(),
    ListCases(),
    CasesListed(cases={"smoke": ("",), "full": ("a", "bé\n")}, fault="line 3"),
    Measure(block=Block(items=(Item(change="c", stage="s", case="a", seed=2**62),)), trees={"c": {"x.py": "0" * 64}}),
    BlockMeasured(
        outcomes=(
            Outcome(
                status=TrialStatus.OK,
                readings=(Reading(case="a", metrics={"m": (0.1, -2.0)}),),
                artifacts={"a.png": "1" * 64},
                resources=Resources(wall_s=1.5, peak_memory_bytes=3),
            ),
            Outcome(status=TrialStatus.UNJUDGED, reason="no"),
        )
    ),
]


@given(
    st.lists(st.tuples(st.sampled_from(MESSAGES), st.lists(st.binary(max_size=40), max_size=3)), max_size=4),
    st.integers(min_value=1, max_value=64),
)
def test_frames_come_back_however_they_are_cut(said: list[tuple[Message, list[bytes]]], size: int) -> None:
    stream = b"".join(pack(message, blobs) for message, blobs in said)
    buffer, heard = bytearray(), []
    for start in range(0, len(stream), size):
        buffer += stream[start : start + size]
        while (frame := take(buffer)) is not None:
            heard.append(frame)
    assert heard == [(message, {content_id(blob): blob for blob in blobs}) for message, blobs in said]
    assert not buffer


@pytest.mark.parametrize("head", [b"{}", b'{"kind":"Quit","data":{},"sizes":[]}', b"not json", b"[]"])
def test_what_is_no_message_is_refused(head: bytes) -> None:
    frame = len(head).to_bytes(8, "big") + len(head).to_bytes(4, "big") + head
    with pytest.raises(ValueError, match="not a message between an engine and its worker"):
        take(bytearray(frame))
