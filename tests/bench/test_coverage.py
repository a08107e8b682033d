"""Which lines a change wrote, which of them can run, and what is said of those that did."""

import pytest

from selfwright.bench.coverage import changed_lines, of_changed, runnable_lines

PROGRAM = b'''"""What it is for."""
import os
from sys import (
    argv,
)

LEVEL = 3


def work(
    x, y=1
):
    """Do it."""
    if x:  # often
        return [
            x,
            y + LEVEL,
        ]
    else:
        pass
    for _ in range(x): y += 1

    def inner():
        global LEVEL
        return 1

    return y


class Box:
    SIZE = 2

    @property
    def size(self): return self.SIZE
'''


def test_what_only_defines_imports_or_explains_can_not_run() -> None:
    assert sorted(runnable_lines("p.py", PROGRAM)) == [7, 14, 15, 16, 17, 21, 25, 27, 31]


def changed(before: str, after: str, path: str = "p.py") -> dict[str, tuple[int, ...]]:
    return dict(changed_lines({path: before.encode()}, {path: after.encode()}))


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        ("x = 1\ny = 2\n", "x = 1\ny = 3\nz = 4\n", (2, 3)),
        ("x = 1\n", "# why\n\nx = 1  \n", (3,)),
        ("x = 1\n", "# why\n\nx = 1\n", None),
        ("x = 1\ny = 2\n", "y = 2\n", None),
        ("def f():\n    return 1\n", "def g():\n    return 1\n", None),
        ("def f():\n    return 1\n", "def f():\n    return 2\n", (2,)),
    ],
)
def test_the_lines_that_a_change_wrote(before: str, after: str, lines: tuple[int, ...] | None) -> None:
    assert changed(before, after) == ({"p.py": lines} if lines else {})


def test_a_new_file_is_written_whole_and_a_deleted_one_has_no_lines() -> None:
    before = {"p.py": b"import old\n", "old.py": b"A = 1\n"}
    assert changed_lines(before, {"p.py": b"import new\n", "new.py": b"A = 1\nB = 2\n"}) == {"new.py": (1, 2)}


@pytest.mark.parametrize(
    ("path", "after", "why"),
    [
        ("p.c", "int x;", "p.c is no Python"),
        ("p.py", "x =", "p.py is no Python"),
        ("p.py", "x = 1\0", "p.py is no Python"),
        ("p.py", "@numba.njit(cache=True)\ndef f(): ...\n", "p.py has functions that a compiler takes"),
        ("p.py", "@vectorize\ndef f(): ...\n", "p.py has functions that a compiler takes"),
    ],
)
def test_what_has_no_lines_that_run_is_said(path: str, after: str, why: str) -> None:
    with pytest.raises(ValueError, match=f"^{why}$"):
        changed("", after, path)


@pytest.mark.parametrize(
    ("lines", "ran", "words"),
    [
        ((3,), {3}, "its 1 changed line ran"),
        ((3,), {4}, "its 1 changed line ran in no public case (p.py 3)"),
        ((3, 4), {3, 4, 5}, "all of its 2 changed lines ran"),
        ((3, 4, 5, 9), {9}, "3 of its 4 changed lines ran in no public case (p.py 3-5)"),
        ((3, 4, 7), set(), "none of its 3 changed lines ran in a public case (p.py 3-4, 7)"),
        (range(1, 30, 2), {99}, "none of its 15 changed lines ran in a public case (p.py 1, 3, 5, 7, 9, ...)"),
    ],
)
def test_what_ran_is_said_with_the_lines_that_did_not(lines: tuple[int, ...], ran: set[int], words: str) -> None:
    assert of_changed({"p.py": tuple(lines)}, {"p.py": ran, "other.py": {3}}) == words
