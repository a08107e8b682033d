from __future__ import annotations

import pytest

from selfwright.proposers.mutation import vectorise
from tests.proposers.mutation.workshop import keeps, outcomes


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "out = []\nfor x in xs:\n    out.append(x * 2.0 + a)\nreturn out",
            "out = (np.asarray(xs) * 2.0 + a).tolist()",
        ),
        ("out = 0\nfor x in xs:\n    out += x * x\nreturn out", "out = (np.asarray(xs) * np.asarray(xs)).sum().item()"),
        ("return [i * a for i in range(3)]", "return (np.arange(3) * a).tolist()"),
        ("return sum(x * y for x, y in zip(xs, xs))", "return (np.asarray(xs) * np.asarray(xs)).sum().item()"),
        (
            "return [xs[i] - i for i in range(len(xs))]",
            "return (np.asarray(xs)[np.arange(len(xs))] - np.arange(len(xs))).tolist()",
        ),
        ("return max([abs(x) for x in xs])", "return (np.abs(np.asarray(xs))).max().item()"),
    ],
)
def test_arithmetic_over_a_loop_is_left_to_numpy(body: str, expected: str) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    found = keeps(vectorise.edits, f"def f(xs, a):\n{lines}\n", "f([1.5, -2.0, 4.0], 3)", modules=("numpy",))
    assert any(f"import numpy as np\ndef f(xs, a):\n    {expected}\n" in after for after in found.values()), found


@pytest.mark.parametrize(
    "body",
    [
        "return [g(x) for x in xs]",
        "return [x for x in xs]",
        "return [x * 2 for x in xs if x]",
        "return [x.a * 2 for x in xs]",
        "return [a for x in xs]",
        "return {x * 2 for x in xs}",
    ],
)
def test_anything_else_is_not(body: str) -> None:
    found = outcomes(vectorise.edits, f"def f(xs, a):\n    {body}\n", "numpy")
    assert not found or body == "return [x for x in xs]"


def test_nothing_is_left_to_numpy_where_it_may_not_be_imported() -> None:
    assert not outcomes(vectorise.edits, "def f(xs):\n    return [x * 2 for x in xs]\n")
