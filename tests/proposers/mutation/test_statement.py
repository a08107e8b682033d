from __future__ import annotations

from selfwright.proposers.mutation import statement
from tests.proposers.mutation.workshop import outcomes

TEXT = """
def f(xs):
    total = 0
    for x in xs:
        y = 2
        total += x * y
        print('%s' % total)
    if total:
        total += 1
    else:
        total -= 1
    return total
"""


def test_statements_are_deleted_swapped_and_moved_out_of_a_loop() -> None:
    found = outcomes(statement.edits, TEXT)
    for words in (
        "deleted `print('%s' % total)` in `f`",
        "swapped `y = 2` and `total += x * y` in `f`",
        "moved `y = 2` before the loop in `f`",
        "moved `print('%s' % total)` behind the loop in `f`",
        "took the branch of `if` `total` for good in `f`",
        "took the branch of `else` to `total` for good in `f`",
    ):
        assert words in found
    before = found["moved `y = 2` before the loop in `f`"]
    assert "    total = 0\n    y = 2\n    for x in xs:\n        total += x * y\n" in before
    behind = found["moved `print('%s' % total)` behind the loop in `f`"]
    assert "        total += x * y\n    print('%s' % total)\n    if total:\n" in behind
    branch = found["took the branch of `else` to `total` for good in `f`"]
    assert branch.endswith("    total -= 1\n    return total\n")


def test_a_block_is_never_empty() -> None:
    found = outcomes(statement.edits, "def f(x):\n    return x\n")
    assert found == {"deleted `return x` in `f`": "def f(x):\n    pass\n"}


def test_what_everything_needs_stays() -> None:
    text = "import os\nX = 1\ndef f():\n    '''Doc.'''\n    import re\n    def g():\n        pass\n    global X\n"
    assert not outcomes(statement.edits, text)
