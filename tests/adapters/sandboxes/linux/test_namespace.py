"""Namespaces, entered in children."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes.linux import namespace
from tests.adapters.sandboxes.linux.forked import in_child

KINDS = {"mount": "mnt", "ipc": "ipc", "uts": "uts", "net": "net", "cgroup": "cgroup"}


def test_what_is_unshared_is_another_and_nothing_else() -> None:
    def names() -> dict[str, str]:
        return {kind: os.readlink(f"/proc/self/ns/{file}") for kind, file in KINDS.items()}

    def enter() -> dict[str, str]:
        uid, gid = os.geteuid(), os.getegid()
        proc = os.open("/proc", os.O_PATH)
        namespace.unshare("user")
        namespace.map_root(uid, gid, proc=proc)
        assert (os.geteuid(), os.getegid()) == (0, 0)
        namespace.unshare("mount", "ipc", "uts", "net")
        assert os.stat("/proc/self/uid_map").st_size == 0
        assert Path("/proc/self/uid_map").read_text().split() == ["0", str(uid), "1"]
        assert [name for _, name in socket.if_nameindex()] == ["lo"]
        return names()

    before, inside = names(), in_child(enter)
    assert isinstance(inside, dict), inside
    assert {kind for kind in KINDS if inside[kind] != before[kind]} == {"mount", "ipc", "uts", "net"}


def test_where_there_is_nobody_else_to_become_boxes_need_users_of_their_own() -> None:
    def enter() -> list[bool]:
        uid, gid, proc = os.geteuid(), os.getegid(), os.open("/proc", os.O_PATH)
        namespace.unshare("user")
        namespace.map_root(uid, gid, proc=proc)
        return [namespace.is_user(0), namespace.is_user(namespace.NOBODY), namespace.needs_user.__wrapped__()]

    assert in_child(enter) == [True, False, True]


def test_a_namespace_of_processes_is_entered_by_descriptor() -> None:
    def enter() -> list[int]:
        uid, gid = os.geteuid(), os.getegid()
        proc = os.open("/proc", os.O_PATH)
        own = os.open("/proc/self/ns/pid", os.O_RDONLY)
        if uid:
            namespace.unshare("user")
            namespace.map_root(uid, gid, proc=proc)
        namespace.unshare("pid")
        first = in_child(os.getpid)
        if uid:
            return [first, 2]
        namespace.enter(own, "pid")
        return [first, in_child(os.getpid)]

    first, second = in_child(enter)
    assert first == 1
    assert second > 1


def test_a_refusal_names_the_call() -> None:
    with pytest.raises(OSError, match="setns: "):
        namespace.enter(0, "pid")


def test_why_it_is_denied_names_a_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    for uid, mend in (
        (0, "docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined"),
        (1000, "sysctl -w |docker run --security-opt"),
    ):
        monkeypatch.setattr(os, "geteuid", lambda uid=uid: uid)
        assert any(word in namespace.why_denied() for word in mend.split("|"))
        refusal = "namespaces: OSError: [Errno 28] unshare: No space left on device"
        assert "sysctl -w user.max_user_namespaces=10000" in namespace.why_denied(refusal)
