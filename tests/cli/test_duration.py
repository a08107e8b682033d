"""Times as people write them."""

import pytest
import typer

from selfwright.cli.duration import parse_duration, show_duration


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("1.5m", 90), ("45", 45)])
def test_a_time_is_read(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "-1m", "10d", "soon", "1m30s"])
def test_what_is_no_time_is_said_with_the_mend(text):
    with pytest.raises(typer.BadParameter, match="write 90s, 10m or 2h"):
        parse_duration(text)


@pytest.mark.parametrize(("seconds", "text"), [(5.4, "5s"), (80, "1m20s"), (3600, "1h00m"), (5999, "1h39m")])
def test_a_time_is_shown_short(seconds, text):
    assert show_duration(seconds) == text
