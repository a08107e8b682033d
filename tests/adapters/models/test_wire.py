"""What was heard of an answer, counted."""

from __future__ import annotations

import pytest

from selfwright.adapters.models.wire import Heard, Said, data_of, parse
from selfwright.core.completion import Prompt, Tokens
from selfwright.core.errors import TryLater

PROMPT = Prompt(stable="four", fresh="ü")


def test_what_a_provider_counts_is_what_counts_whatever_was_allowed() -> None:
    heard = Heard(read=7, written=500, cached=3)
    assert heard.tokens(PROMPT, most=100) == Tokens(read=7, written=500, cached=3)


def test_what_nobody_counted_is_taken_for_the_most_that_it_can_have_been() -> None:
    assert Heard(text=["ü" * 20]).tokens(PROMPT, most=100) == Tokens(read=6, written=40)
    assert Heard(text=["ü" * 80]).tokens(PROMPT, most=100) == Tokens(read=6, written=100)


@pytest.mark.parametrize(("read", "written"), [(0, 0), (-5_000_000, -3), (10**400, 10**400)])
def test_a_count_that_can_not_be_is_as_good_as_none(read: int, written: int) -> None:
    heard = Heard(text=["four"], read=read, written=written, cached=-1, stored=-1)
    assert heard.tokens(PROMPT, most=100) == Tokens(read=6, written=4)


def test_no_more_of_a_prompt_comes_from_a_cache_or_goes_there_than_there_is() -> None:
    heard = Heard(read=7, written=0, cached=5, stored=50)
    assert heard.tokens(PROMPT, most=100) == Tokens(read=7, written=0, cached=5, stored=2)


@pytest.mark.parametrize("text", ["", "{", "[1]", '"a"', "[" * 100_000])
def test_what_is_no_object_is_said(text: str) -> None:
    with pytest.raises(TryLater, match="it answered what is no Said"):
        parse(Said, text)


def test_only_data_lines_carry_something() -> None:
    lines = ["data: {}", "data:{}", "event: ping", ": a comment", "", "id: 7"]
    assert [data_of(line) for line in lines] == ["{}", "{}", "", "", "", ""]
