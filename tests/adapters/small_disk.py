"""A disk that can be full or read-only: a small tmpfs, where this process may mount one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, *, kib: int) -> Iterator[Path]:
    """Mount `kib` KiB on `folder`; skips the test where that is not allowed."""
    folder.mkdir()
    if _run("mount", "-t", "tmpfs", "-o", f"size={kib}k,mode=0755", "tmpfs", folder).returncode:
        pytest.skip("a full or read-only disk is a small tmpfs, and mounting one needs root: run the tests as root")
    try:
        yield folder
    finally:
        _run("umount", "--lazy", folder).check_returncode()  # a test that failed may still have a file open there


def make_read_only(folder: Path) -> None:
    """Let nothing below the mounted `folder` be written any more, by root neither."""
    _run("mount", "-o", "remount,ro", folder).check_returncode()


def fill(folder: Path) -> Path:
    """Take all space that is left on the disk; return the file that takes it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1024)):
                pass
        except OSError:
            return ballast
    raise AssertionError(f"{folder} can not be filled")


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
