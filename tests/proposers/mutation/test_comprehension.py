from __future__ import annotations

import pytest

from selfwright.proposers.mutation import comprehension
from tests.proposers.mutation.workshop import keeps, outcomes, source


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("out = []\nfor x in xs:\n    out.append(x * 2)\nreturn out", "out = [x * 2 for x in xs]"),
        ("out = []\nfor x in xs:\n    if x > 1:\n        out.append(x)\nreturn out", "out = [x for x in xs if x > 1]"),
        (
            "out = []\nfor x in xs:\n    for y in range(x):\n        out.append((x, y))\nreturn out",
            "out = [(x, y) for x in xs for y in range(x)]",
        ),
        ("out = set()\nfor x in xs:\n    out.add(x % 2)\nreturn out", "out = {x % 2 for x in xs}"),
        ("out = {}\nfor i, x in enumerate(xs):\n    out[x] = i\nreturn out", "out = {x: i for i, x in enumerate(xs)}"),
        ("out = 0\nfor x in xs:\n    out += x * x\nreturn out", "out = sum([x * x for x in xs])"),
        ('out = ""\nfor x in xs:\n    out += str(x)\nreturn out', 'out = "".join([str(x) for x in xs])'),
        ("out = b''\nfor x in xs:\n    out += bytes([x])\nreturn out", 'out = b"".join([bytes([x]) for x in xs])'),
    ],
)
def test_a_loop_that_only_gathers_becomes_one_expression(body: str, expected: str) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    text = f"def encode(xs):\n{lines}\n"
    found = keeps(comprehension.edits, text, "encode([1, 2, 3])", "encode([])", "encode([1])")
    assert len(found) == 1
    ((words, after),) = found.items()
    assert f"    {expected}\n" in after
    assert words.startswith("turned the loop over ")
    assert "for " not in after.replace(expected, "")


def test_it_says_what_it_turned_into_what() -> None:
    text = "def encode(xs):\n    out = []\n    for i in xs:\n        out.append(i)\n    return out\n"
    assert list(outcomes(comprehension.edits, text)) == ["turned the loop over i in `encode` into a comprehension"]


def test_what_stands_between_stays_and_the_comment_above_too() -> None:
    text = """
def f(xs):
    # why
    out = []
    n = len(xs)
    for x in xs:
        out.append(x + n)
    return out
"""
    (after,) = keeps(comprehension.edits, text, "f([1, 2])").values()
    assert after.lstrip() == "def f(xs):\n    n = len(xs)\n    # why\n    out = [x + n for x in xs]\n    return out\n"


@pytest.mark.parametrize(
    "body",
    [
        "out = []\nfor x in xs:\n    out.append(len(out))\nreturn out",  # it looks at what it gathers
        "out = []\nfor x in xs:\n    out.append(x)\nreturn out, x",  # the variable is looked at afterwards
        "out = [1]\nfor x in xs:\n    out.append(x)\nreturn out",  # it does not begin empty
        "out = []\nfor x in xs:\n    out.append(x)\nelse:\n    out = 1\nreturn out",
        "out = []\nfor x in xs:\n    print(x)\n    out.append(x)\nreturn out",
        "out = []\nfor x in xs:\n    out.append((yield x))\nreturn out",
        "out = []\nwhile xs:\n    out.append(1)\nreturn out",
        "out = {}\nfor x in xs:\n    out.append(x)\nreturn out",
        "out = []\nout2 = out\nfor x in xs:\n    out.append(x)\nreturn out2",
    ],
)
def test_a_loop_that_does_more_stays(body: str) -> None:
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    assert not outcomes(comprehension.edits, f"def f(xs):\n{lines}\n")


def test_two_loops_may_share_their_variable() -> None:
    text = """
    def f(xs):
        a = []
        for x in xs:
            a.append(x)
        b = []
        for x in xs:
            b.append(-x)
        return a, b
    """
    assert keeps(comprehension.edits, text, "f([1, 2])")
    assert len(list(comprehension.edits(source(text)))) == 2
