"""Control groups: real ones where this machine has them, and the files of both versions as the kernel writes them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes import owner
from selfwright.adapters.sandboxes.linux import cgroup
from selfwright.bootstrap import make_sandbox
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits, Profile

UNIFIED = next(iter(folder for _, folder in cgroup._mounts("cgroup2")), Path("/nowhere"))
TAKES = """
import os, resource
print(resource.getrlimit(resource.RLIMIT_NOFILE)[1], end=" ")
try: os.memfd_create("x"), print("memfd")
except OSError: print("no memfd")
"""
SPAWN = "import subprocess, sys; subprocess.run(['sleep', '600'])"


def over(folders: dict[str, Path]) -> cgroup.Cgroup:
    """Return a group whose folders are these, however they came to be."""
    group = object.__new__(cgroup.Cgroup)
    group._folders = folders
    group._memory = folders.get("v2") or folders["memory"]
    group._seen_bytes = 0
    return group


@pytest.fixture
def v2(tmp_path: Path) -> Path:
    written = ("cgroup.procs", "memory.max", "memory.swap.max", "memory.oom.group", "pids.max")
    files = dict.fromkeys(written, "") | {
        "memory.peak": "123456\n", "memory.current": "777\n", "cpu.stat": "usage_usec 2500000\nuser_usec 2000000\n",
        "memory.events": "low 0\nhigh 0\nmax 9\noom 3\noom_kill 1\noom_group_kill 0\n",
    }  # fmt: skip
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    return tmp_path


@pytest.fixture
def v1(tmp_path: Path) -> dict[str, Path]:
    files = {
        "memory": {"memory.max_usage_in_bytes": "777\n", "memory.oom_control": "oom_kill_disable 0\noom_kill 0\n",
                   "memory.limit_in_bytes": "", "cgroup.procs": ""},
        "pids": {"pids.max": "", "cgroup.procs": ""},
        "cpuacct": {"cpuacct.usage": "1500000000\n", "cgroup.procs": ""},
    }  # fmt: skip
    for controller, content in files.items():
        (tmp_path / controller).mkdir()
        for name, text in content.items():
            (tmp_path / controller / name).write_text(text)
    return {controller: tmp_path / controller for controller in files}


def test_version_2_is_bound_and_read(v2: Path) -> None:
    group = over({"v2": v2})
    group.bind(memory_bytes=1 << 20, tasks=7)
    bounds = ("memory.max", "memory.swap.max", "memory.oom.group", "pids.max")
    assert [int((v2 / name).read_text().split()[0]) for name in bounds] == [1 << 20, 0, 1, 7]
    group.add(42)
    assert (v2 / "cgroup.procs").read_text() == "42"
    assert (group.cpu_s(), group.peak_memory_bytes(), group.ran_out_of_memory()) == (2.5, 123456, True)


def test_a_kernel_that_tells_no_peak_is_looked_at(v2: Path) -> None:
    group = over({"v2": v2})
    (v2 / "memory.peak").unlink()
    assert group.peak_memory_bytes() == 777
    (v2 / "memory.current").write_text("500\n")
    assert group.peak_memory_bytes() == 777


def test_version_1_is_bound_and_read(v1: dict[str, Path]) -> None:
    group = over(v1)
    group.bind(memory_bytes=1 << 20, tasks=7)
    assert (v1["memory"] / "memory.limit_in_bytes").read_text() == str(1 << 20)
    assert (v1["pids"] / "pids.max").read_text() == "7"
    group.add(42)
    assert {(folder / "cgroup.procs").read_text() for folder in v1.values()} == {"42"}
    assert (group.cpu_s(), group.peak_memory_bytes(), group.ran_out_of_memory()) == (1.5, 777, False)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our own group of version 2, below another, below the topmost; none of them yet divided."""
    own = tmp_path / "slice" / "own"
    own.mkdir(parents=True)
    for folder in (tmp_path, own.parent, own):
        (folder / "cgroup.controllers").write_text("cpu memory pids\n")
        for name in ("cgroup.subtree_control", "cgroup.procs"):
            (folder / name).write_text("")
    monkeypatch.setattr(cgroup, "_mounts", lambda kind: iter([("v2", tmp_path)] if kind == "cgroup2" else []))
    monkeypatch.setattr(cgroup, "_own", lambda: {"": "/slice/own"})
    return own


def refuse(monkeypatch: pytest.MonkeyPatch, *folders: Path) -> None:
    """Let these be somebody else's, also where root could write them."""
    allowed = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).parent not in folders and allowed(path, mode))


def test_a_place_in_version_2_is_divided_as_both_controllers_need(own: Path) -> None:
    assert cgroup._find_v2() == {"v2": own}
    assert (own / "cgroup.subtree_control").read_text().split() == ["+memory", "+pids"]


def test_where_our_own_is_not_ours_the_group_above_it_is_the_place(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, own)
    (own.parent / "cgroup.subtree_control").write_text("cpu memory pids\n")
    assert cgroup._find_v2() == {"v2": own.parent}
    (own.parent / "cgroup.controllers").write_text("cpu\n")
    assert cgroup._find_v2() == {}


def test_a_group_that_is_not_ours_is_said_with_the_mend(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, own, own.parent)
    why = cgroup.place.__wrapped__().why
    assert f"our cgroup, {own}, is not ours to divide; run as root" in why
    assert "systemd-run --user --scope -p Delegate=yes selfwright" in why
    (own / "cgroup.controllers").write_text("cpu pids\n")
    assert "or has no memory; run as root" in cgroup.place.__wrapped__().why


