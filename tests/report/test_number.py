from __future__ import annotations

import pytest

from selfwright.report.number import decimals, duration, moment, number, short, visible


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ([9.31, 1.25], 3),
        ([34.06], 2),
        ([0.0312, 4.0], 5),
        ([166250.0], 0),
        ([166250.5], 0),
        ([0.0, 0.0], 0),
        ([1e-12], 6),
        ([], 0),
    ],
)
def test_a_column_has_the_decimals_that_its_smallest_number_needs(values: list[float], places: int) -> None:
    assert decimals(values) == places


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (9.314, "9.31"),
        (1163750.4, "1,163,750"),
        (0.00012345, "0.000123"),
        (3e-9, "3e-09"),
        (0.0, "0"),
        (-2.5, "-2.50"),
        (4e15, "4e+15"),
    ],
)
def test_short_numbers(value: float, words: str) -> None:
    assert short(value) == words


def test_decimals_are_aligned() -> None:
    assert [number(value, 2) for value in (12345.678, 0.5)] == ["12,345.68", "0.50"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.314, "0.31 s"), (48.2, "48 s"), (192, "3 min 12 s"), (3599.9, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_moments_are_utc() -> None:
    assert moment(0) == "1970-01-01 00:00:00 UTC"


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\r", "\x9b", "\u200b", "\u202e", "\u2066", "\ufeff", "\ud800"])
def test_hidden_characters_are_spelled(sign: str) -> None:
    assert visible(f"a{sign}b") == f"a\\u{ord(sign):04x}b"


def test_what_people_write_stays() -> None:
    assert visible("né\t→ ✓\n") == "né\t→ ✓\n"
