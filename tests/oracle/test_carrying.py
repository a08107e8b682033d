"""A function taken out of a program, as source, with what it uses; what can not be taken is told."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from math import sqrt

import pytest

from selfwright.core.errors import BadInput
from selfwright.oracle.carrying import carry

LEAST = 2
WORD = re.compile(r"\w+", re.IGNORECASE)
LOCK = threading.Lock()


def words_of(text: str) -> list[str]:
    return WORD.findall(text)


class Scale:
    factor = LEAST

    def of(self, value: float) -> float:
        return sqrt(value) * self.factor


def repeated(text: str) -> list[str]:
    """Says
    more."""
    return sorted(word for word, count in Counter(words_of(text)).items() if count >= LEAST)


def scaled(values: list[float], by: Callable[[], Scale] = Scale) -> list[float]:
    return [by().of(value) for value in values]


def locked(values: list[int]) -> list[int]:
    with LOCK:
        return values


def lost(values: list[int]) -> list[int]:
    return nowhere(values)  # type: ignore[name-defined]  # noqa: F821


def factorial(number: int) -> int:
    return number * factorial(number - 1) if number else 1


def run(source: str, call: str) -> object:
    space: dict[str, object] = {}
    exec(compile(source, "carried.py", "exec"), space)
    return eval(call, space)


def test_what_it_uses_comes_along_and_stands_alone() -> None:
    carried = carry(repeated)
    assert list(carried.pieces) == ["words_of", "repeated"]
    assert carried.text().startswith("from __future__ import annotations\nfrom collections import Counter\nimport re\n")
    assert "LEAST = 2" in carried.text()
    assert run(carried.text(), "repeated('a b A b b a')") == ["a", "b"]


def test_a_class_and_a_default_come_before_what_needs_them() -> None:
    assert run(carry(scaled).text(), "scaled([4.0, 9.0])") == [4.0, 6.0]
    assert run(carry(factorial, scaled).text(), "factorial(5)") == 120


def test_values_that_it_closes_over_come_along() -> None:
    offset = 7

    def shifted(value: int) -> int:
        return value + offset

    carried = carry(shifted)
    assert run(carried.text(), "shifted(1)") == 8
    assert carried.pieces["shifted"].raw.startswith("    def shifted")
    assert carried.pieces["shifted"].text.startswith("def shifted")


def closing_over(value: object) -> Callable[[], object]:
    def closed() -> object:
        return value

    return closed


def counting() -> Callable[[], int]:
    count = 0

    def counted() -> int:
        nonlocal count
        count += 1
        return count

    return counted


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (locked, "locked uses LOCK, an object of lock, which can not be carried. Carried are"),
        (closing_over(threading.Lock()), "closed uses value, an object of lock"),
        (lost, "lost uses nowhere, which is not defined here"),
        (counting(), "counted: no binding for nonlocal 'count' found: it changes a variable"),
        (lambda value: value, "a lambda has no name"),
        (Scale.of, "Scale.of is a method"),
        (Scale().of, "is no plain function"),
        (len, "is no plain function"),
    ],
)
def test_what_can_not_be_carried_is_told(function: Callable[..., object], words: str) -> None:
    with pytest.raises(BadInput) as caught:
        carry(function)
    assert words in str(caught.value)


def test_a_function_without_source_is_told() -> None:
    space: dict[str, Callable[..., object]] = {}
    exec("def typed(value):\n    return value\n", space)
    with pytest.raises(BadInput, match="typed has no source: it was made by exec"):
        carry(space["typed"])


def test_one_name_for_two_things_is_told() -> None:
    def one() -> object:
        return twice

    def other() -> object:
        return twice_too

    twice, twice_too = 1, 2
    other.__globals__["twice"] = None  # what stands around it says nothing of what it closes over
    try:
        assert run(carry(one, other).text(), "(one(), other())") == (1, 2)
        with pytest.raises(BadInput, match="value means two things"):
            carry(closing_over(1), renamed(closing_over_value(2)))
    finally:
        del other.__globals__["twice"]


def closing_over_value(value: object) -> Callable[[], object]:
    def closed_too() -> object:
        return value

    return closed_too


def renamed(function: Callable[[], object]) -> Callable[[], object]:
    return function


def test_a_module_of_ones_own_is_told() -> None:
    import tests.journeys.place as mine

    def uses() -> object:
        return mine.PROBLEM

    with pytest.raises(BadInput, match=r"uses the module tests\.journeys\.place, which is a file of yours"):
        carry(uses)
