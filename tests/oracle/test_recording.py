"""What tests call a function with is written down as they run, in real processes; and why nothing was."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from selfwright.adapters import program
from selfwright.core.errors import Unfit
from selfwright.core.job import Reply
from selfwright.oracle.recording import Recording, Run, record
from selfwright.oracle.target import find_target

MODULE = """\
MARK = object()

def f(x, y=2, *more, mark=None):
    if isinstance(x, list):
        x.append(y)
    return f(x - 1) if x == 3 else x

def g(x, between=MARK, last=0):
    return x

def never(x):
    return x
"""


def in_folder(folder: Path) -> Run:
    return lambda argv: program.run(argv, folder, timeout_s=60)


def recorded(folder: Path, tests: str, function: str = "f") -> Recording:
    """Record what a script calls a function of ``pk/m.py`` with."""
    (folder / "pk").mkdir(exist_ok=True)
    (folder / "pk" / "__init__.py").write_text("from pk.m import f, g\n")
    (folder / "pk" / "m.py").write_text(MODULE)
    (folder / "tests.py").write_text(tests)
    target = find_target(f"{folder}/pk/m.py:{function}")
    return record(target, [sys.executable, "tests.py"], in_folder(folder))


def test_calls_are_recorded_as_they_were_made(tmp_path: Path) -> None:
    found = recorded(
        tmp_path, "import pk\nfrom pk.m import f\nx = [1]\nf(x)\nf(x, 5)\npk.f('a', y=b'')\nf('a', y=b'')\n"
    )
    assert found.rows == (([1],), ([1, 2], 5), ("a", b""))  # before they were changed, each once
    assert found.told == ("3 distinct calls of f recorded",)


def test_calls_of_itself_and_of_child_processes_count(tmp_path: Path) -> None:
    script = "import os, pk\npk.f(3)\nif os.fork() == 0:\n    pk.f(40)\n    os._exit(0)\nos.wait()\npk.f(50)\n"
    assert set(recorded(tmp_path, script).rows) == {(3,), (2,), (40,), (50,)}


def test_arguments_by_name_are_put_in_their_places(tmp_path: Path) -> None:
    assert recorded(tmp_path, "import pk\npk.f(y=1, x=0)\n").rows == ((0, 1),)
    found = recorded(tmp_path, "import pk\npk.g(1)\npk.g(1, last=2)\n", "g")
    assert found.rows == ((1,),)
    assert "the default of between, which stands before" in found.told[1]


def test_what_is_not_carried_is_counted(tmp_path: Path) -> None:
    found = recorded(
        tmp_path, "import pk\npk.f(1)\npk.f({1})\npk.f(2, mark=1)\nclass C:\n  pass\npk.f(C())\npk.f({1})\n"
    )
    assert found.rows == ((1,),)
    assert found.told[1] == (
        "left out are calls with what can not be carried, such as set at arguments[0][0] (2 times)"
    )
    with pytest.raises(Unfit, match=r"set at arguments\[0\]\[0\] \(1 times\)") as unfit:
        recorded(tmp_path, "import pk\npk.f({1})\n")
    assert unfit.value.why == "uncarried"
    with pytest.raises(Unfit, match=r"mark=, which can not be given by position"):
        recorded(tmp_path, "import pk\npk.f(1, mark=2)\n")


@pytest.mark.parametrize(
    ("tests", "function", "message"),
    [
        ("import pk\n", "never", "imports .*m.py and never calls never. Write a test that does"),
        (
            "print('hello')\n",
            "f",
            "did not import .*; it ended with: hello. Name the command that tests it with --tests",
        ),
        ("raise SystemExit('no such test')\n", "f", r"did not import .* \(exit code 1\); it ended with: no such test"),
    ],
)
def test_a_function_that_no_test_calls_is_told_so(tmp_path: Path, tests: str, function: str, message: str) -> None:
    with pytest.raises(Unfit, match=message) as unfit:
        recorded(tmp_path, tests, function)
    assert unfit.value.why == "untested"


def test_tests_that_fail_are_told_and_their_calls_count(tmp_path: Path) -> None:
    found = recorded(tmp_path, "import pk\npk.f(1)\nassert False\n")
    assert found.rows == ((1,),)
    assert "the tests did not pass (exit code 1)" in found.told[1]


def test_the_tests_do_not_notice(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "sitecustomize.py").write_text("import builtins\nbuiltins.customized = True\n")
    script = (
        "import inspect, sys, pk\nassert customized\nassert 'wire' not in sys.modules\n"
        "assert list(inspect.signature(pk.f).parameters) == ['x', 'y', 'more', 'mark']\n"
        "assert pk.f.__name__ == 'f' and pk.f.__module__ == 'pk.m'\n"
        "class Odd(list):\n  def __len__(self): raise KeyError\n"
        "pk.f(Odd())\npk.f(1)\nprint('well')\n"
    )  # fmt: skip
    ended: list[Reply] = []

    def run(argv: Sequence[str]) -> Reply:
        ended.append(in_folder(tmp_path)(["env", f"PYTHONPATH={theirs}", *argv]))
        return ended[-1]

    recorded(tmp_path, "import pk\npk.f(0)\n")
    (tmp_path / "tests.py").write_text(script)
    found = record(find_target(f"{tmp_path}/pk/m.py:f"), [sys.executable, "tests.py"], run)
    assert (ended[0].payload, ended[0].log) == (b"well\n", "well")
    assert (1,) in found.rows
