"""Plain values: what has no plain form is refused, never lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from selfwright.core.plain import from_plain, to_plain


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    number: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    colour: Colour
    inners: tuple[Inner, ...] = ()
    by_name: Mapping[str, Inner | None] = field(default_factory=dict)
    flag: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    either: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    content: bytes


WHOLE = Outer(colour=Colour.RED, inners=(Inner(), Inner(number=2.0)), by_name={"a": None, "b": Inner()}, flag=True)
PLAIN = {
    "colour": "red",
    "inners": [{"number": 0.5}, {"number": 2.0}],
    "by_name": {"a": None, "b": {"number": 0.5}},
    "flag": True,
}


def test_there_and_back() -> None:
    assert to_plain(WHOLE) == PLAIN
    assert from_plain(Outer, PLAIN) == WHOLE


def test_a_whole_number_is_a_number() -> None:
    found = from_plain(Inner, {"number": 2})
    assert (found.number, type(found.number)) == (2.0, float)


def test_what_is_not_there_takes_its_default() -> None:
    assert from_plain(Outer, {"colour": "red"}) == Outer(colour=Colour.RED)


@pytest.mark.parametrize("value", [b"bytes", {1, 2}, object(), Raw(content=b""), [b"bytes"], {"a": b"bytes"}])
def test_what_has_no_plain_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="has no plain form"):
        to_plain(value)


@pytest.mark.parametrize(
    "data",
    [
        None,
        7,
        {},
        {"colour": "blue"},
        {"colour": "red", "flag": 1},
        {"colour": "red", "flag": "true"},
        {"colour": "red", "inners": 3},
        {"colour": "red", "inners": [{"number": "many"}]},
        {"colour": "red", "by_name": []},
    ],
)
def test_what_does_not_fit_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match=r"Outer: |blue|many"):
        from_plain(Outer, data)


@pytest.mark.parametrize(("cls", "data"), [(Unclear, {"either": 1}), (Raw, {"content": ""})])
def test_a_hint_without_plain_form_is_refused(cls: type, data: Any) -> None:
    with pytest.raises(ValueError, match=r"is ambiguous|no plain form"):
        from_plain(cls, data)
