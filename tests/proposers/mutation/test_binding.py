from __future__ import annotations

from selfwright.proposers.mutation import binding
from tests.proposers.mutation.workshop import keeps, outcomes

TEXT = """
import math

SCALE = 3

def helper(x):
    return x * 2

def encode(xs):
    out = []
    for x in xs:
        if x:
            out.append(math.sqrt(helper(x)) * SCALE)
            out.append(math.sqrt(SCALE))
    return out
"""


def test_what_a_loop_looks_up_is_bound_before_it() -> None:
    found = keeps(binding.edits, TEXT, "encode([0, 1, 4])")
    assert {words.split("`")[1] for words in found} == {"out.append", "math.sqrt", "helper", "SCALE"}
    after = found["bound `math.sqrt` to a local name before a loop in `encode`"]
    assert "    sqrt = math.sqrt\n    for x in xs:\n" in after
    assert after.count("math.sqrt") == 1
    assert after.count("sqrt(") == 2
    assert "    append = out.append\n" in found["bound `out.append` to a local name before a loop in `encode`"]


def test_a_name_that_is_taken_is_not_taken_again() -> None:
    text = "def f(xs, append):\n    out = []\n    while xs:\n        out.append(xs.pop())\n    return out\n"
    assert "append_2 = out.append" in "".join(keeps(binding.edits, text, "f([1], 0)").values())


def test_what_the_loop_binds_itself_stays() -> None:
    text = "def f(xs):\n    for x in xs:\n        x.run()\n        y = x.a\n        y.b = 1\n        x.c += 2\n"
    assert not outcomes(binding.edits, text)