def test_a_group_that_can_only_be_read_is_said_with_the_mend(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class ReadOnly:
        f_flag = os.ST_RDONLY

    refuse(monkeypatch, own, own.parent)
    monkeypatch.setattr(os, "statvfs", lambda path: ReadOnly)
    assert "can only be read; in a container: docker run --security-opt writable-cgroups=true" in (
        cgroup.place.__wrapped__().why
    )


def test_a_name_that_leads_out_of_our_namespace_is_no_place(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "_own", lambda: {"": "/../.."})
    assert cgroup._find_v2() == {}


def test_nowhere_is_said_with_the_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "_mounts", lambda kind: iter(()))
    found = cgroup.place.__wrapped__()
    assert not found.offered
    assert "mount /sys/fs/cgroup" in found.why


def test_a_folder_that_refuses_is_said_with_the_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "_find_v2", dict)
    monkeypatch.setattr(cgroup, "_find_v1", lambda: {"memory": tmp_path, "pids": tmp_path})
    found = cgroup.place.__wrapped__()  # a folder where no kernel makes the files
    assert not found.offered
    assert f"no cgroup can be made in {tmp_path}" in found.why
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_refused_later_is_our_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(cgroup, "place", lambda: cgroup.Place(folders={"v2": tmp_path / "file"}))
    with pytest.raises(SandboxError, match="no cgroup for a box: "):
        cgroup.make()


@pytest.fixture
def real() -> Iterator[cgroup.Cgroup]:
    if not cgroup.place().offered:
        pytest.skip(cgroup.place().why)
    group = cgroup.make()
    assert group is not None
    group.bind(memory_bytes=32 << 20, tasks=4)
    yield group
    group.kill()
    group.remove()
    assert not [folder for folder in group._folders.values() if folder.exists()]


def started(*argv: str) -> subprocess.Popen[bytes]:
    """Return a process that waits for a line before it begins."""
    held = ["/bin/sh", "-c", 'read -r _ && exec "$@"', "sh", *argv]
    return subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.mark.may_skip("an ordinary user without a delegated cgroup has none")
def test_too_much_memory_is_killed_and_said(real: cgroup.Cgroup) -> None:
    with started(sys.executable, "-c", "x = bytearray(200 << 20)") as process:
        real.add(process.pid)
        process.communicate(b"\n", timeout=60)
    assert process.returncode != 0
    assert real.ran_out_of_memory()
    assert real.peak_memory_bytes() > 16 << 20
    assert real.cpu_s() > 0


@pytest.mark.may_skip("an ordinary user without a delegated cgroup has none")
def test_tasks_are_counted_together(real: cgroup.Cgroup) -> None:
    forks = "import os\nfor _ in range(9):\n    if os.fork() == 0:\n        os.read(0, 1)\n        os._exit(0)\n"
    with started(sys.executable, "-c", forks) as process:
        real.add(process.pid)
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.wait(60) != 0  # BlockingIOError at the fifth
        process.stdin.close()


@pytest.fixture
def unified() -> Iterator[Path]:
    """A real group of version 2, with or without controllers."""
    folder = UNIFIED / f"{owner.prefix()}test"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"{folder}: {error.strerror}")
    group = over({"v2": folder})
    yield folder
    group.kill()
    group.remove()
    assert not folder.exists()


@pytest.mark.may_skip("version 2 is not mounted here, or not ours to write")
def test_a_real_group_of_version_2_is_killed_as_a_whole(unified: Path) -> None:
    group = over({"v2": unified})
    with started(sys.executable, "-c", SPAWN) as process:
        group.add(process.pid)
        assert process.stdin is not None
        process.stdin.write(b"\n")
        process.stdin.flush()
        while len(cgroup._pids(unified)) < 2:
            assert process.poll() is None
        group.kill()
        assert process.wait(30) == -9
    assert group.cpu_s() >= 0


@pytest.mark.may_skip("version 2 is not mounted here, or not ours to write")
def test_what_a_real_group_of_version_2_holds_is_moved_to_a_leaf(unified: Path) -> None:
    leaf = over({"v2": unified / "selfwright"})
    with started("true") as process:
        over({"v2": unified}).add(process.pid)
        assert cgroup._empty(unified)
        assert (cgroup._pids(unified), cgroup._pids(unified / "selfwright")) == (set(), {process.pid})
        assert cgroup._empty(unified)
        leaf.kill()
    leaf.remove()


def test_what_another_namespace_holds_is_not_moved(tmp_path: Path) -> None:
    (tmp_path / "cgroup.procs").write_text("0\n")
    assert not cgroup._empty(tmp_path)


def test_what_a_dead_supervisor_left_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    ours = owner.prefix()
    stale = ours.replace(f"-{os.getpid()}-", f"-{int(dead.stdout)}-")
    for name in (f"{ours}0", f"{stale}0", "somebody-else"):
        (tmp_path / name).mkdir()
    cgroup._sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted([f"{ours}0", "somebody-else"])


@pytest.mark.parametrize("name", ["zygote", "bubblewrap", "landlock"])
def test_without_one_a_command_gets_little_that_nothing_counts(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "place", lambda: cgroup.Place(folders={}, why="none here"))
    sandbox = make_sandbox(name)
    try:
        assert cgroup.UNCOUNTED in sandbox.lacks
        job = Job(files={}, guest="", limits=Limits(profile=Profile.NATIVE))
        said = sandbox.execute(job, ("python", "-c", TAKES), stdin=b"", files={}, produce=())
    finally:
        sandbox.close()
    assert said.payload == b"256 no memfd\n", said
