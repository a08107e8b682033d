"""What a file is made of: the text of each statement says by itself what it says there, or it is not told."""

import ast

import pytest

from selfwright.evolve.origin import is_same_program
from selfwright.evolve.syntax import _beside, _whole, read

FILE = b'''"""What it is."""

import os.path, json
from ..near import x


@decorated(1)
@decorated(2)
def first(a):  # why
    try:
        import zlib
    except ImportError:
        from bz2 import compress
    return (a,
            2)
TEXT = """
x = 1
"""

class Second:
    import struct
'''


def test_statements_are_whole_lines_and_imports_are_found_wherever_they_stand() -> None:
    syntax = read(FILE)
    assert syntax.documented
    assert syntax.statements is not None
    texts = [each.text for each in syntax.statements]
    assert [len(text.splitlines()) for text in texts] == [1, 1, 1, 9, 3, 2]
    assert [ast.dump(ast.parse(text).body[0]) for text in texts] == list(map(ast.dump, ast.parse(FILE).body))
    assert sorted(syntax.imports) == [(3, "json"), (3, "os"), (11, "zlib"), (13, "bz2"), (21, "struct")]


@pytest.mark.parametrize("text", ["a = 1; b = 2\n", "# coding: latin-1\na = 1\n", "@ \\\nf\ndef g(): pass\n"])
def test_where_lines_do_not_tell_nothing_is_said(text: str) -> None:
    assert read(text.encode()).statements is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1; b = 2\n", "a = 1\nb = 2\n"),
        ("a = 1 \\\n\nb = 2\n", "a = 1\nb = 2\n"),
        ("a = 1; \\\nb = 2\n", "a = 1\nb = 2\n"),
        ("a = 1;\nb = 2\n", "a = 1\nb = 2  # why\n"),
        ("a = (1,\n2)\r\nb = 'x'\r\n", '"""Doc."""\na = (1, 2)\nb = "x"\n'),
        ("# coding: latin-1\na = 'é'\nb = 1\n", "# coding: latin-1\na = 'é'\nb = 1  # one\n"),
        ('"""Doc."""\n', "pass\n"),
        ("@ \\\nf\ndef g(): pass\n", "@f\ndef g(): pass\n"),
        ("def f():\n    'Doc.'\n    return 1\n", "def f():\n    return 1\n"),
        ("\ufeffa = 1\nb = 2\n", "a = 1\n\nb = 2\n"),
    ],
)
def test_layout_is_no_difference_whether_or_not_lines_tell(one: str, other: str) -> None:
    assert is_same_program({"p.py": one.encode()}, {"p.py": other.encode()})
    assert is_same_program({"p.py": other.encode()}, {"p.py": one.encode()})
    assert not is_same_program({"p.py": one.encode()}, {"p.py": other.encode() + b"c = 3\n"})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("# coding: latin-1\na = 'é'\n", "a = 'é'\n"),
        ('"""Doc."""\na = 1\n', 'a = 1\n"""Doc."""\n'),
        ("a = 1\nif a:\n    b = 2\nc = 3\n", "a = 1\nif a:\n    b = 2\n    c = 3\n"),
        ("a = 1; b = 2\nc = 3\n", "a = 1\nb = 2; c = 4\n"),
    ],
)
def test_what_says_something_else_is_told_apart(one: str, other: str) -> None:
    assert not is_same_program({"p.py": one.encode()}, {"p.py": other.encode()})


LINES = [f"VALUE_{number} = {number}\n" for number in range(6)]
NEW = [
    "", "\n", "x = 1\n", "import os\n", "def f():\n    import re\n    return 2\n", "# coding: latin-1\n", "\\\n",
    "a = 1; b = 2\n", '"""text"""\n', "a = 1 \\\n", "@f\n", "else:\n    pass\n", '"""\n', "  y = 1\n", "\r\n",
    "if x:\n    y = (1,\n", "async def g(): await h\n", "from . import a\n", ")\n",
]  # fmt: skip


@pytest.mark.parametrize("new", NEW)
@pytest.mark.parametrize("more", ["", "import zlib\n", "if a:\n    import bz2\n", "x = [\n1]\n", "q = 1 \\\n\n"])
@pytest.mark.parametrize("cut", [0, 1, 2])
def test_beside_another_file_the_same_is_read(new: str, more: str, cut: int) -> None:
    base = "".join([*LINES[:3], more, *LINES[3:]])
    for at in range(len(LINES) + 1):
        lines = base.splitlines(keepends=True)
        lines[at : at + cut] = [new]
        text = "".join(lines).encode()
        known = _whole(base.encode())
        try:
            whole = _whole(text)
        except SyntaxError:
            assert _beside(text, known) is None
        else:
            assert _beside(text, known) in (whole, None)


def test_beside_its_parent_a_program_is_not_parsed_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr("selfwright.evolve.syntax.parse", lambda text: parsed.append(text) or ast.parse(text))
    child = FILE.replace(b"return (a", b"return (b").replace(b"import struct", b"import array") + b"\nx = 2\n"
    read(FILE)
    parsed.clear()
    found = read(child, like=FILE)
    assert (3, "os") in found.imports and (21, "array") in found.imports
    assert sum(map(len, parsed)) < len(FILE)
    assert child not in parsed
