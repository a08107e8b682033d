"""Source code obeys the rules of the house; and each rule finds a planted offender."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house import rules, tree

Rule = Callable[[Path], list[str]]


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree.ROOT)  # offences name files as a person types them


def offences(rule: Rule, paths: list[Path]) -> str:
    return "\n".join(line for path in paths for line in rule(path))


def standard_library(path: Path) -> list[str]:
    return rules.standard_library_only(path, "selfwright")


def promising_f(path: Path) -> list[str]:
    return rules.docstrings(path, frozenset({"f"}))


def test_files_are_small() -> None:
    examples = [path for path in tree.files() if path.parts[0] == "examples" and path.suffix == ".py"]
    assert not offences(rules.file_size, [*tree.sources(), *examples])


@pytest.mark.parametrize(
    "rule",
    [rules.class_sizes, rules.function_sizes, rules.positional_parameters],
)
def test_definitions_are_small(rule: Rule) -> None:
    assert not offences(rule, tree.written_by_people())


def test_rooms_have_a_door() -> None:
    assert not offences(rules.door, [path for path in tree.sources() if path.name == "__init__.py"])


def test_rooms_are_packages() -> None:
    folders = {path.parent for path in tree.sources() if "problems" not in path.parts} - {Path("src")}
    assert [str(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_public_names_have_docstrings() -> None:
    promised = frozenset[str]().union(*map(rules.port_methods, tree.room("ports")))
    assert not offences(lambda path: rules.docstrings(path, promised), tree.written_by_people())


def test_only_config_reads_the_environment() -> None:
    readers = [path for path in tree.sources() if not (path.name == "config.py" and len(path.parts) == 3)]
    assert not offences(rules.environment, readers)


def test_nothing_prints_outside_the_command_line() -> None:
    assert not offences(rules.prints, tree.sources())


def test_the_core_keeps_to_the_standard_library() -> None:
    assert not offences(standard_library, tree.room("core"))


def test_the_core_touches_neither_clock_nor_file() -> None:
    assert not offences(rules.clock_and_io, tree.room("core"))


def test_the_keeper_keeps_to_the_standard_library_and_knows_nothing_of_selfwright() -> None:
    keeper = [path for path in tree.sources() if path.parts[1] == "selfwright_keeper"]
    assert not offences(lambda path: rules.standard_library_only(path, "selfwright_keeper"), keeper)


def test_ports_are_short() -> None:
    assert not offences(lambda path: rules.lines(path, 80), tree.room("ports"))


# One row a planted offender: the rule, the name of the file, what stands in it, the line and the words of the offence.
BODY = "".join(f"    a{number} = {number}\n" for number in range(300))
PLANTED = [
    (rules.file_size, "a.py", "x = 1\n" * 301, 1, "301 lines of code, at most 300"),
    (rules.class_sizes, "a.py", "\nclass A:\n" + BODY[: BODY.index("    a200")], 2, "A has 201 lines of code"),
    (rules.function_sizes, "a.py", "def f():\n" + BODY[: BODY.index("    a50")], 1, "f has 51 lines of code"),
    (rules.function_sizes, "a.py", "class A:\n    async def f(self):\n" + "        x()\n" * 50, 2, "f has 51 lines"),
    (rules.positional_parameters, "a.py", "def f(a, b, c, /, d, e, f, g, h, i): ...\n", 1, "f takes 9 positional"),
    (rules.positional_parameters, "a.py", "class A:\n    def f(self, a, b, c, d, e, f, g, h, i): ...\n", 2, "takes 9"),
    (lambda path: rules.lines(path, 3), "a.py", "'''A.\n\n\n'''\n", 1, "4 lines, at most 3"),
    (rules.door, "__init__.py", "__all__ = []\n", 1, "no docstring"),
    (rules.door, "__init__.py", "'''A.'''\n", 1, "no literal __all__"),
    (rules.door, "__init__.py", "'''A.'''\na = b = 1\n__all__ = ['b', 'a']\n", 3, "not sorted; write ['a', 'b']"),
    (rules.door, "__init__.py", "'''A.'''\na = 1\n__all__: list[str] = ['a', 'a']\n", 3, "twice"),
    (rules.door, "__init__.py", "'''A.'''\n__all__ = ['gone']\n", 2, "names gone"),
    (rules.docstrings, "a.py", "x = 1\n", 1, "module without docstring"),
    (rules.docstrings, "a.py", "'''A.'''\ndef f(): ...\n", 2, "f has no docstring"),
    (rules.docstrings, "a.py", "'''A.'''\nclass A:\n    x = 1\n", 2, "A has no docstring"),
    (rules.docstrings, "a.py", "'''A.'''\nclass A:\n    '''A.'''\n    def f(self): ...\n", 4, "f has no docstring"),
    (rules.docstrings, "a.py", "'''A.'''\nif 1:\n    def f(): ...\n", 3, "f has no docstring"),
    (rules.environment, "a.py", "import os\nx = os.environ['HOME']\n", 2, "os.environ reads"),
    (rules.environment, "a.py", "import os as system\nx = system.getenv('HOME')\n", 2, "os.getenv reads"),
    (rules.environment, "a.py", "def f():\n    from os import environ\n", 2, "os.environ reads"),
    (rules.environment, "a.py", "from pydantic_settings import BaseSettings\n", 1, "pydantic_settings reads"),
    (rules.environment, "a.py", "import typer\nx = typer.Option(envvar='X')\n", 2, "envvar= reads"),
    (rules.prints, "a.py", "def f():\n    print('x')\n", 2, "print outside cli/"),
    (standard_library, "a.py", "import json, numpy.linalg\n", 1, "numpy"),
    (
        lambda path: rules.standard_library_only(path, "keeper"),
        "a.py",
        "from selfwright.core import x\n",
        1,
        "selfwright",
    ),
    (rules.clock_and_io, "a.py", "import time\n", 1, "imports time"),
    (rules.clock_and_io, "a.py", "import datetime\nx = datetime.datetime.now()\n", 2, "calls now()"),
    (rules.clock_and_io, "a.py", "x = open('f')\n", 1, "calls open()"),
]


@pytest.mark.parametrize(("rule", "name", "source", "line", "words"), PLANTED)
def test_a_planted_offender_is_found(rule: Rule, name: str, source: str, line: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(source)
    found = rule(path)
    assert len(found) == 1
    assert found[0].startswith(f"{path}:{line}: ")
    assert words in found[0]
    assert "; " in found[0], "an offence says the mend"


# What stands just inside a rule: nothing may be found.
DOCUMENTED = '\'\'\'A.\'\'\'\n\n# why\n\nclass A:\n    """A."""\n\n    x: int = 1\n    """The x."""\n'
ALLOWED = [
    (rules.file_size, "a.py", "x = 1\n" * 300 + "# why\n\n'''Text\nand\nmore.'''\n" * 50),
    (lambda path: rules.file_size(path, 2), "a.py", DOCUMENTED),
    (rules.class_sizes, "a.py", "class A:\n    '''A.\n\n\n    '''\n" + BODY[: BODY.index("    a199")]),
    (rules.function_sizes, "a.py", "@decorated(\n    1,\n)\ndef f():\n" + "    # why\n    x()\n\n" * 49),
    (rules.positional_parameters, "a.py", "def f(a, b, c, d, e, f, g, h, *, i, j): ...\n"),
    (rules.positional_parameters, "a.py", "class A:\n    def f(self, a, b, c, d, e, f, g, h): ...\n"),
    (rules.positional_parameters, "cli.py", "def f(a, b, c, d, e, f, g, h, i): ...\n"),
    (rules.door, "__init__.py", "'''A.'''\nfrom a import b as c\n__all__ = ['a', 'c']\n# a.py stands beside it\n"),
    (rules.door, "__init__.py", "'''A.'''\n__all__ = ['late']\ndef __getattr__(name): ...\n"),
    (rules.docstrings, "a.py", "'''A.'''\ndef _f(): ...\nclass _A:\n    def f(self): ...\n"),
    (rules.docstrings, "a.py", "'''A.'''\ndef f():\n    '''F.'''\n    def g(): ...\n"),
    (rules.docstrings, "a.py", "'''A.'''\nclass A:\n    '''A.'''\n    @override\n    def f(self): ...\n"),
    (promising_f, "a.py", "'''A.'''\nclass A:\n    '''A.'''\n    def f(self): ...\n"),
    (rules.environment, "a.py", "import os, subprocess\nsubprocess.run(['x'], env={'A': 'b'})\nos.getpid()\n"),
    (rules.prints, "cli.py", "print('x')\n"),
    (standard_library, "a.py", "import json\nfrom selfwright import a\nfrom . import b\n"),
    (rules.clock_and_io, "a.py", "import datetime, hashlib, json, math, re\n"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "name", "source"), ALLOWED)
def test_what_is_allowed_is_not_found(rule: Rule, name: str, source: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(source)
    (tmp_path / "a.py").touch()
    assert rule(path) == []


def test_a_protocol_promises_its_documented_methods(tmp_path: Path) -> None:
    path = tmp_path / "port.py"
    path.write_text(
        "class A(Protocol[T]):\n    def f(self):\n        '''F.'''\n    def g(self): ...\n"
        "class B:\n    def h(self):\n        '''H.'''\n"
    )
    assert rules.port_methods(path) == {"f"}


def test_programs_under_evolution_are_those_that_a_problem_declares(tmp_path: Path) -> None:
    problem = tmp_path / "video"
    problem.mkdir()
    (problem / "problem.toml").write_text('editable = ["codec.py", "parts/*.py"]\n')
    (problem / "parts").mkdir()
    for name in ("codec.py", "judge.py", "parts/a.py"):
        (problem / name).touch()
    assert rules.candidate_programs(tmp_path) == {problem / "codec.py", problem / "parts" / "a.py"}
