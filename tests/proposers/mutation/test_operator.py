from __future__ import annotations

from selfwright.proposers.mutation import operator
from tests.proposers.mutation.workshop import outcomes, runs


def test_arithmetic_comparisons_and_logic_become_others() -> None:
    found = set(outcomes(operator.edits, "a = x+y\n").values())
    assert found == {"a = x-y\n", "a = x\n", "a = y\n"}
    found = set(outcomes(operator.edits, "a = x <  y\n").values())
    assert found == {"a = x <=  y\n", "a = x >  y\n"}
    found = set(outcomes(operator.edits, "a = x and not y\n").values())
    assert found == {"a = x or not y\n", "a = x\n", "a = not y\n", "a = x and y\n"}
    assert set(outcomes(operator.edits, "a = x not in y\n").values()) == {"a = x in y\n"}
    assert set(outcomes(operator.edits, "a += 1\n").values()) == {"a -= 1\n"}


def test_what_binds_looser_gets_brackets() -> None:
    after = outcomes(operator.edits, "def f(a, b, c):\n    return a * b ** c\n")
    assert "def f(a, b, c):\n    return a * (b * c)\n" in after.values()
    assert runs("def f(a, b, c):\n    return a * (b * c)\n", "f(2, 3, 4)") == 24
    both = outcomes(operator.edits, "a = (x or y) and z\n")
    assert "a = (x and y) and z\n" in both.values()
    assert "a = (x or y) or z\n" in both.values()
    assert "a = (x & y) & z\n" in outcomes(operator.edits, "a = x & y | z\n").values()


def test_a_condition_is_turned_round() -> None:
    assert "if not f(x):\n    y = 1\n" in outcomes(operator.edits, "if f(x):\n    y = 1\n").values()


def test_it_says_what_it_replaced_and_where() -> None:
    assert "replaced `a < b` by `a <= b` in `encode`" in outcomes(
        operator.edits, "def encode(a, b):\n    return a < b\n"
    )


def test_annotations_and_decorators_are_no_arithmetic() -> None:
    assert not outcomes(operator.edits, "@d(1 + 2)\ndef f(x: A | B) -> C | D:\n    return x\n")
