"""`kill -9` of the orchestrator at random moments: one second later no process of ours is left.

This process adopts what loses its parent, so that whatever outlives the orchestrator is found below it.
"""

import os
import random
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from selfwright.adapters.sandboxes import orphans, owner
from selfwright.adapters.sandboxes.linux import cgroup
from tests.journeys.place import ENVIRONMENT, SELFWRIGHT, Place, program

GONE_S = 1.0
LATEST_S = 2.0
BUSY = 4
"""So many processes are the orchestrator, its workers, and something that they have started."""
SESSION = [
    program(200 - number).replace("return", "sum(range(300_000)); return", 1) for number in range(100)
]  # fmt: skip
SANDBOXES = ("zygote", pytest.param("bubblewrap", marks=pytest.mark.needs_bubblewrap), "landlock")


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_a_few_random_moments(sandbox: str, tmp_path: Path) -> None:
    kill_at_random(2, sandbox, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_two_hundred_random_moments_in_all(sandbox: str, tmp_path: Path) -> None:
    kill_at_random(67, sandbox, tmp_path)


def kill_at_random(moments: int, sandbox: str, folder: Path) -> None:
    place = Place.make(folder)
    place.session(SESSION)
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = {**ENVIRONMENT, "TMPDIR": str(temporary)}
    orphans.become_subreaper()
    others = set(below())
    seed = random.randrange(1 << 32)
    draw = random.Random(seed)
    for number in range(moments):
        process = start(place, f"r{number}", sandbox, environment)
        while number % 2 and len(set(below()) - others) < BUSY:
            lives_for(process, 0.02)  # every other one tries candidates when it is killed, however slow this machine is
        lives_for(process, draw.uniform(0, LATEST_S))
        process.kill()
        process.wait()
        left = outliving(others)
        assert not left, f"seed {seed}, moment {number}: {GONE_S} s after the kill there still is {left}"
    last = subprocess.run(
        [SELFWRIGHT, "run", "toy", "--trials", "1", "--proposer", "recorded:session.jsonl", "--sandbox", sandbox],
        cwd=place.folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert last.returncode == 0, last.stderr
    assert list(temporary.glob(owner.pattern())) == [], "the next run has not swept what the killed ones left"
    for where in cgroup.place().folders.values():
        assert [group for group in where.glob(owner.pattern()) if owner.is_stale(group.name)] == []


def start(place: Place, name: str, sandbox: str, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    command = [SELFWRIGHT, "run", "toy", "--dir", name, "--proposer", "recorded:session.jsonl", "--sandbox", sandbox]
    return subprocess.Popen(
        command, cwd=place.folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def lives_for(process: "subprocess.Popen[bytes]", wall_s: float) -> None:
    with suppress(subprocess.TimeoutExpired):
        raise AssertionError(f"it ended by itself, with {process.wait(wall_s)}")


def below() -> dict[int, str]:
    """What lives below this process: number → command line."""
    found = {}
    for each in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if each.status() == psutil.STATUS_ZOMBIE:
                bury(each)
            else:
                found[each.pid] = f"{each.pid} of {each.ppid()}: {' '.join(each.cmdline())[:200] or each.name()}"
    return found


def outliving(others: set[int]) -> list[str]:
    """What is left once the time is up, or nothing as soon as nothing is."""
    deadline = time.monotonic() + GONE_S
    while True:
        left = [words for pid, words in below().items() if pid not in others]
        if not left or time.monotonic() > deadline:
            return left


def bury(process: psutil.Process) -> None:
    """Reap it if it was adopted: as long as it has a number, the next run must take it for alive."""
    if process.ppid() == os.getpid():
        with suppress(ChildProcessError):
            os.waitpid(process.pid, os.WNOHANG)
