"""Spans of trials and versions are read as people write them."""

import pytest

from selfwright.core.milestone import Span


@pytest.mark.parametrize(
    ("text", "first", "last", "again"),
    [
        ("1-5", 1, 5, "1-5"),
        ("51+", 51, None, "51+"),
        ("7", 7, 7, "7"),
        ("v1-v3", 1, 3, "1-3"),
        (" v13+ ", 13, None, "13+"),
        ("v0", 0, 0, "0"),
    ],
)
def test_span_is_read_and_shown(text: str, first: int, last: int | None, again: str) -> None:
    span = Span.parse(text)
    assert (span, str(span)) == (Span(first=first, last=last), again)
    assert first in span
    assert first - 1 not in span
    assert (10**6 in span) == (last is None)


@pytest.mark.parametrize("text", ["", "-3", "1-", "a-b", "1..5", "+", "1-5+"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a span; write it as '1-5', '51\+' or '7'"):
        Span.parse(text)


def test_span_does_not_run_backwards() -> None:
    with pytest.raises(ValueError, match="'v3-v1' runs backwards; write the smaller number first"):
        Span.parse("v3-v1")
