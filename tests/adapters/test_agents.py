"""Where agents lie, and that no more is shown of a machine than what they need."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from selfwright.adapters.agents import find_agent
from selfwright.core.errors import BadInput
from selfwright.testing.refusal import refused


def script(path: Path, first: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{first}\n")
    path.chmod(0o755)
    return path


def test_of_a_script_the_file_alone_is_shown(tmp_path: Path) -> None:
    path, other = script(tmp_path / "work/stub.sh", "#!/bin/sh"), script(tmp_path / "more.txt", "")
    found = find_agent(str(path), [str(other), "/bin/sh"])
    assert (found.program, found.shown, found.search) == (str(path), [str(path), str(other)], [])


def test_what_the_system_has_is_shown_anyway() -> None:
    found = find_agent("sh", [])
    assert os.path.basename(found.program) == "sh" and found.shown == []
    assert find_agent("python3", []).program == sys.executable


def test_an_interpreter_that_is_asked_for_by_name_is_shown_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = script(tmp_path / "node/bin/node", "#!/bin/sh")
    package = tmp_path / "node/lib/node_modules/@some/agent"
    main = script(package / "cli.js", "#!/usr/bin/env -S node")
    link = tmp_path / "node/bin/agent"
    link.symlink_to(main)
    monkeypatch.setenv("PATH", f"{link.parent}:{os.environ['PATH']}")
    found = find_agent("agent", [])
    assert found.program == str(main)
    assert found.shown == [str(package.parents[1]), str(node)]
    assert found.search == [str(node.parent)]


def test_a_virtual_environment_is_shown_whole_with_what_it_is_made_of(tmp_path: Path) -> None:
    base = script(tmp_path / "python/bin/python3", "").parents[1]
    python = tmp_path / "tool/bin/python"
    python.parent.mkdir(parents=True)
    python.symlink_to(base / "bin/python3")
    (tmp_path / "tool/pyvenv.cfg").write_text(f"home = {base}/bin\nversion = 3\n")
    program = script(tmp_path / "tool/bin/aider", f"#!{python}")
    found = find_agent(str(program), [])
    assert found.program == str(program)
    assert {str(tmp_path / "tool"), str(base)} <= set(found.shown)
    assert all(each.startswith((str(tmp_path / "tool"), str(base))) for each in found.shown)


def test_one_that_is_not_here_is_said_with_the_mend(tmp_path: Path) -> None:
    with refused(BadInput, "the agent 'nonesuch-agent' is not here: install it (npm install x); `selfwright doctor`"):
        find_agent("nonesuch-agent", [], "npm install x")
    with refused(BadInput, "give its path"):
        find_agent(str(tmp_path / "none"), [])
