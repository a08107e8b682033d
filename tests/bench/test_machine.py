"""Who is on the machine together, and who is alone: real processes, real locks."""

from __future__ import annotations

import multiprocessing
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from selfwright.bench.candidate import Candidate
from selfwright.bench.machine import Meter, keep_memory, turn
from selfwright.bootstrap import make_sandbox
from selfwright.core.errors import SandboxError
from selfwright.core.limits import Limits
from selfwright.core.noise import Noise, worst
from selfwright.ports.sandbox import Sandbox

HOLDER = """
import sys
from selfwright.bench.machine import turn

def tell(waits): print("waits" if waits else "goes on", flush=True)

with turn(alone=sys.argv[1] == "alone", tell=tell):
    print("in", flush=True)
    sys.stdin.readline()
"""


class Somebody:
    """A process that takes a turn, says what it does, and leaves when it is told."""

    def __init__(self, how: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate("\n")

    def is_quiet(self) -> bool:
        """Whether it has said nothing more and runs; asked after somebody else, who came later, has spoken."""
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        said = self.process.stdout.readline()
        os.set_blocking(self.process.stdout.fileno(), True)
        return said == "" and self.process.poll() is None


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Somebody]]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    found: list[Somebody] = []
    yield found
    for somebody in found:
        somebody.process.kill()
        somebody.process.communicate()
    tempfile.tempdir = None


def test_many_share_and_one_is_alone(people: list[Somebody]) -> None:
    for how in ("shared", "shared"):
        people.append(Somebody(how))
        assert people[-1].says() == "in"
    people.append(Somebody("alone"))
    assert people[2].says() == "waits"
    people[0].leave()
    people.append(Somebody("shared"))
    assert people[3].says() == "waits"  # it came later: the one before it is not starved
    assert people[2].is_quiet()
    people[1].leave()
    assert [people[2].says(), people[2].says()] == ["goes on", "in"]
    assert people[3].is_quiet()
    people[2].leave()
    assert [people[3].says(), people[3].says()] == ["goes on", "in"]


def test_the_dead_hold_nothing(people: list[Somebody]) -> None:
    people += [Somebody("alone")]
    assert people[0].says() == "in"
    people.append(Somebody("shared"))
    assert people[1].says() == "waits"
    people[0].process.kill()
    assert [people[1].says(), people[1].says()] == ["goes on", "in"]


def test_a_lock_that_is_no_file_of_ours_is_refused(people: list[Somebody], tmp_path: Path) -> None:
    (tmp_path / f"selfwright-{os.getuid()}.room").symlink_to("/etc/passwd")
    with (
        pytest.raises(SandboxError, match=r"\.room, by which workers share the machine: .*; remove it"),
        turn(alone=True, tell=lambda waits: None),
    ):
        pass


@pytest.mark.parametrize("plant", ["linked", "fifo", "folder", "other"])
def test_a_lock_that_somebody_else_planted_is_refused(people: list[Somebody], tmp_path: Path, plant: str) -> None:
    path = tmp_path / f"selfwright-{os.getuid()}.door"
    if plant == "linked":
        (tmp_path / "ours").write_text("precious")
        path.hardlink_to(tmp_path / "ours")
    elif plant == "fifo":
        os.mkfifo(path)
    elif plant == "folder":
        path.mkdir()
    elif os.getuid() == 0:
        path.touch()
        os.chown(path, 65534, 65534)
    else:  # an ordinary user can not make a file another's
        path.symlink_to("/etc/passwd")
    with (
        pytest.raises(SandboxError, match=r"\.door, by which workers share the machine: .*; remove it"),
        turn(alone=False, tell=lambda waits: None),
    ):
        pass


def test_noise_is_that_of_the_time_between() -> None:
    meter = Meter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nivcsw
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    others = [subprocess.Popen([sys.executable, "-c", spin]) for _ in range(2 * (os.cpu_count() or 1))]
    for other in others:
        other.wait()
    noise = meter.read()
    assert noise.switches >= resource.getrusage(resource.RUSAGE_CHILDREN).ru_nivcsw - before > 0
    assert 0 <= noise.steal <= 1
    assert noise.load > 0


@pytest.fixture
def crowded_core() -> Iterator[None]:
    """One core for this process and what it starts, which somebody else wants too."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    yield
    os.sched_setaffinity(0, cores)
    other.kill()
    other.wait()


SPIN = """
import time
def spin():
    while time.process_time() < 0.3: pass
"""


@pytest.mark.parametrize("command", [False, True])
@pytest.mark.usefixtures("crowded_core")
def test_noise_is_that_of_boxes_too(sandbox: Sandbox, command: bool) -> None:
    made = make_sandbox(sandbox.name)
    candidate = Candidate(files={"p.py": SPIN.encode()}, program="p.py", sandbox=made, limits=Limits())
    meter, before = Meter(lambda: made.switches), resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw
    outcome = candidate.run(["python", "-c", SPIN + "spin()"]) if command else candidate.call("spin")
    noise, own = meter.read(), resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw - before
    made.close()
    assert outcome.ok
    assert noise.switches - own > 5


def test_the_worst_of_several() -> None:
    quiet, loud = Noise(steal=0.1, switches=3, load=0.5), Noise(steal=0.0, switches=9, load=4.0)
    assert worst([quiet, None, loud]) == Noise(steal=0.1, switches=9, load=4.0)
    assert worst([None]) is None
    assert str(loud) == "0.0% stolen, 9 involuntary switches, load 4.0"


def _faults_of_large_blocks() -> int:
    """Return how many pages were got anew for blocks whose like were freed before."""
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        blocks = [bytearray(4_000_000) for _ in range(3)]
        del blocks
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="others take no notice")
def test_memory_is_kept_where_it_is_asked_for() -> None:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as kept, ProcessPoolExecutor(1, mp_context=spawn) as plain:
        kept.submit(keep_memory).result()
        assert kept.submit(_faults_of_large_blocks).result() < 300
        assert plain.submit(_faults_of_large_blocks).result() > 1000
