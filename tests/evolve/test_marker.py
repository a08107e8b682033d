"""Where an owner has marked what may change, nothing else may."""

from __future__ import annotations

import pytest

from selfwright.core.errors import BadInput
from selfwright.evolve.marker import check_blocks

SEED = b"""import math
# EVOLVE-BLOCK-START
def area(r):
    return 3 * r * r
# EVOLVE-BLOCK-END

def run():
    return area(1)
"""


@pytest.mark.parametrize(
    "after",
    [
        SEED.replace(b"3 * r", b"math.pi * r"),
        SEED.replace(b"    return 3 * r * r\n", b"\n    return 1\n\ndef more():\n    return 2\n"),
        SEED.replace(b"\n\ndef run", b"\n\n\ndef run"),
    ],
)
def test_what_lies_between_the_markers_may_change(after: bytes) -> None:
    check_blocks("p.py", SEED, after)


@pytest.mark.parametrize(
    ("after", "first"),
    [
        (SEED.replace(b"area(1)", b"4"), "return area"),
        (SEED.replace(b"# EVOLVE-BLOCK-END\n", b""), "EVOLVE-BLOCK-END"),
        (SEED.replace(b"# EVOLVE-BLOCK-START\n", b""), "EVOLVE-BLOCK-START"),
        (SEED + b"run = lambda: 9\n", "the last lines"),
        (b"import os\n" + SEED, "import math"),
    ],
)
def test_a_change_outside_is_refused_and_named(after: bytes, first: str) -> None:
    with pytest.raises(BadInput, match=f"p.py: only lines between .*{first}"):
        check_blocks("p.py", SEED, after)


def test_a_program_without_markers_may_change_anywhere() -> None:
    check_blocks("p.py", b"a = 1\n", b"b = 2\n")
