"""Namespaces: what this process and its children see of the system."""

import errno
import os
from contextlib import suppress
from functools import cache, reduce
from pathlib import Path

from selfwright.adapters.sandboxes.linux import libc

_FLAGS = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
}

NOBODY = 65534
_CAP_SYS_ADMIN = 21
_ALWAYS_THERE = "/proc/sys/fs/binfmt_misc"  # over an empty folder, which hides nothing
_SWITCHES = (
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
    ("kernel/unprivileged_userns_clone", "0", "1"),
    ("user/max_user_namespaces", "0", "10000"),
)


def unshare(*names: str) -> None:
    """Leave the namespaces of these kinds for new ones; of ``pid``, only what is forked from now on is in it."""
    libc.call("unshare", reduce(lambda flags, name: flags | _FLAGS[name], names, 0))


@cache
def needs_user() -> bool:
    """Whether boxes need user namespaces of their own: it lacks CAP_SYS_ADMIN, or has nobody else to become."""
    fields = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    return not int(fields["CapEff"], 16) >> _CAP_SYS_ADMIN & 1 or not is_user(NOBODY)


def is_user(uid: int) -> bool:
    """Whether there is a user of this number here; in a user namespace there may be one alone."""
    lines = (map(int, line.split()) for line in Path("/proc/self/uid_map").read_text().splitlines())
    return any(first <= uid < first + count for first, _, count in lines)


def hides_proc() -> bool:
    """Whether something lies over parts of ``/proc``, as in a container; user namespaces get no other one then."""
    mounts = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return any(mount.startswith("/proc/") and mount != _ALWAYS_THERE for mount in mounts)


def why_denied(refusal: str = "") -> str:
    """Return what on this machine keeps us from namespaces, with the mend, after ``; ``.

    Args:
        refusal: What the kernel said.
    """
    if os.strerror(errno.ENOSPC) in refusal:
        return "; this machine, or who confines us, allows no more namespaces: sysctl -w user.max_user_namespaces=10000"
    if os.geteuid() == 0:
        return (
            "; root of a container needs it granted: docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined; or be an ordinary user there, with seccomp=unconfined alone"
        )
    for path, value, mend in _SWITCHES:
        with suppress(OSError):
            if Path(f"/proc/sys/{path}").read_text().strip() == value:
                return f"; this machine denies namespaces to users: sysctl -w {path.replace('/', '.')}={mend}"
    return "; a container's seccomp profile may deny it: docker run --security-opt seccomp=unconfined"


def enter(descriptor: int, name: str) -> None:
    """Enter the namespace that an open file of ``/proc/PID/ns`` stands for."""
    libc.call("setns", descriptor, _FLAGS[name])


def map_root(uid: int, gid: int, *, proc: int) -> None:
    """Be root in the user namespace just entered, and ``uid`` and ``gid`` outside of it.

    Args:
        proc: A descriptor of ``/proc``, which may be out of reach by name.
    """
    for file, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        descriptor = os.open(f"self/{file}", os.O_WRONLY, dir_fd=proc)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)
