"""`import selfwright` does nothing but define names, and every name it offers is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import tree

HEAVY = ["numpy", "pydantic", "typer", "rich", "libcst", "jinja2", "av", "scipy", "optuna", "asyncio", "sqlite3"]

# Runs in a fresh interpreter: watches what an import does, then says it as JSON.
WATCH = """
import _thread, json, os, sys, threading
seen = []
def watched(call, name):
    def start(*arguments, **keywords):
        seen.append(name)
        return call(*arguments, **keywords)
    return start
threading.Thread.start = watched(threading.Thread.start, "thread")  # before Python 3.12 a thread raises no audit event
_thread.start_new_thread = watched(_thread.start_new_thread, "thread")
def hook(event, arguments):
    if event == "open":
        _, mode, flags = arguments
        if set(mode or "") & set("wax+") or (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            seen.append(f"open {arguments[0]}")
    elif event.split(".")[0] in ("socket", "subprocess", "sqlite3") or event in WATCHED:
        seen.append(event)
WATCHED = {"os.fork", "os.exec", "os.mkdir", "os.putenv", "os.system"}
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
sys.addaudithook(hook)
__import__(sys.argv[2])
print(json.dumps({"seen": seen, "modules": sorted(sys.modules)}))
"""


def watch(folder: Path, package: str) -> dict[str, list[str]]:
    """What importing `package` from `folder` did, and which modules it brought in."""
    command = [sys.executable, "-I", "-c", WATCH, str(folder), package]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: dict[str, list[str]] = json.loads(result.stdout)
    return found


def names(package: str) -> dict[str, bool]:
    """Whether each name in the `__all__` of `package` resolves, in a fresh interpreter."""
    code = f"import sys; sys.path.insert(0, sys.argv[1]); import json, {package} as p"
    code += "; print(json.dumps({n: hasattr(p, n) for n in p.__all__}))"
    command = [sys.executable, "-c", code, str(tree.SRC)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    found: dict[str, bool] = json.loads(result.stdout)
    return found


def test_importing_starts_nothing_and_writes_nothing() -> None:
    assert watch(tree.SRC, "selfwright")["seen"] == []


def test_importing_brings_in_nothing_heavy() -> None:
    modules = {name.split(".")[0] for name in watch(tree.SRC, "selfwright")["modules"]}
    assert modules.intersection(HEAVY) == set()


def test_every_name_of_the_root_is_there() -> None:
    found = names("selfwright")
    assert found
    assert [name for name, there in found.items() if not there] == []


@pytest.mark.parametrize(
    ("source", "event"),
    [
        ("import _thread, time; _thread.start_new_thread(int, ()); time.sleep(0.1)", "thread"),
        ("import threading; t = threading.Thread(target=int); t.start(); t.join()", "thread"),
        ("import socket; socket.socket().close()", "socket."),
        ("import os; open(os.devnull, 'w').close()", "open "),
        ("import os, sys; os.close(os.open(os.devnull, os.O_RDWR))", "open "),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', ''])", "subprocess."),
        ("import sqlite3; sqlite3.connect(':memory:').close()", "sqlite3."),
    ],
)
def test_a_planted_side_effect_is_seen(source: str, event: str, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(source)
    assert any(seen.startswith(event) for seen in watch(tmp_path, "planted")["seen"])


def test_a_planted_heavy_import_is_seen(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("import numpy")
    assert "numpy" in watch(tmp_path, "planted")["modules"]
