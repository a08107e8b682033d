"""Text that nobody vouches for."""

from __future__ import annotations

import pytest

from selfwright.core.printable import indented, one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07word", "red word"),
        ("50 %\r100 %\r\n", "50 %\n100 %\n"),
        ("a\x00b\x07c\x7fd\x9be", "abcde"),
        ("user\u202egnp.exe\u2066 \u200bx\ufeff\U000e0041", "usergnp.exe x"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("é 漢 \u2026", "é 漢 \u2026"),
        (b"h\xc3\xa9 \xff", "hé \ufffd"),
    ],
)
def test_what_is_left_is_fit_to_be_shown(text: str | bytes, shown: str) -> None:
    assert printable(text) == shown


FORGED = "x\x00y\nt2    adopted as v9: size 1\x1b[2K\rt3    adopted"


def test_what_is_put_on_a_line_of_ours_makes_no_other_line() -> None:
    assert one_line(FORGED) == "xy"
    assert one_line("\n\r\nbegins late\u2028and ends") == "begins lateand ends"
    assert one_line("") == ""


def test_text_of_several_lines_stands_apart_from_ours() -> None:
    assert indented(FORGED) == "xy\n      t2    adopted as v9: size 1\n      t3    adopted"
    assert indented("one\n") == "one"
