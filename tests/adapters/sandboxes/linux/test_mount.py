"""Mounts, in children with a mount namespace of their own; the host's are as before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from selfwright.adapters.sandboxes.linux import mount, namespace
from tests.adapters.sandboxes.linux.forked import attempt, in_child


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name in ("a", "b", "a/old"):
        (tmp_path / name).mkdir()
    before = Path("/proc/self/mountinfo").read_text()
    yield tmp_path
    assert Path("/proc/self/mountinfo").read_text() == before


def enter() -> None:
    """Have a mount namespace to oneself, whoever runs the tests."""
    uid, gid = os.geteuid(), os.getegid()
    proc = os.open("/proc", os.O_PATH)
    if uid:
        namespace.unshare("user")
        namespace.map_root(uid, gid, proc=proc)
    namespace.unshare("mount")
    mount.make_private()


def test_memory_is_bound_in_size_and_in_files(place: Path) -> None:
    def fill() -> list[Any]:
        enter()
        mount.tmpfs(str(place / "b"), size=1 << 16, files=3, mode="755")
        full = attempt(lambda: (place / "b" / "large").write_bytes(bytes(1 << 17)))
        (place / "b" / "second").touch()
        return [full, attempt((place / "b" / "third").touch), len(os.listdir(place / "b"))]

    assert in_child(fill) == ["ENOSPC", "ENOSPC", 2]
    assert os.listdir(place / "b") == []


def test_what_is_bound_is_the_same_and_can_be_made_read_only_with_all_below(place: Path) -> None:
    def bind() -> list[Any]:
        enter()
        mount.tmpfs(str(place / "a" / "old"), size=1 << 16, files=8, mode="755")
        mount.bind(str(place / "a"), str(place / "b"))
        (place / "b" / "new").write_text("through the other")
        mount.restrict(str(place / "b"), "rdonly")
        return [
            (place / "a" / "new").read_text(), attempt((place / "b" / "newer").touch),
            attempt((place / "b" / "old" / "newer").touch), attempt((place / "a" / "newer").touch),
        ]  # fmt: skip

    assert in_child(bind) == ["through the other", "EROFS", "EROFS", None]


def test_after_a_pivot_the_old_root_is_gone(place: Path) -> None:
    def turn() -> list[Any]:
        enter()
        mount.tmpfs(str(place / "b"), size=1 << 16, files=8, mode="755")
        (place / "b" / "only").touch()
        mount.pivot(str(place / "b"))
        return [os.listdir("/"), attempt(lambda: os.listdir(str(place))), os.getcwd()]

    assert in_child(turn) == [["only"], "ENOENT", "/"]


def test_a_refusal_names_source_and_target() -> None:
    def fail() -> None:
        enter()
        try:
            mount.bind("/not/there", "/neither")
        except OSError as error:
            raise ValueError(str(error)) from error

    assert "No such file or directory: mount /not/there at /neither" in in_child(fail)
