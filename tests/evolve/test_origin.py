from __future__ import annotations

import pytest

from selfwright.core.change import Origin
from selfwright.evolve.origin import is_same_program, origin_of

PARENT = 'STEP = 16  # levels\n\n\ndef f(x=True):\n    """Return 3."""\n    return x * -2.5 + STEP\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("16", "22.5"),
        ("-2.5", "3"),
        ("16  # levels", "0x10"),
        ("\n\n\n", "\n"),
        ("STEP + 1", "STEP + 2"),
        ("2.5", "9.5"),
    ],
)
def test_numbers_comments_and_layout_are_tuning(old: str, new: str) -> None:
    child = PARENT.replace(old, new)
    assert origin_of({"p.py": PARENT.encode()}, {"p.py": child.encode()}) is Origin.TUNING


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("True", "False"),
        ("True", "1"),
        ("*", "/"),
        ("+ STEP", "- STEP"),
        ("16", "-y"),
        ("16", "'16'"),
        ("16", "16j"),
    ],
)
def test_everything_else_is_structure(old: str, new: str) -> None:
    child = PARENT.replace(old, new)
    assert origin_of({"p.py": PARENT.encode()}, {"p.py": child.encode()}) is Origin.STRUCTURE


@pytest.mark.parametrize(
    ("old", "new", "origin"),
    [
        ("'a'", "'b'", Origin.TUNING),
        ("'a'", "None", Origin.TUNING),
        ("X = 'a'", "X = 'c'", Origin.STRUCTURE),
        ("Y = 'a'", "Y = 'b'", Origin.STRUCTURE),
        ("X = 'a'", "X = Y", Origin.STRUCTURE),
        ("Z = True", "Z = False", Origin.TUNING),
    ],
)
def test_a_choice_that_both_mark_is_tuning(old: str, new: str, origin: Origin) -> None:
    parent = "Y = 'a'\nX = 'a'  # tune: {'a', 'b', None}\nZ = True  # tune: {True, False}\n"
    child = parent.replace(old, new) if "=" in old else parent.replace(f"X = {old}", f"X = {new}")
    assert child != parent
    assert origin_of({"p.py": parent.encode()}, {"p.py": child.encode()}) is origin
    unmarked = child.partition("  #")[0].encode()
    assert origin_of({"p.py": parent.encode()}, {"p.py": unmarked}) is Origin.STRUCTURE


def test_files_that_come_go_or_are_not_python_are_structure() -> None:
    parent = {"p.py": b"x = 1\n", "t.sql": b"limit 5"}
    assert origin_of(parent, {**parent, "p.py": b"x = 2\n"}) is Origin.TUNING
    for child in (
        {"p.py": b"x = 1\n"},
        {**parent, "new.py": b""},
        {**parent, "t.sql": b"limit 6"},
        {**parent, "p.py": b"x ="},
    ):
        assert origin_of(parent, child) is Origin.STRUCTURE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # levels", ""),
        ('    """Return 3."""\n', ""),
        ("Return 3.", "Return three."),
        ("\n\n\n", "\n\n# here\n"),
        ("x * -2.5 + STEP", "(x * -2.5) + STEP"),
        ("16 ", "0x10 "),
        ("STEP = 16", '"""A module."""\nSTEP = 16'),
    ],
)
def test_what_differs_in_comments_docstrings_and_layout_runs_the_same(old: str, new: str) -> None:
    assert old in PARENT
    child = PARENT.replace(old, new, 1)
    assert is_same_program({"p.py": PARENT.encode()}, {"p.py": child.encode()})


@pytest.mark.parametrize(
    ("old", "new"), [("16", "17"), ("True", "1"), ("* -2.5 + STEP", "* (-2.5 + STEP)"), ("x=", "y=")]
)
def test_what_differs_otherwise_does_not(old: str, new: str) -> None:
    child = PARENT.replace(old, new, 1)
    assert not is_same_program({"p.py": PARENT.encode()}, {"p.py": child.encode()})


@pytest.mark.parametrize("use", ["print(f.__doc__)", "import inspect", "getattr(f, '__doc__')"])
def test_a_docstring_that_a_program_may_use_counts(use: str) -> None:
    """It may be what a model is asked, and a metric that is noisy tells nothing of it before the pairs."""
    short, long = (
        {"p.py": f'def f():\n    """{words}"""\n'.encode(), "q.py": use.encode()} for words in ("Do.", "Do it.")
    )
    assert not is_same_program(short, long)
    assert is_same_program(short, {**short, "p.py": short["p.py"] + b"# the same\n"})
    assert is_same_program({**short, "q.py": b""}, {**long, "q.py": b""})


def test_what_is_no_python_runs_the_same_only_where_it_is_the_same() -> None:
    tree = {"p.py": b"x = 1\n", "t.sql": b"limit 5"}
    assert is_same_program(tree, {**tree, "p.py": b"x = 1  # one\n"})
    for child in ({**tree, "t.sql": b"limit  5"}, {"p.py": b"x = 1\n"}, {**tree, "p.py": b"x ="}):
        assert not is_same_program(tree, child)


def test_a_deep_expression_is_no_failure() -> None:
    deep = b"x = " + b"1 + " * 5000 + b"1\n"
    assert origin_of({"p.py": deep}, {"p.py": deep.replace(b"1\n", b"2\n")}) in Origin


def test_a_new_docstring_makes_tuning_no_structure() -> None:
    child = PARENT.replace("16", "17").replace('"""Return 3."""', '"""Return something else altogether."""')
    assert child.count("something else") == 1
    assert origin_of({"p.py": PARENT.encode()}, {"p.py": child.encode()}) is Origin.TUNING
