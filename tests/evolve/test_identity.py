"""What sources say: layout, comments and local names do not count; everything that could be told does."""

import pytest

from selfwright.evolve.identity import source_id

PROGRAM = '''
import math
LIMIT = 4

class Packer:
    level = 3

    def pack(self, data):
        """Pack it."""
        total, seen = 0, {}
        for item in data:  # each
            total += math.sqrt(item) * LIMIT
            seen[item] = [x * 2 for x in data if x]
        return total, seen, self.level
'''


def same(old, new, program=PROGRAM):
    assert old in program
    return source_id({"p.py": program.encode()}) == source_id({"p.py": program.replace(old, new).encode()})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  # each", ""),
        ("LIMIT = 4", "LIMIT = (4)\n\n"),
        ("total", "amount"),
        ("seen", "kept"),
        ("for x in data if x", "for   x in data if x"),
        ("[x * 2 for x in data if x]", "[each * 2 for each in data if each]"),
        ("item", "value"),
    ],
)
def test_what_can_not_be_told_does_not_count(old, new):
    assert same(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Pack it."""', '"""Pack what is given."""'),
        ("LIMIT = 4", "LIMIT = 5"),
        ("LIMIT = 4", "LIMIT = 4.0"),
        ("seen = 0, {}", "seen = False, {}"),
        ("LIMIT", "BOUND"),  # a judge may call, and a test may set, what a module has
        ("pack(self, data)", "pack(self, items)"),  # a parameter can be given by its name
        ("level = 3", "grade = 3"),
        ("total += ", "total -= "),
        ("return total, seen", "return seen, total"),
        ("total, seen = 0, {}", "seen, total = 0, {}"),
        ("x * 2 for x", "x * x for x"),
        ("import math\n", "import math\nx = 1\n"),  # now x could be another
        ("* LIMIT", "* int"),
        ("* LIMIT", "* sum"),
    ],
)
def test_what_can_be_told_counts(old, new):
    assert not same(old, new)


@pytest.mark.parametrize(
    "line",
    ["import inspect", "print(locals())", "x = open('p.py')", "print(__doc__)", "from importlib import resources"],
)
def test_a_program_that_may_look_at_itself_is_told_apart_by_every_byte(line):
    program = PROGRAM + line + "\n"
    assert not same("  # each", "", program)
    assert not same("seen", "kept", program)


def test_swapped_names_are_another_program():
    def program(first, second):
        return f"def f(a):\n    {first} = a\n    {second} = a * 2\n    return x - y\n".encode()

    assert source_id({"p.py": program("x", "y")}) != source_id({"p.py": program("y", "x")})


def test_names_of_closures_and_of_classes_in_functions_follow_their_meaning():
    def program(outer, inner, held):
        text = f"def f(n):\n    {outer} = n\n    def g():\n        return {inner} + 1\n"
        text += f"    class A:\n        {held} = 1\n    return g() + A.held\n"
        return source_id({"p.py": text.encode()})

    assert program("x", "x", "held") != program("x", "y", "held")
    assert program("x", "x", "held") != program("x", "x", "kept")


def test_other_files_count_by_their_bytes_and_names():
    assert source_id({"a.sql": b"select 1"}) != source_id({"a.sql": b"select  1"})
    assert source_id({"a.py": b"x = 1"}) != source_id({"b.py": b"x = 1"})
    assert source_id({"a.py": b"def ("}) != source_id({"a.py": b"def  ("})
