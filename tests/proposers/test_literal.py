from __future__ import annotations

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.proposers.literal import find_literals, parameters, replace, wrong_marks
from selfwright.proposers.mark import Bounds

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
    assert base_step.bounds == Bounds(low=14.0, high=30.0)
    assert rate.bounds == Bounds(low=-1.0, high=-0.0001, log=True)
    assert size.bounds == Bounds(low=4, high=16, choices=(4, 8, 16))
    assert (bias.bounds, bias.marked) == (Bounds(low=0, high=12), True)
    assert (table.bounds, table.marked) == (Bounds(low=64, high=1024, log=True), False)


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
        with pytest.raises(ValueError, match=r"19\.5 can not become"):
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
        ("X = 'a'  # tune: a, b", "is neither a range nor a choice; write `# tune: 1..9`"),
        ("X = 'a'  # tune: {a, b}", "is neither a range nor a choice"),
        ("X = 'a'  # tune: {}", "names no values"),
        ("X = 'a'  # tune: {'b', 'c'}", "is on a line without any of these; write one of them there"),
        ("X = 'a'  # tune: 1..9", "is on a line without a number"),
        ("X = 'a'  # tune", "is on a line without a number"),
        ("X = 1  # tune: {1, True}", "two choices that are equal"),
        ("X = y  # tune: later", "is neither a range nor a choice"),
        ("X = 3.0  # tune: 0..9 draw", "draws whole numbers"),
        ("X = 'a'  # tune this some day", ""),
        ("X = 'a'  # tune: {'a', 'b}', None}", ""),
        ("X = f(3, y='a')  # tune: {'a', 4}", ""),
        ("X = 3  # tune: 0..9 draw", ""),
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


MIXED = """\
MODE = "fast"  # tune: {"fast", "slow", "it's"}
EXACT = True  # tune: {True, False}
LIMIT = None  # tune: {None, 4, 2.5, -1}
DRAW = 7  # tune: 0..99999 draw


def f(kind='fast'):  # tune: {"fast", "odd"}
    return"fast"if kind is not None else g(5)  # tune: {"fast", None}
"""


def test_choices_may_be_any_literals() -> None:
    mode, exact, limit, draw, kind, last, other = found = [each for each in find_literals(MIXED) if each.marked]
    assert mode.bounds == Bounds(choices=("fast", "slow", "it's"), ordered=False)
    assert exact.bounds.choices == (True, False)
    assert limit.bounds.choices == (None, 4, 2.5, -1)
    assert (draw.bounds, draw.categories) == (Bounds(low=0, high=99999, ordered=False), 100000)
    assert (kind.name, kind.bounds.choices) == ("kind", ("fast", "odd"))
    assert (last.text, other.text) == ('"fast"', "None")
    for literal in found:
        assert literal.at(literal.position(literal.value)) == literal.value
        assert [literal.at(place) for place in (0.0, 1.0)] == [literal.all_values()[0], literal.all_values()[-1]]


def test_what_is_replaced_by_another_kind_still_parses() -> None:
    found = {(each.line, each.text): each for each in find_literals(MIXED)}
    values = {
        found[1, '"fast"']: "it's", found[2, "True"]: False, found[3, "None"]: -1, found[4, "7"]: 8,
        found[7, "'fast'"]: "odd", found[8, '"fast"']: None,
    }  # fmt: skip
    new = replace(MIXED, values)
    assert new.splitlines()[0] == """MODE = "it's"  # tune: {"fast", "slow", "it's"}"""
    assert [line.partition("  #")[0] for line in new.splitlines()[1:4]] == ["EXACT = False", "LIMIT = -1", "DRAW = 8"]
    assert new.splitlines()[7].startswith("    return None if kind is not None else g(5)")
    assert replace("X = 4 .real  # tune: {4, 'a'}\n", {find_literals("X = 4 .real  # tune: {4, 'a'}\n")[0]: "a"})
    called = "X = 'a'.real  # tune: {4, 'a'}\n"
    assert replace(called, {find_literals(called)[0]: 4}).startswith("X = (4).real")
    with pytest.raises(ValueError, match=r"p\.py:1: .* can not become 'medium'"):
        replace(MIXED, {find_literals(MIXED, "p.py")[0]: "medium"})


BLOCKS = """\
A = 5
# EVOLVE-BLOCK-START
B = 6
C = 7  # tune: 1..9
# EVOLVE-BLOCK-END
D = 8  # tune: 1..9
"""


def test_outside_of_blocks_nothing_is_tuned_and_a_mark_there_is_wrong() -> None:
    assert [literal.name for literal in find_literals(BLOCKS)] == ["B", "C"]
    assert wrong_marks({"p.py": BLOCKS.encode()}) == [
        "p.py:6: '# tune: 1..9' stands outside of the EVOLVE-BLOCK, where nothing may change; move it inside, or take "
        "the mark away"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (BLOCKS.replace("# EVOLVE-BLOCK-END\n", ""), "p.py:2: EVOLVE-BLOCK-START has no END; add"),
        (BLOCKS.replace("# EVOLVE-BLOCK-START\n", ""), "p.py:4: EVOLVE-BLOCK-END has no START before it"),
        (BLOCKS.replace("-END", "-START"), "p.py:5: EVOLVE-BLOCK-START has no END before it"),
    ],
)
def test_blocks_that_do_not_close_are_said_and_nothing_is_tuned(text: str, words: str) -> None:
    assert find_literals(text) == ()
    [said] = wrong_marks({"p.py": text.encode()})
    assert said.startswith(words)
