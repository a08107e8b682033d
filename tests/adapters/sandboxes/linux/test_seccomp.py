"""The filter, loaded in children: what it denies, what it leaves, and what each switch grants."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from selfwright.adapters.sandboxes.linux import libc, namespace, privilege
from selfwright.adapters.sandboxes.linux.seccomp import Filter
from tests.adapters.sandboxes.linux.forked import attempt, in_child

CLONE3, MEMFD_SECRET = 435, 447


def under(do: Callable[[], Any], **switches: bool) -> Any:
    def body() -> Any:
        privilege.gain_nothing()
        Filter(**switches).load()
        return do()

    return in_child(body)


def raw(number: int, *arguments: int) -> int:
    library = ctypes.CDLL(None, use_errno=True)
    if library.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return 0


def run_true() -> None:
    os.execv("/bin/true", ["true"])


def open_socket() -> bool:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    return True


def pair(family: int = socket.AF_UNIX) -> bool:
    for each in socket.socketpair(family):
        each.close()
    return True


def memory_file() -> bool:
    os.close(os.memfd_create("x"))
    return True


def signal_the_parent() -> bool:
    os.kill(os.getppid(), 0)
    return True


def signal_oneself() -> bool:
    os.kill(os.getpid(), 0)
    return True


def change_a_mode() -> bool:
    os.chmod("/dev/null", 0o666)
    return True


@pytest.mark.parametrize(
    ("call", "switch"),
    [
        (open_socket, "network"),
        (memory_file, "anonymous"),
        (signal_the_parent, "signals"),
        (change_a_mode, "namespaced"),
    ],
)
def test_a_switch_grants_what_is_denied_without(call: Callable[[], bool], switch: str) -> None:
    assert under(call, **{switch: False}) in ("EPERM", "ENOSYS")
    assert under(call, **{switch: True}) is True


def test_programs_are_executed_only_where_that_is_granted() -> None:
    assert under(run_true) == "EPERM"
    assert under(run_true, execute=True) == "ended: 0"


@pytest.mark.parametrize(
    "name",
    ["bpf", "io_uring_setup", "keyctl", "mount", "perf_event_open", "pidfd_getfd", "process_vm_readv", "ptrace",
     "setns", "unshare", "userfaultfd", "umount2", "pivot_root", "chroot", "reboot", "shmget",
     "mq_open", "sched_setaffinity"],
)  # fmt: skip
def test_what_reaches_into_the_kernel_or_others_is_denied(name: str) -> None:
    assert under(lambda: raw(libc.NUMBERS[name], 0, 0, 0, 0, 0, 0), execute=True, network=True) == "EPERM"


def test_what_the_c_library_can_do_without_is_absent() -> None:
    for number in (CLONE3, MEMFD_SECRET, libc.NEWEST + 1, libc.NEWEST + 1000):
        assert under(lambda number=number: raw(number, 0, 0)) == "ENOSYS", number


def test_what_programs_need_is_left() -> None:
    def work() -> list[Any]:
        done: list[Any] = []
        thread = threading.Thread(target=lambda: done.append("thread"))
        thread.start()
        thread.join()
        mmap.mmap(-1, 4096).close()
        child = os.fork()
        if child == 0:
            os._exit(7)
        return [*done, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), pair(), signal_oneself()]

    assert under(work, signals=False) == ["thread", 7, True, True]


def test_pairs_of_sockets_are_local_ones_only() -> None:
    refused = lambda: attempt(lambda: pair(socket.AF_INET))  # noqa: E731 - a name would say no more
    assert under(refused) == "EPERM"


def test_a_terminal_is_not_typed_into() -> None:
    def type_into() -> int:
        near, far = os.openpty()
        os.close(near)
        return fcntl.ioctl(far, 0x5412, b"x")

    assert under(type_into) == "EPERM"


def test_no_namespace_is_made_by_a_clone_either() -> None:
    assert under(lambda: raw(libc.NUMBERS["clone"], namespace._FLAGS["user"] | signal.SIGCHLD, 0)) == "EPERM"


def test_who_speaks_another_architecture_is_killed() -> None:
    if libc.MACHINE != "x86_64":
        pytest.skip("x32 is of x86_64")
    assert under(lambda: raw(0x40000000 | 39)) == f"ended: {-signal.SIGSYS}"


def test_the_filter_is_inherited_and_for_good() -> None:
    def grandchild() -> Any:
        Filter(network=True).load()  # another one takes nothing back
        return in_child(open_socket)

    assert under(grandchild) == "EPERM"
