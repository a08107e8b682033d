"""Draws are functions of what they are for."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from selfwright.core.draw import coin, draw, item_seed

PURPOSES = st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=8)
KEYS = st.tuples(st.integers(), PURPOSES, st.integers(0), st.integers(0), st.integers(0))


@given(KEYS)
def test_the_same_purpose_has_the_same_draw(key: tuple[int, str, int, int, int]) -> None:
    assert draw(*key) == draw(*key)
    assert 0 <= draw(*key) < 2**63
    assert coin(*key) == bool(draw(*key) & 1)


@given(KEYS, KEYS)
def test_another_purpose_has_another_draw(
    first: tuple[int, str, int, int, int], second: tuple[int, str, int, int, int]
) -> None:
    assume(first != second)
    assert draw(*first) != draw(*second)


def test_draws_are_the_same_for_ever() -> None:
    # printf '7/stage/full/0/0/0' | sha256sum: the first 16 digits, less the last bit
    assert draw(7, "stage/full") == 0xBEA27C9AD83252A2 >> 1


def test_coins_are_fair() -> None:
    heads = sum(coin(1, "pair", trial) for trial in range(10_000))
    assert 4_800 < heads < 5_200  # four standard deviations; the same number on every run


def test_the_judge_sees_one_draw_a_stage_and_one_a_pair() -> None:
    assert item_seed(7, "search", "full", 3, 1) == item_seed(7, "fresh", "full", 4, 0) == draw(7, "stage/full")
    assert item_seed(7, "pair:2:incumbent", "full", 3, 1) == item_seed(7, "pair:2", "full", 3, 1)
    assert item_seed(7, "pair:2", "full", 3, 1) == draw(7, "pair/full", 3, 1, 2)
    assert len({item_seed(7, f"{kind}:{pair}", "full", 3, 1) for kind in ("pair", "freshpair") for pair in (0, 1)}) == 4
