from __future__ import annotations

import libcst as cst
import pytest

from selfwright.proposers.mutation import constant, statement
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source, compiles
from tests.proposers.mutation.workshop import source

BLOCKS = """
LIMIT = 3
# EVOLVE-BLOCK-START
# how far
def far(x):
    y = x + 5
    return y
# EVOLVE-BLOCK-END
def near(x):
    return x - 7
# EVOLVE-BLOCK-START
STEP = 9
# EVOLVE-BLOCK-END
END = 11
"""


def replaced(text: str, old: str, new: str) -> str | None:
    """The source with the first expression of this text replaced."""
    one = source(text)
    node = next(each for each in one.nodes if isinstance(each, cst.BaseExpression) and one.code(each) == old)
    return one.apply(Edit(old=(node,), new=(cst.parse_expression(new),), words=""))


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("a = b * c * d\n", "b * c", "b + c", "a = (b + c) * d\n"),
        ("a = b\n", "b", "b + c", "a = b + c\n"),
        ("a = (b) # why\n", "(b)", "b if c else d", "a = (b if c else d) # why\n"),
        ("def f(x):\n    return(x)\n", "(x)", "y", "def f(x):\n    return(y)\n"),
        ("def f(x):\n    return(x)\n", "(x)", "-y", "def f(x):\n    return(-y)\n"),
        ("a = b.c\n", "b", "1", "a = (1).c\n"),
        ("a = f(x)[0]\n", "f(x)", "lambda: x", "a = (lambda: x)[0]\n"),
        ("a = not b\n", "b", "c and d", "a = not (c and d)\n"),
    ],
)
def test_an_expression_takes_the_place_of_another_with_brackets_where_it_needs_them(
    text: str, old: str, new: str, expected: str
) -> None:
    assert replaced(text, old, new) == expected


def test_everything_else_survives_to_the_byte() -> None:
    text = "#!x\n'''doc'''\nimport os ;\tx=  1 # one\r\n\n\ny = [1,\n  2,]  # two\n# the end"
    assert replaced(text, "x", "x") is None  # nothing changed, no proposal
    assert replaced(text, "2", "3") == text.replace("2,]", "3,]")


def test_what_is_no_program_is_no_edit() -> None:
    assert replaced("def f():\n    return 1\n", "1", "1 + (yield)") is not None
    assert replaced("a = [x for x in y]\n", "x", "(yield)") is None
    assert not compiles("return 1\n")
    assert not compiles("x = (\n")


@pytest.mark.parametrize(
    "text", ["x = (\n", "x = 1\n# EVOLVE-BLOCK-START\n", "# EVOLVE-BLOCK-END\n# EVOLVE-BLOCK-START\n"]
)
def test_a_source_that_can_not_be_read_is_said(text: str) -> None:
    with pytest.raises(ValueError, match=r"parse|has no"):
        Source("p.py", text)


def test_only_what_stands_between_the_markers_changes() -> None:
    one = source(BLOCKS)
    made = [one.apply(edit) for kind in (constant, statement) for edit in kind.edits(one)]
    texts = [text for text in made if text is not None]
    assert len(texts) > 10
    assert any("STEP = 18" in text for text in texts)
    for text in texts:
        for kept in (
            "LIMIT = 3\n# EVOLVE-BLOCK-START\n",
            "# EVOLVE-BLOCK-END\ndef near(x):\n    return x - 7\n",
            "END = 11",
        ):
            assert kept in text
        assert text.count("EVOLVE-BLOCK") == 4


def test_a_marker_above_a_statement_is_not_deleted_with_it() -> None:
    one = source("def f(x):\n    # EVOLVE-BLOCK-START\n    y = x\n    z = y\n    # EVOLVE-BLOCK-END\n    return z\n")
    made = [one.apply(edit) for edit in statement.edits(one)]
    assert None in made  # the first of them would take the marker along
    for text in made:
        if text is not None:
            assert text.startswith("def f(x):\n    # EVOLVE-BLOCK-START\n")
            assert text.endswith("    # EVOLVE-BLOCK-END\n    return z\n")


def test_an_import_that_is_needed_comes_before_the_statement_and_below_its_comments() -> None:
    one = source("# EVOLVE-BLOCK-START\n# why\ndef f(x):\n    return x\n# EVOLVE-BLOCK-END\n")
    function = next(one.all(cst.FunctionDef))
    edit = Edit(
        old=(function,), new=(function.with_changes(asynchronous=cst.Asynchronous()),), words="", needs="numpy as np"
    )
    expected = "# EVOLVE-BLOCK-START\n# why\nimport numpy as np\nasync def f(x):\n    return x\n# EVOLVE-BLOCK-END\n"
    assert one.apply(edit) == expected
    have = source("import numpy as np\ndef f(x):\n    return x\n")
    function = next(have.all(cst.FunctionDef))
    edit = Edit(
        old=(function,), new=(function.with_changes(asynchronous=cst.Asynchronous()),), words="", needs="numpy as np"
    )
    assert have.apply(edit) == "import numpy as np\nasync def f(x):\n    return x\n"


def test_it_says_where_a_node_stands_and_quotes_it_on_one_line() -> None:
    one = source("class A:\n    def f(self):\n        return [1,\n                2]\n\nif x:\n    y = 2\n")
    assert {one.where(each) for each in one.all(cst.Integer)} == {"in `A.f`", "at the top of p.py"}
    assert one.quote(next(one.all(cst.List))) == "`[1, 2]`"
    assert one.quote(next(one.all(cst.If))) == "`if x: ...`"
