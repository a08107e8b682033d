"""Messages without what differs from time to time."""

import pytest

from selfwright.diagnose import normalised


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("index 200 is out of bounds for axis 0 with size 144", "index # is out of bounds for axis # with size #"),
        ("<object at 0x7f3a12> gone", "<object at #> gone"),
        ("can not read /tmp/a1/b.txt", "can not read /#"),
        ("the same program as t12.1, rejected", "the same program as @, rejected"),
        ("shapes (48,64) and (3,5)", "shapes (#) and (#)"),
        ("expected 'abc', got b\"x\"", "expected '#', got '#'"),
        ("1.5e-3 is not -2", "# is not #"),
        ("first\nsecond", "first"),
        ("uint8 stays", "uint8 stays"),
    ],
)
def test_numbers_addresses_paths_and_quotes_go(text: str, normal: str) -> None:
    assert normalised(text) == normal
