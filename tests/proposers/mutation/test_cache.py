from __future__ import annotations

import pytest

from selfwright.proposers.mutation import cache
from tests.proposers.mutation.workshop import keeps, outcomes


def test_a_function_that_looks_pure_remembers() -> None:
    text = """
import math

def f(n):
    return n if n < 2 else f(n - 1) + f(n - 2) + g(n)

def g(n: int):
    return math.floor(n / 2)
"""
    found = keeps(cache.edits, text, "f(12)")
    assert set(found) == {f"let `{name}` remember its results (functools.cache)" for name in "fg"}
    after = found["let `f` remember its results (functools.cache)"]
    assert "import functools\n@functools.cache\ndef f(n):\n" in after
    assert keeps(cache.edits, text, "f(12)")


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    return 1\n",
        "def f(x):\n    return random() * x\n",  # who knows what that calls
        "def f(x):\n    x.append(1)\n    return x\n",
        "def f(xs):\n    return sum(x for x in xs)\n",  # a list can not be remembered
        "def f(x: list[int]):\n    return len(x)\n",
        "def f(x):\n    return [x]\n",  # everybody would share it
        "def f(x):\n    print(x)\n",
        "def f(x):\n    global y\n    y += x\n    return y\n",
        "def f(x):\n    yield x\n",
        "async def f(x):\n    return x\n",
        "@d\ndef f(x):\n    return x\n",
        "class A:\n    def f(self, x):\n        return x\n",
    ],
)
def test_any_other_does_not(text: str) -> None:
    assert not outcomes(cache.edits, text)
