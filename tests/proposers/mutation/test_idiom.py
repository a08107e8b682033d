from __future__ import annotations

import pytest

from selfwright.proposers.mutation import idiom
from tests.proposers.mutation.workshop import keeps, outcomes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x ** 2", "x * x"),
        ("3 - x ** 2", "3 - (x * x)"),
        ("(x + 1) // 8", "(x + 1) >> 3"),
        ("x % 16", "x & 15"),
        ("sorted([x, 3])[0]", "min([x, 3])"),
        ("sorted([x, 3])[-1]", "max([x, 3])"),
        ("any([n > 5 for n in range(x)])", "any(n > 5 for n in range(x))"),
        ("sum(n for n in range(x))", "sum([n for n in range(x)])"),
        ("[n for n in range(x)]", "list(range(x))"),
        ("','.join(str(n) for n in range(x))", "','.join([str(n) for n in range(x)])"),
    ],
)
def test_it_says_the_same_the_fast_way(before: str, after: str) -> None:
    text = f"def f(x):\n    return {before}\n"
    assert f"def f(x):\n    return {after}\n" in keeps(idiom.edits, text, "f(7)", "f(100)").values()


def test_a_root_imports_what_it_needs() -> None:
    (after,) = keeps(idiom.edits, "def f(x):\n    return x ** 0.5\n", "f(9)").values()
    assert after == "import math\ndef f(x):\n    return math.sqrt(x)\n"


def test_a_loop_runs_over_items() -> None:
    text = "def f(xs):\n    t = 0\n    for i in range(len(xs)):\n        t += xs[i] * xs[i]\n    return t\n"
    (after,) = keeps(idiom.edits, text, "f([1, 2, 3])").values()
    assert "    for item in xs:\n        t += item * item\n" in after
    text = "def f(xs):\n    t = 0\n    for i in range(len(xs)):\n        t += xs[i] * i\n    return t\n"
    (after,) = keeps(idiom.edits, text, "f([1, 2, 3])").values()
    assert "    for i, item in enumerate(xs):\n        t += item * i\n" in after
    changing = "def f(xs):\n    for i in range(len(xs)):\n        xs[i] = xs[i] * 5\n    return xs\n"
    assert not outcomes(idiom.edits, changing)


def test_a_loop_that_counts_runs_over_a_range() -> None:
    text = "def f(n):\n    i = t = 0\n    while i < n:\n        t += i\n        i += 1\n    return t, i\n"
    (after,) = keeps(idiom.edits, text, "f(4)", "f(0)", "f(-2)").values()
    assert "    for i in range(i, n):\n        t += i\n    i = max(i, n)\n" in after
    growing = "def f(n):\n    i = 0\n    while i < n:\n        n -= 1\n        i += 1\n    return i\n"
    assert "for" not in "".join(outcomes(idiom.edits, growing).values())


def test_a_name_is_added_to() -> None:
    assert "a += [b]\n" in outcomes(idiom.edits, "a = a + [b]\n").values()
