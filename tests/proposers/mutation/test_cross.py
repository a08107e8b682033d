from __future__ import annotations

from selfwright.proposers.mutation.cross import crossings
from tests.proposers.mutation.workshop import runs, source

OURS = """
import math

STEP = 2

# how it packs
def pack(x):
    return x + STEP

class Box:
    def size(self):
        return 1
"""
THEIRS = """
import zlib
import math

STEP = 2
TABLE = [n * WIDTH for n in range(9)]
WIDTH = 3

def helper(x):
    return TABLE[x]

def pack(x):
    return helper(x) + STEP

def other(x):
    return x

class Box:
    def size(self):
        return 4
"""


def crossed(ours: str, theirs: str) -> dict[str, str]:
    one = source(ours)
    found = {edit.words: one.apply(edit) or "" for edit in crossings(one, source(theirs), "t7")}
    assert all(found.values())
    return found


def test_a_function_takes_the_place_of_the_one_of_the_same_name_with_what_it_needs() -> None:
    found = crossed(OURS, THEIRS.replace("WIDTH for n in range(9)]\nWIDTH = 3", "3 for n in range(9)]"))
    assert set(found) == {"took `pack` from t7", "took `Box.size` from t7"}
    packed = found["took `pack` from t7"]
    assert "# how it packs\nTABLE = [" in packed
    assert "zlib" not in packed
    assert "def other" not in packed
    assert runs(packed, "pack(4)") == 14
    assert runs(found["took `Box.size` from t7"], "Box().size()") == 4


def test_what_it_needs_comes_in_the_order_of_the_donor() -> None:
    packed = crossed(OURS, THEIRS)["took `pack` from t7"]
    assert packed.index("TABLE =") < packed.index("WIDTH =") < packed.index("def helper") < packed.index("def pack")


def test_an_equal_donor_has_nothing_to_give() -> None:
    assert not crossed(OURS, OURS)


def test_constants_cross_too() -> None:
    assert "STEP = 5" in crossed(OURS, OURS.replace("STEP = 2", "STEP = 5"))["took `STEP` from t7"]
