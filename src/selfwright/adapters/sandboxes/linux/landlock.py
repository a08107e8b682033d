"""Landlock: which files this process and its descendants may touch, for good.

Rights by version of the interface: https://docs.kernel.org/userspace-api/landlock.html
"""

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from selfwright.adapters.sandboxes.linux import libc

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_FIFO, _MAKE_SYM = 16, 32, 128, 256, 1024, 4096
_FIRST = (1 << 13) - 1
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_TCP = 3  # bind, connect
_SCOPED = 3  # abstract sockets, signals
_VERSION = 1
_PATH_BENEATH = 1


def version() -> int:
    """Return the version of the kernel's interface; 0 where there is none."""
    try:
        return libc.syscall("landlock_create_ruleset", None, ctypes.c_size_t(0), _VERSION)
    except OSError:
        return 0


def restrict(
    *, read: Iterable[str], write: Iterable[str], list_: Iterable[str] = (), network: bool = False
) -> None:  # fmt: skip
    """Allow reading and executing below ``read``, writing too below ``write``, listing below ``list_``; nothing else.

    Where the kernel can, TCP is denied too (version 4), and signals and abstract sockets to processes outside (6).
    Paths that are not there are left out. Needs ``gain_nothing`` before, or a capability.

    Args:
        network: Grant TCP.
    """
    known = version()
    if not known:
        raise OSError("landlock: this kernel does not have it, or its configuration leaves it out (lsm=)")
    handled = _FIRST | (_REFER if known >= 2 else 0) | (_TRUNCATE if known >= 3 else 0)
    handled |= _IOCTL_DEV if known >= 5 else 0
    attributes = struct.pack("<QQQ", handled, 0 if network or known < 4 else _TCP, _SCOPED if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset = libc.syscall("landlock_create_ruleset", attributes, ctypes.c_size_t(size), 0)
    try:
        reading = _EXECUTE | _READ_FILE | _READ_DIR
        writing = (
            _WRITE_FILE
            | _REMOVE_DIR
            | _REMOVE_FILE
            | _MAKE_DIR
            | _MAKE_REG
            | _MAKE_FIFO
            | _MAKE_SYM
            | _REFER
            | _TRUNCATE
        )
        for path in read:
            _allow(ruleset, path, reading)
        for path in list_:
            _allow(ruleset, path, _READ_DIR)
        for path in write:
            _allow(ruleset, path, (reading | writing) & handled)
        libc.syscall("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
        libc.syscall("landlock_add_rule", ruleset, _PATH_BENEATH, struct.pack("<Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)
