from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.proposers.literal import find_literals, parameters, replace, wrong_marks

SOURCE = '''\
"""A docstring with 42."""
BASE_STEP = 19.5  # tune: 14.0..30.0
RATE = -0.001  # tune: -1..-0.0001 log
SIZE = 8  # tune: {4, 8, 16}
BIAS = 1  # tune: 0..12
TABLE = 0x1_00
LIMIT = 1_000.0


def f(x: Shape[3], k=7):
    return x[5] * k - 3 ** 2 + g(0, width=-12)  # é, then 99
'''


def test_finds_value_place_and_name() -> None:
    found = {literal.name: literal for literal in find_literals(SOURCE, "p.py") if literal.name}
    assert {name: literal.value for name, literal in found.items()} == {
        "BASE_STEP": 19.5, "RATE": -0.001, "SIZE": 8, "BIAS": 1, "TABLE": 256, "LIMIT": 1000.0, "k": 7, "width": -12,
    }  # fmt: skip
    width = found["width"]
    assert (width.path, width.line, width.column, width.text) == (
        "p.py",
        11,
        SOURCE.split("\n")[10].index("-12") + 1,
        "-12",
    )


def test_leaves_out_docstrings_annotations_subscripts_and_unmarked_trivia() -> None:
    values = [literal.value for literal in find_literals(SOURCE)]
    assert values == [19.5, -0.001, 8, 1, 256, 1000.0, 7, 3, -12]


def test_reads_ranges_and_choices() -> None:
    base_step, rate, size, bias, table, *_ = find_literals(SOURCE)
    assert (base_step.low, base_step.high, base_step.log) == (14.0, 30.0, False)
    assert (rate.low, rate.high, rate.log) == (-1.0, -0.0001, True)
    assert size.choices == (4, 8, 16)
    assert (bias.low, bias.high, bias.marked) == (0, 12, True)
    assert (table.low, table.high, table.marked) == (64, 1024, False)


def test_only_marked_ones_are_searched_where_there_are_any() -> None:
    files = {"a.py": b"X = 5\n", "p.py": SOURCE.encode(), "notes.txt": b"x = 7  # tune: 1..9"}
    assert [literal.name for literal in parameters(files)] == ["BASE_STEP", "RATE", "SIZE", "BIAS"]
    assert [literal.name for literal in parameters({"a.py": b"X = 5\n", "bad.py": b"\xff", "worse.py": b"x ="})] == [
        "X"
    ]


def test_a_value_keeps_its_kind_and_four_digits() -> None:
    base_step, rate, size, bias, *_ = find_literals(SOURCE)
    assert base_step.at(1 / 3) == 19.33
    assert rate.at(0.0) == -1.0
    assert [size.at(where) for where in (0.0, 0.5, 1.0)] == [4, 8, 16]
    assert bias.at(0.3) == 4
    assert type(bias.at(0.3)) is int
    for literal in (base_step, rate, size, bias):
        assert literal.at(literal.position(literal.value)) == literal.value


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("return_ = lambda: 3 if-5 else 4\n", 6, "return_ = lambda: 3 if 6 else 4\n"),
        ("x = a-7\n", -3, "x = a--3\n"),
        ("x = 7**n\n", -3, "x = (-3)**n\n"),
        ("\ufeffx = 7\r\n", 8, "\ufeffx = 8\r\n"),
        ("x = -  7;y=0\n", 5, "x = 5;y=0\n"),
    ],
)
def test_replaces_in_awkward_places(source: str, value: int, expected: str) -> None:
    literal = next(each for each in find_literals(source) if abs(each.value) in (5, 7))
    assert replace(source, {literal: value}) == expected


def test_a_value_that_stays_keeps_its_spelling() -> None:
    found = find_literals(SOURCE)
    assert replace(SOURCE, {literal: literal.value for literal in found}) == SOURCE


def test_refuses_a_value_of_another_kind_and_a_source_of_another_program() -> None:
    base_step, *_ = find_literals(SOURCE)
    for value in (19, math.inf, True):
        with pytest.raises(ValueError, match="no finite float"):
            replace(SOURCE, {base_step: value})
    with pytest.raises(ValueError, match="find the literals again"):
        replace("x = 1\n" * 9, {base_step: 20.0})


FLOATS = st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.data(),
    st.lists(
        st.sampled_from(
            ["X = {}\n", "# é 5\nf({}, y={})\r\n", "if a:\n    b = c - {}  # tune\n", "z = [{},{} ,\n{}]\n"]
        )
    ),
    st.sampled_from(["", "'''9\n'''\n"]),
)
def test_replacing_changes_the_literals_and_nothing_else(data: st.DataObject, lines: list[str], head: str) -> None:
    template = head + "".join(lines)
    number = st.one_of(st.integers(3, 10**9), FLOATS.filter(lambda x: abs(x) not in (0, 1, 2)))
    old = data.draw(st.lists(number, min_size=template.count("{}"), max_size=template.count("{}")))
    source = template.format(*map(repr, old))
    found = find_literals(source)
    assert [literal.value for literal in found] == old
    new = [data.draw(st.integers() if isinstance(value, int) else FLOATS) for value in old]
    replaced = replace(source, dict(zip(found, new, strict=True)))
    assert replaced == template.format(*map(repr, new)) or any(map(equal_but_spelled_otherwise, old, new))
    compile(replaced, "p.py", "exec")
    assert [ast.literal_eval(repr(value)) for value in new] == new


def equal_but_spelled_otherwise(old: float, new: float) -> bool:
    return old == new and repr(old) != repr(new)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("X = 3  # tune: 9..1", "runs backwards; write 1..9"),
        ("X = 3  # tune: 1-9", "is neither a range nor a choice"),
        ("X = 3  # tune: {0.5}", "has no whole number"),
        ("X = 3  # tune: 3.1..3.9", "holds no whole number"),
        ("X = 3.0  # tune: 0..9 log", "has no logarithm"),
        ("# tune: 1..9", "is on a line without a number"),
        ("X = 3  # tune: 1..9", ""),
        ("X = 3.5  # tune: {0.5, 3.5}", ""),
        ("X = 3  # tune", ""),
        ("# tune: what stands below", ""),
        ("X = 3  # tuned by hand", ""),
        ("X = (", ""),
    ],
)
def test_a_mark_that_can_not_be_read_is_named_with_its_line(line, words):
    wrong = wrong_marks({"b.py": b"Y = 1\n" + line.encode() + b"\n", "notes.txt": b"# tune: 9..1"})
    assert [each.partition(" ")[0] for each in wrong] == (["b.py:2:"] if words else [])
    assert all(words in each for each in wrong)
