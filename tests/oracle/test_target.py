"""`FILE:FUNCTION` is found with the files that it needs, and what can not be compared is told why."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfwright.core.errors import BadInput, Unfit
from selfwright.oracle.marking import marked, unmarked
from selfwright.oracle.target import find_target

FILES = {
    "src/pk/__init__.py": "from .a import f\n",
    "src/pk/a.py": "import json, numpy, not_there\nfrom .b import g\nimport alone\n\ndef f(x):\n    return g(x)\n",
    "src/pk/b.py": "def g(x):\n    return x\n",
    "src/pk/data.txt": "1\n",
    "src/pk/fast.so": "",
    "src/pk/tests/test_a.py": "",
    "src/alone.py": "import other\n",
    "src/other/__init__.py": "",
    "src/unasked.py": "",
}
KINDS = """\
import functools
def plain(x): return helper(x)
def helper(x): return x
async def waiting(x): return x
def generating(x):
    yield x
def nesting(x):
    def inner():
        yield x
    return list(inner())
def nothing(): return 1
def by_name(*, x): return x
if True:
    @functools.wraps(plain)
    def below(x): return x
class C:
    def method(self, x): return x
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / "kinds.py").write_text(KINDS)
    return tmp_path


def test_a_function_comes_with_its_package_and_what_that_imports(place: Path) -> None:
    target = find_target(f"{place}/src/pk/a.py:f")
    assert (target.base, target.program, target.node.name) == (place / "src", "pk/a.py", "f")
    beside = target.beside()
    assert beside.keys() == {"pk/__init__.py", "pk/b.py", "pk/data.txt", "alone.py", "other/__init__.py"}
    assert target.packages(beside) == ("numpy",)


@pytest.mark.parametrize("name", ["plain", "nesting", "below"])
def test_functions_at_the_top_are_taken(place: Path, name: str) -> None:
    target = find_target(f"{place}/kinds.py:{name}")
    assert target.function == name
    assert target.beside() == {}


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("kinds.py", "write FILE:FUNCTION"),
        ("kinds.py:", "write FILE:FUNCTION"),
        ("none.py:f", "looked for .*none.py, which is no Python file"),
        ("kinds.py:plian", "did you mean 'plain'"),
        ("kinds.py:inner", "has no function 'inner' at its top level"),
        ("kinds.py:C.method", "is a method"),
        ("kinds.py:waiting", "is async"),
        ("kinds.py:generating", "is a generator"),
        ("kinds.py:nothing", "takes no argument by position"),
        ("kinds.py:by_name", "takes no argument by position"),
    ],
)
def test_what_can_not_be_taken_is_told(place: Path, named: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        find_target(f"{place}/{named}")


def test_a_file_that_does_not_parse_is_told(place: Path) -> None:
    (place / "broken.py").write_text("def f(:\n")
    with pytest.raises(BadInput, match="does not parse"):
        find_target(f"{place}/broken.py:f")
    with pytest.raises(Unfit) as unfit:
        find_target(f"{place}/kinds.py:generating")
    assert unfit.value.why == "uncarried"


def test_the_function_and_what_it_calls_are_marked_and_nothing_else_changes(place: Path) -> None:
    plain, below = find_target(f"{place}/kinds.py:plain"), find_target(f"{place}/kinds.py:below")
    lines = marked(plain).decode().splitlines()
    assert lines[1:7] == [
        "# EVOLVE-BLOCK-START", "def plain(x): return helper(x)", "# EVOLVE-BLOCK-END",
        "# EVOLVE-BLOCK-START", "def helper(x): return x", "# EVOLVE-BLOCK-END",
    ]  # fmt: skip
    assert "    # EVOLVE-BLOCK-START\n    @functools.wraps(plain)\n" in marked(below).decode()
    assert unmarked(marked(plain), plain) == KINDS.encode() == unmarked(marked(below), below)
    (place / "kinds.py").write_bytes(KINDS.replace("\n", "\r\n").encode())
    assert unmarked(marked(plain), plain) == KINDS.replace("\n", "\r\n").encode()
    own = "# EVOLVE-BLOCK-START\ndef f(x): return x\n# EVOLVE-BLOCK-END\n"
    (place / "own.py").write_text(own)
    target = find_target(f"{place}/own.py:f")
    assert marked(target) == own.encode() == unmarked(own.encode(), target)
