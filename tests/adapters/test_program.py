"""A program of the person's own: what is told of it, and that nothing of it outlives its run."""

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from selfwright.adapters.program import run
from selfwright.core.errors import BadInput
from selfwright.core.status import CallStatus

STAYS = "sleep 60 & echo $! > left; "


def shell(line: str, folder: Path, timeout_s: float = 30):
    return run(["sh", "-c", line], folder, timeout_s=timeout_s)


def assert_gone(folder: Path) -> None:
    """What was left in the background ends, or is a zombie that nobody here can reap."""
    pid = int((folder / "left").read_text())
    with suppress(psutil.NoSuchProcess):
        left = psutil.Process(pid)
        if left.status() != psutil.STATUS_ZOMBIE:
            left.wait(timeout=20)  # raises where it lives on


@pytest.fixture(params=["pidfd", "looking"])
def way(request, monkeypatch) -> None:
    """Both ways to learn of an end."""
    if request.param == "looking":
        monkeypatch.delattr(os, "pidfd_open", raising=False)


@pytest.mark.usefixtures("way")
def test_a_program_that_ends_well(tmp_path):
    done = shell("pwd; cat; echo aside >&2", tmp_path)  # cat ends at once: there is nothing to read
    assert (done.status, done.payload.decode().strip(), done.log) == (CallStatus.OK, str(tmp_path.resolve()), "aside")
    assert done.wall_s > 0 and done.cpu_s > 0


@pytest.mark.usefixtures("way")
def test_the_deadline_ends_the_whole_group(tmp_path, monkeypatch):
    done = shell(STAYS + "sleep 60", tmp_path, timeout_s=0.3)
    assert (done.status, done.reason) == (CallStatus.TIMED_OUT, "it did not end within 0.3 s and was killed")
    assert done.wall_s >= 0.3
    monkeypatch.undo()  # psutil waits by it
    assert_gone(tmp_path)


def test_what_is_left_in_the_group_ends_with_it(tmp_path):
    assert shell(STAYS + "exit 0", tmp_path).status is CallStatus.OK
    assert_gone(tmp_path)


def test_how_it_failed_is_told(tmp_path):
    assert shell("exit 3", tmp_path).reason == "exit code 3"
    killed = shell("echo last words; kill -SEGV $$", tmp_path)
    assert (killed.status, killed.log) == (CallStatus.CRASHED, "last words")
    assert killed.reason == "killed by signal 11 (Segmentation fault)"


@pytest.mark.parametrize("argv", [["no-such-program"], ["./none"], ["a\0b"]])
def test_what_can_not_be_started_is_bad_input(argv, tmp_path):
    with pytest.raises(BadInput, match="can not be started"):
        run(argv, tmp_path, timeout_s=5)


def test_of_a_flood_the_last_whole_lines_are_kept(tmp_path):
    done = shell("seq 1 200000; echo n=7", tmp_path)
    lines = done.payload.decode().splitlines()
    assert len(done.payload) <= 1 << 20 and lines[-1] == "n=7"
    assert [int(line) for line in lines[:-1]] == list(range(200001 - len(lines[:-1]), 200001))


def test_a_peak_is_told_where_it_is_the_programs_own(tmp_path):
    assert shell("true", tmp_path).peak_memory_bytes == 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + (64 << 20)
    done = run([sys.executable, "-c", f"x = b'x' * {most}"], tmp_path, timeout_s=60)
    assert most <= done.peak_memory_bytes < most + (200 << 20)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system can not pin")
@pytest.mark.may_skip("macOS can not pin")
def test_pinned_to_the_last_core_and_free_again(tmp_path):
    before = os.sched_getaffinity(0)
    ask = [sys.executable, "-c", "import os; print(sorted(os.sched_getaffinity(0)))"]
    assert run(ask, tmp_path, timeout_s=30, cores=1).payload.decode().strip() == str([max(before)])
    assert run(ask, tmp_path, timeout_s=30, cores=0).payload.decode().strip() == str(sorted(before))
    assert os.sched_getaffinity(0) == before
    with pytest.raises(BadInput, match="cores were asked for"):
        run(ask, tmp_path, timeout_s=30, cores=len(before) + 1)
