"""Times as people write them."""

import pytest

from selfwright.core.duration import seconds
from selfwright.core.errors import BadInput


@pytest.mark.parametrize(("text", "expected"), [("90s", 90), ("2m", 120), ("1.5h", 5400), (" 7 ", 7)])
def test_a_time_is_read(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "0s", "-1m", "3d"])
def test_what_is_no_time_is_told(text):
    with pytest.raises(BadInput, match="is no time: write 90s, 10m or 2h"):
        seconds(text)
