"""Privileges, given up in children."""

from __future__ import annotations

import os
import resource
import select
import signal
from pathlib import Path

from selfwright.adapters.sandboxes.linux import namespace, privilege
from tests.adapters.sandboxes.linux.forked import attempt, in_child


def status(name: str) -> str:
    lines = Path("/proc/self/status").read_text().splitlines()
    [found] = [line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{name}:")]
    return found


def as_root_of_a_namespace() -> None:
    """Have capabilities to lose, whoever runs the tests."""
    uid, gid = os.geteuid(), os.getegid()
    proc = os.open("/proc", os.O_PATH)
    namespace.unshare("user")
    namespace.map_root(uid, gid, proc=proc)


def test_capabilities_are_dropped_and_bounded() -> None:
    def drop() -> list[bool]:
        as_root_of_a_namespace()
        before = int(status("CapEff"), 16) != 0
        privilege.bound_capabilities()
        privilege.drop_capabilities()
        return [before, *(int(status(name), 16) == 0 for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb"))]

    assert in_child(drop) == [True] * 6


def test_nothing_is_gained_any_more() -> None:
    assert in_child(lambda: (privilege.gain_nothing(), status("NoNewPrivs"))[1]) == "1"


def test_limits_bind_both_ways_and_are_never_raised() -> None:
    def limit() -> list[object]:
        privilege.limit({"NOFILE": 64, "CORE": 0})
        found = [resource.getrlimit(resource.RLIMIT_NOFILE), resource.getrlimit(resource.RLIMIT_CORE)]
        privilege.limit({"NOFILE": 128})
        return [*found, resource.getrlimit(resource.RLIMIT_NOFILE)]

    assert in_child(limit) == [[64, 64], [0, 0], [64, 64]]


def test_another_user_has_no_groups_and_no_way_back() -> None:
    def become() -> list[object]:
        as_root_of_a_namespace()
        uid = os.getuid()
        return [uid, attempt(lambda: privilege.become(1234, 1234))]

    if os.geteuid() == 0:
        assert in_child(
            lambda: (privilege.become(1234, 1234), [*os.getresuid(), *os.getresgid(), *os.getgroups()])[1]
        ) == ([1234] * 6)
        assert in_child(lambda: (privilege.become(1234, 1234), os.setuid(0))[1]) == "EPERM"
    else:  # refused, and said so: one user alone is mapped
        assert in_child(become) == [0, "EPERM"]


def test_memory_is_hidden_and_shown() -> None:
    assert in_child(lambda: (privilege.hide_memory(), privilege._prctl(3))[1]) == 0
    assert in_child(lambda: (privilege.hide_memory(), privilege.show_memory(), privilege._prctl(3))[2]) == 1


def test_it_dies_with_its_parent() -> None:
    alive, held = os.pipe()

    def parent() -> None:
        os.close(alive)
        ready, tell = os.pipe()
        if os.fork() == 0:
            privilege.die_with_parent()
            os.write(tell, b"x")
            signal.pause()
        os.read(ready, 1)

    assert in_child(parent) is None
    os.close(held)
    assert select.select([alive], [], [], 10)[0], "it still holds the pipe"
    os.close(alive)
