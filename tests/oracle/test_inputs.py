"""Made inputs resemble the recorded ones, and nothing of these is changed."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from selfwright.bench import wire
from selfwright.oracle.inputs import Inputs, Row, annotated, copied


def drawn(rows: Sequence[Row], count: int = 300, spread: float = 1.0) -> list[Row]:
    inputs = Inputs(rows, spread=spread)
    return [inputs.vary(Random(number)) for number in range(count)]


def shape(value: object) -> object:
    if isinstance(value, list):
        return list
    if isinstance(value, tuple):
        return tuple(map(shape, value))
    return {key: shape(item) for key, item in value.items()} if isinstance(value, dict) else type(value)


ROW: Row = ("Active-Record 9", 7, 2.5, True, None, [1, 2, 3], ("a", 1), {"name": "x", "size": 3}, b"ab1")


def test_a_varied_input_has_the_types_of_a_recorded_one_and_another_value() -> None:
    before = wire.encode(ROW, max_bytes=10_000)
    made = drawn([ROW])
    assert {wire.encode(row, max_bytes=10_000) for row in made}.isdisjoint({before})
    assert all(shape(row) == shape(ROW) for row in made)
    assert wire.encode(ROW, max_bytes=10_000) == before
    assert len({wire.encode(row, max_bytes=10_000) for row in made}) > 290


def test_the_same_number_gives_the_same_input() -> None:
    assert drawn([ROW], 50) == drawn([ROW], 50)


def test_text_keeps_its_classes_of_characters() -> None:
    made = [str(row[0]) for row in drawn([("ab-CD_12",)])]
    assert all(set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") for text in made)
    same_length = [text for text in made if len(text) == 8 and text[2] == "-" and text[5] == "_"]
    assert len(same_length) > 100
    assert all(text[:2].islower() and text[3:5].isupper() and text[6:].isdigit() for text in same_length[:20])


def test_numbers_stay_in_their_range_until_they_are_spread() -> None:
    rows: list[Row] = [(3, 0.5), (20, 1.5)]
    near, far = drawn(rows), drawn(rows, spread=1e6)
    assert {row[0] for row in near} <= set(range(1, 23))
    assert all(0.0 <= float(str(row[1])) <= 2.5 for row in near)
    assert max(int(str(row[0])) for row in far) > 1_000_000
    assert min(int(str(row[0])) for row in far) >= 1  # what was never negative is not made so


def test_text_and_lists_get_longer_where_short_ones_are_too_few() -> None:
    rows: list[Row] = [("7", [1]), ("12", [2, 1])]
    near, far = drawn(rows), drawn(rows, spread=1e9)
    texts: list[Row] = [(row[0],) for row in rows]
    assert len({repr(row) for row in drawn(texts)}) < 200
    assert len({repr(row) for row in drawn(texts, spread=1e9)}) > 285
    assert all(str(row[0]).isdigit() for row in far)
    assert max(len(list(row[1])) for row in far) > max(len(list(row[1])) for row in near)  # type: ignore[call-overload]


def test_nothing_is_shared_with_what_was_recorded() -> None:
    row: Row = ([[1], [2]], {"a": [3]}, np.array([1.0, 2.0]))
    for made in drawn([row], 30):
        made[0].append(1)  # type: ignore[attr-defined]
        made[1]["a"].append(1)  # type: ignore[index]
        made[2][0] = 9.0  # type: ignore[index]
    other = copied(row)
    other[0][0].append(9)
    assert (row[0], row[1]) == ([[1], [2]], {"a": [3]})
    assert row[2].tolist() == [1.0, 2.0]  # type: ignore[attr-defined]


def test_odd_inputs_are_at_the_edges_of_their_types() -> None:
    inputs = Inputs([("abc", 5, [1, 2])], types=[["str", "None"], ["int"], ["list"]])
    made = [inputs.odd(Random(number)) for number in range(600)]
    assert {"", "İ", None} <= {row[0] for row in made}
    assert {0, -1, 4, 6} <= {row[1] for row in made}
    assert {(), (1,), (2, 1), (1, 2, 1, 2)} <= {tuple(row[2]) for row in made}  # type: ignore[arg-type]
    assert Inputs([()]).odd(Random(0)) == ()


@pytest.mark.parametrize(
    ("annotation", "names"),
    [
        ("str", ["str"]), ("Optional[int]", ["None", "int"]), ("str | None", ["None", "str"]),
        ("'list[int]'", ["list"]),
        ("Union[str, bytes]", ["bytes", "str"]), ("Iterable[int]", []), ("'no good('", []),
    ],
)  # fmt: skip
def test_annotations_name_plain_types(annotation: str, names: list[str]) -> None:
    node = ast.parse(f"def f(x: {annotation}, y): ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert annotated(node) == [names, []]
