"""Texts of others, in pieces that add up, behind a number that nobody could know."""

import re

from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.printable import printable
from selfwright.server.mcp.quote import quote


def inside(text: str) -> str:
    return text.partition("\n")[2].rpartition("\n")[0]


@given(st.text(max_size=200), st.integers(1, 50))
def test_the_pieces_are_the_text_and_each_ends_where_its_number_says(text, most):
    pieces, offset = [], 0
    while offset is not None:
        said = quote("t1", text, offset=offset, most=most)
        assert said.characters == len(printable(text))
        nonce = re.match(r"\[material ([0-9a-f]{16}): t1\]\n", said.text)[1]
        assert said.text.count(f"[end {nonce}]") == 1 and said.text.endswith(f"\n[end {nonce}]")
        pieces.append(printable(text)[offset : offset + most].rstrip())
        assert inside(said.text) == pieces[-1]
        offset = said.next_offset
    assert len(pieces) == max(1, -(-len(printable(text)) // most))


def test_a_name_can_not_end_the_line_it_stands_in():
    assert quote("a]\nb", "x").text.splitlines()[0].endswith(": a ]")
