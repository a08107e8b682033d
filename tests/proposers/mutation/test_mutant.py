"""All that means to be faster is done at once first, each edit on top of those before it."""

from __future__ import annotations

import random

from selfwright.core.change import Files
from selfwright.proposers.mutation.mutant import EVERY, MOST_AT_ONCE, Mutant, Mutating

TEXT = """\
import re


def f(xs):
    out = []
    for x in xs:
        out.append(min(x, 3) ** 2)
    return out, re.sub("a", "b", "{}-{}".format(xs, out))
"""


def together(text: str) -> list[Mutant]:
    files: Files = {"p.py": text.encode()}
    mutating = Mutating(
        files, donors={}, modules=frozenset(), pulls=(), turn=(1, 1), chance=random.Random(1)
    )  # fmt: skip
    return list(mutating.together())


def test_every_edit_is_made_and_then_those_of_each_kind() -> None:
    every, *kinds = together(TEXT)
    assert every.kind == EVERY
    after = every.files["p.py"].decode()
    assert '_sub = re.compile("a").sub\n' in after
    assert 'return out, _sub("b", f"{xs}-{out}")\n' in after
    assert "out = [" in after
    assert "min(" not in after
    assert [each.kind for each in kinds] == ["regex", "inline", "comprehension"]
    assert [len(each.words) for each in kinds] == [1, 2, 1]
    space: dict[str, object] = {}
    exec(after, space)
    assert space["f"]([1, 7]) == ([1, 9], "[1, 7]-[1, 9]")  # type: ignore[operator]  # a function


def test_it_comes_to_an_end() -> None:
    lines = "\n".join(f"    a{number} = min(x, {number})" for number in range(3, 60))
    every, *_ = together(f"def f(x):\n{lines}\n    return x\n")
    assert len(every.words) == MOST_AT_ONCE


def test_where_there_is_nothing_there_is_nothing() -> None:
    assert together("def f(x):\n    return x\n") == []
