from __future__ import annotations

from selfwright.proposers.mutation import hoist
from tests.proposers.mutation.workshop import keeps, outcomes


def test_what_does_not_change_is_computed_once() -> None:
    text = """
    import math

    def f(xs, a, b):
        total = 0.0
        for x in xs:
            total += x * math.sqrt(a * b + 1) + len(xs)
            total -= math.sqrt(a * b + 1)
        return total
    """
    found = keeps(hoist.edits, text, "f([1, 2, 3], 2, 3)")
    after = found["computed `math.sqrt(a * b + 1)` once before the loop in `f`"]
    assert "    once = math.sqrt(a * b + 1)\n    for x in xs:\n" in after
    assert after.count("math.sqrt") == 1
    assert "computed `len(xs)` once before the loop in `f`" in found
    assert len(found) == 2  # the largest ones only


def test_what_the_loop_may_change_stays() -> None:
    for body in (
        "n += 1\n        y = n * 2",
        "xs.append(x)\n        y = len(xs)",
        "xs[0] = x\n        y = xs[1]",
        "y = random() * n",
    ):
        assert not outcomes(hoist.edits, f"def f(xs, n):\n    for x in xs:\n        {body}\n    return y\n"), body


def test_a_target_is_no_expression() -> None:
    assert not outcomes(hoist.edits, "def f(xs, a):\n    for x in xs:\n        a[0] = x\n        a[1] += x\n")
