"""Landlock, in children: what is named can be read or written, everything else can not."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selfwright.adapters.sandboxes.linux import landlock, privilege
from tests.adapters.sandboxes.linux.forked import attempt, in_child

TCP, SCOPES = 4, 6


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str, str]:
    """One to read, one to write, one that is not named; a file in each."""
    names = [tmp_path / name for name in ("read", "write", "other")]
    for each in names:
        each.mkdir()
        (each / "file").write_text("content")
    read, write, other = map(str, names)
    return read, write, other


def restricted(do: Callable[[], Any], **named: Any) -> Any:
    def body() -> Any:
        privilege.gain_nothing()
        landlock.restrict(**named)
        return do()

    return in_child(body)


def test_only_what_is_named_can_be_touched(folders: tuple[str, str, str]) -> None:
    read, write, other = folders

    def touch() -> list[Any]:
        ways: list[Callable[[], Any]] = [
            lambda: Path(read, "file").read_text(), lambda: Path(write, "file").read_text(),
            lambda: Path(other, "file").read_text(), lambda: Path(read, "file").write_text("x"),
            lambda: Path(write, "new").write_text("x"), lambda: Path(other, "new").write_text("x"),
            lambda: os.unlink(f"{read}/file"), lambda: os.link(f"{other}/file", f"{write}/link"),
            lambda: os.listdir(other), lambda: os.rename(f"{write}/new", f"{write}/newer"),
            lambda: os.truncate(f"{read}/file", 0),
        ]  # fmt: skip
        return [attempt(way) for way in ways]

    denied = "EACCES"
    assert restricted(touch, read=(read,), write=(write, "/not/there")) == [
        "content", "content", denied, denied, 1, denied, denied, "EXDEV", denied, None, denied,
    ]  # fmt: skip
    assert Path(read, "file").read_text() == "content"


def connect() -> bool:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        return True


def test_tcp_is_a_grant_of_its_own() -> None:
    assert landlock.version() >= TCP, "this kernel is older than 6.7, for which this test has to learn a case"
    assert restricted(connect, read=("/",), write=()) == "EACCES"
    assert restricted(connect, read=("/",), write=(), network=True) is True


def test_no_signal_goes_out() -> None:
    assert landlock.version() >= SCOPES, "this kernel is older than 6.12, for which this test has to learn a case"
    assert restricted(lambda: os.kill(os.getppid(), 0), read=("/",), write=()) == "EPERM"


def test_without_landlock_nobody_is_told_that_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    with pytest.raises(OSError, match="this kernel does not have it"):
        landlock.restrict(read=("/",), write=())
