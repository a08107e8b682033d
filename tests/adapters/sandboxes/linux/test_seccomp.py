"""The filter, loaded in children: what it denies, what it leaves, and what each switch grants."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from selfwright.adapters.sandboxes.linux import libc, namespace, privilege
from selfwright.adapters.sandboxes.linux.seccomp import Filter
from tests.adapters.sandboxes.linux.forked import attempt, in_child

CACHESTAT, CLONE3, MEMFD_SECRET = 451, 435, 447
NOWHERE = -1


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


def pair(family: int = socket.AF_UNIX, kind: int = socket.SOCK_STREAM) -> bool:
    for each in socket.socketpair(family, kind):
        each.close()
    return True


def datagrams() -> bool:
    return pair(kind=socket.SOCK_DGRAM)


def raw_datagrams() -> bool:
    return pair(kind=socket.SOCK_RAW)  # for this family the same, by another name


def packets_with_an_address() -> bool:
    near, far = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    near.sendto(b"x", "\0selfwright-nobody")
    return far.recv(10) == b"x"  # as ever to the other side


def larger_buffer() -> bool:
    near, far = socket.socketpair()
    with near, far:
        near.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
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


def let_the_kernel_bury_children() -> bool:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    return True


@pytest.mark.parametrize(
    ("call", "switch"),
    [
        (let_the_kernel_bury_children, "execute"),
        (open_socket, "network"),
        (datagrams, "network"),
        (raw_datagrams, "network"),
        (larger_buffer, "network"),
        (memory_file, "anonymous"),
        (signal_the_parent, "signals"),
        (change_a_mode, "namespaced"),
    ],
)
def test_a_switch_grants_what_is_denied_without(call: Callable[[], bool], switch: str) -> None:
    assert under(call, **{switch: False}) in ("EPERM", "ENOSYS")
    assert under(call, **{switch: True}) is True


def test_limits_of_others_stay_and_ones_own_can_be_lowered() -> None:
    assert under(lambda: resource.prlimit(os.getppid(), resource.RLIMIT_FSIZE), execute=True) == "EPERM"
    assert under(lambda: resource.prlimit(0, resource.RLIMIT_CORE, (0, 0)) is not None, execute=True) is True


def test_connected_pairs_are_there_and_lead_nowhere_else() -> None:  # Rust starts programs with one of packets
    assert under(pair) is True
    assert under(packets_with_an_address) is True


def test_programs_are_executed_only_where_that_is_granted() -> None:
    assert under(run_true) == "EPERM"
    assert under(run_true, execute=True) == "ended: 0"


@pytest.mark.parametrize(
    "name",
    ["bpf", "io_uring_setup", "keyctl", "mount", "perf_event_open", "pidfd_getfd", "process_vm_readv", "ptrace",
     "setns", "unshare", "userfaultfd", "umount2", "pivot_root", "chroot", "reboot", "shmget",
     "mq_open", "sched_setaffinity", "inotify_init1", "inotify_add_watch"],
)  # fmt: skip
def test_what_reaches_into_the_kernel_or_others_is_denied(name: str) -> None:
    assert under(lambda: raw(libc.NUMBERS[name], 0, 0, 0, 0, 0, 0), execute=True, network=True) == "EPERM"


def test_what_the_c_library_can_do_without_is_absent() -> None:
    named = [libc.NUMBERS[name] for name in ("mincore", "flock", "io_setup", "io_submit")]
    for number in (CACHESTAT, CLONE3, MEMFD_SECRET, *named, libc.NEWEST + 1, libc.NEWEST + 1000):
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
        flags = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
        pairs = [pair(), pair(kind=socket.SOCK_STREAM | flags)]
        return [*done, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), *pairs, signal_oneself()]

    assert under(work, signals=False) == ["thread", 7, True, True, True]


@pytest.mark.parametrize(
    ("name", "arguments"), [("fadvise64", ()), ("readahead", ()), ("madvise", (0, 20)), ("madvise", (0, 21))]
)
def test_advice_on_the_cache_that_all_share_is_not_followed(name: str, arguments: tuple[int, ...]) -> None:
    assert attempt(lambda: raw(libc.NUMBERS[name], NOWHERE, *arguments)) in ("EBADF", "EINVAL")
    assert under(lambda: raw(libc.NUMBERS[name], NOWHERE, *arguments)) == 0


def test_a_read_never_tells_whether_it_would_wait() -> None:
    def read(flags: int) -> Any:
        with open(os.__file__, "rb") as file:
            return attempt(lambda: os.preadv(file.fileno(), [bytearray(1)], 0, flags))

    assert under(lambda: [read(0), read(os.RWF_NOWAIT), read(os.RWF_HIPRI)]) == [1, "ENOTSUP", "ENOTSUP"]


@pytest.mark.parametrize("command", [fcntl.F_SETLEASE, fcntl.F_NOTIFY])
def test_nobody_is_told_when_others_open_a_file(command: int) -> None:
    def watch() -> int:
        return fcntl.fcntl(os.open(os.path.dirname(os.__file__), os.O_RDONLY), command, 0)

    assert under(watch) == "EPERM"


def test_programs_that_give_advice_work(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x" * 300_000)
    script = "cat in > cat && cp in cp && sort in > sort && tar -cf tar in && dd if=in of=dd iflag=nocache 2>/dev/null"

    def run() -> None:
        os.chdir(tmp_path)
        os.execv("/bin/sh", ["sh", "-c", script])

    assert under(run, execute=True) == "ended: 0"
    assert {path.name for path in tmp_path.iterdir()} == {"in", "cat", "cp", "sort", "tar", "dd"}
    assert (tmp_path / "cp").read_bytes() == (tmp_path / "cat").read_bytes() == (tmp_path / "in").read_bytes()


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
