"""A value as it was after any number of verdicts."""

import pytest

from selfwright.evolve.timeline import Timeline


def test_each_moment_keeps_its_value():
    line = Timeline("a")
    for verdicts, value in ((2, "b"), (5, "c"), (5, "d"), (7, "d")):
        line.set(verdicts, value)
    assert [line.at(verdicts) for verdicts in range(9)] == ["a", "a", "b", "b", "b", "d", "d", "d", "d"]
    assert line.latest == "d"


def test_the_past_is_not_rewritten():
    line = Timeline("a")
    line.set(3, "b")
    with pytest.raises(ValueError, match="after 3 verdicts is there already"):
        line.set(2, "c")
