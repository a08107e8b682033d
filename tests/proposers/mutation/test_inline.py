from __future__ import annotations

import pytest

from selfwright.proposers.mutation import inline
from tests.proposers.mutation.workshop import keeps, outcomes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("min(n, 5)", "5 if 5 < n else n"),
        ("3 * max(n + 1, m)", "3 * (m if m > n + 1 else n + 1)"),
        ("dict()", "{}"),
        ("t.startswith('ab')", "t[:2] == 'ab'"),
        ("t.endswith('b') and n", "(t[-1:] == 'b') and n"),
        ("'{}-{}'.format(n, t)", "f'{n}-{t}'"),
        ('"<%s %s>" % (t, n + 1)', 'f"<{t!s} {n + 1!s}>"'),
        ("list(map(lambda x: x + n, range(m)))", "[(x + n) for x in range(m)]"),
        ("sum(map(lambda x: x * n, range(m)))", "sum([(x * n) for x in range(m)])"),
        ("set(filter(lambda x: x > n, range(m)))", "{x for x in range(m) if x > n}"),
        ("''.join(map(lambda x: x * 2, t))", "''.join([(x * 2) for x in t])"),
        ("set(x for x in t)", "{x for x in t}"),
        ("dict((x, n) for x in t)", "{x: n for x in t}"),
    ],
)
def test_it_says_the_same_without_the_call(before: str, after: str) -> None:
    text = f"def f(n, m, t):\n    return {before}\n"
    found = keeps(inline.edits, text, "f(1, 9, 'abcab')", "f(7, 2, 'x')", "f(3, 3, '')")
    assert f"def f(n, m, t):\n    return {after}\n" in found.values()


def test_any_and_all_become_loops() -> None:
    text = "def f(xs):\n    # Looks.\n    return any(x > 2 for x in xs if x != 5)\n"
    (after,) = keeps(inline.edits, text, "f([1, 5])", "f([1, 3])", "f([])").values()
    assert after == (
        "def f(xs):\n    # Looks.\n    for x in xs:\n        if (x != 5) and (x > 2):\n            return True\n"
        "    return False\n"
    )
    (other,) = keeps(
        inline.edits, "def f(xs):\n    return all(x for x in xs)\n", "f([1, 0])", "f([1])", "f([])"
    ).values()
    assert "if not (x):\n            return False\n    return True\n" in other


@pytest.mark.parametrize(
    "line",
    [
        "min(f(), g())",  # would be called twice
        "min(n, m, 3)",
        "max(n, key=m)",
        "'{:>5}'.format(n)",
        "'{}'.format(n, m)",
        "'%d %s' % (n, m)",
        "'{}'.format(d['x'])",
        "n.startswith(t)",
        "list(map(str, n))",
        "any(x for y in n for x in y)",
    ],
)
def test_what_would_be_another_thing_stays(line: str) -> None:
    assert not outcomes(inline.edits, f"def f(n, m, t, d, g):\n    return {line}\n")
