"""A cold box that can not be confined is no box: each step of `launch.py` broken once, in each sandbox that uses it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from selfwright.adapters.sandboxes import launch, owner
from selfwright.adapters.sandboxes.bubblewrap import BubblewrapSandbox
from selfwright.adapters.sandboxes.confined import LAUNCH
from selfwright.adapters.sandboxes.landlocked import LandlockSandbox
from selfwright.adapters.sandboxes.linux import cgroup
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from tests.adapters.sandboxes import talker

WHY = "broken on purpose"
BREAK = f"""
def broken(configuration):
    raise OSError({WHY!r})

assert STEP in dict(STEPS)
STEPS[:] = [(step, broken if step == STEP else take) for step, take in STEPS]
"""
JOB = Job(files={"program.py": b""}, guest=talker.__file__, limits=Limits())
TALK = (sys.executable, "-c", "print('a command runs', flush=True)")
Make = Callable[[str], LandlockSandbox | BubblewrapSandbox]


@pytest.fixture(params=[LandlockSandbox, pytest.param(BubblewrapSandbox, marks=pytest.mark.needs_bubblewrap)])
def make(request: pytest.FixtureRequest) -> Make:
    """Return a sandbox whose boxes are confined by this script."""
    return lambda script: request.param(launch=script)


def broken(step: str, folder: Path) -> str:
    """Return a script that is `launch.py` with one step broken."""
    before, start, after = Path(LAUNCH).read_text().partition('if __name__ == "__main__":')
    script = folder / "launch.py"
    script.write_text(f"{before}STEP = {step!r}\n{BREAK}\n{start}{after}")
    return str(script)


def test_a_guest_whose_box_stands_is_heard(make: Make, heard: bytearray) -> None:
    sandbox = make(LAUNCH)
    with sandbox.open(JOB) as box:
        box.exchange(b"")
    assert talker.WORDS in heard
    assert sandbox.execute(JOB, TALK, stdin=b"", files={}, produce=()).payload == b"a command runs\n"


@pytest.mark.parametrize("argv", [(), TALK], ids=["guest", "command"])
def test_too_little_memory_for_python_is_said(make: Make, argv: tuple[str, ...]) -> None:
    sandbox, job = make(LAUNCH), replace(JOB, limits=Limits(memory_mb=4))
    with pytest.raises(SandboxError, match=r"; memory_mb = 4 in problem\.toml may be too small for Python"):
        _ = sandbox.execute(job, argv, stdin=b"", files={}, produce=()) if argv else sandbox.open(job)


@pytest.mark.parametrize("step", [step for step, _ in launch.STEPS])
def test_a_broken_step_is_our_failure_and_nothing_runs(step: str, make: Make, tmp_path: Path, heard: bytearray) -> None:
    sandbox = make(broken(step, tmp_path))
    with pytest.raises(SandboxError, match=f"a box can not be set up: {step}: {WHY}"):
        sandbox.open(JOB)
    with pytest.raises(SandboxError, match=f"a box can not be set up: {step}: {WHY}"):
        sandbox.execute(JOB, TALK, stdin=b"", files={}, produce=())
    assert heard == b""


def test_a_launch_that_says_nothing_is_our_failure(make: Make, tmp_path: Path) -> None:
    script = tmp_path / "silent.py"
    script.write_text("")
    with pytest.raises(SandboxError, match=r"it ended before it was$"):
        make(str(script)).open(JOB)


def test_a_launch_that_says_more_than_its_word_is_our_failure(make: Make, tmp_path: Path) -> None:
    script = tmp_path / "loud.py"
    script.write_text("import json, os, sys\nos.write(json.loads(sys.argv[-1])['report'], b'confined, almost')\n")
    with pytest.raises(SandboxError, match="confined, almost"):
        make(str(script)).open(JOB)


def test_a_guest_that_is_not_there_is_our_failure(make: Make) -> None:
    with pytest.raises(SandboxError, match="a box can not be set up"):
        make(LAUNCH).open(Job(files={}, guest="/nowhere/guest.py", limits=Limits()))


def test_the_steps_come_in_the_order_that_the_kernel_asks_for() -> None:
    steps = [step for step, _ in launch.STEPS]
    assert len(set(steps)) == len(steps)
    assert steps.index("bounding set") < steps.index("user") < steps.index("parent")
    assert steps.index("privileges") < steps.index("landlock") < steps.index("seccomp")
    assert steps[-1] == "seccomp"


def test_a_box_that_was_not_set_up_leaves_nothing(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = tmp_path / "private"
    private.mkdir()
    script = broken("seccomp", tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    sandbox = make(script)
    with pytest.raises(SandboxError):
        sandbox.open(JOB)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(SandboxError):
            sandbox.open(JOB)
    assert len(os.listdir("/proc/self/fd")) == before
    assert list(private.iterdir()) == []
    groups = [each for where in cgroup.place().folders.values() for each in where.glob(f"{owner.prefix()}*")]
    assert (groups, psutil.Process().children(recursive=True)) == ([], [])
