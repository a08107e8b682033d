"""Mounts of this process's own mount namespace."""

import ctypes
import os
import struct
from collections.abc import Iterable

from selfwright.adapters.sandboxes.linux import libc

_FLAGS = {
    "rdonly": 1,
    "nosuid": 2,
    "nodev": 4,
    "noexec": 8,
    "remount": 32,
    "bind": 4096,
    "rec": 16384,
    "private": 1 << 18,
}
_ATTRIBUTES = {"rdonly": 1, "nosuid": 2, "nodev": 4, "noexec": 8}
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_MNT_DETACH = 2


def mount(source: str | None, target: str, kind: str | None, flags: Iterable[str], data: str | None = None) -> None:
    """Make a mount, or change one; the arguments are those of the system call."""
    number = sum(_FLAGS[flag] for flag in flags)
    source_, kind_, data_ = (None if text is None else os.fsencode(text) for text in (source, kind, data))
    try:
        libc.call("mount", source_, os.fsencode(target), kind_, ctypes.c_ulong(number), data_)
    except OSError as error:
        raise OSError(error.errno, f"{os.strerror(error.errno or 0)}: mount {source or ''} at {target}") from error


def make_private() -> None:
    """Let nothing that is mounted here be seen outside."""
    mount("none", "/", None, ("rec", "private"))


def tmpfs(target: str, *, size: int, files: int, mode: str, flags: Iterable[str] = ("nosuid", "nodev")) -> None:
    """Mount an empty file system in memory.

    Args:
        size: In bytes.
        files: Inodes, at most.
    """
    mount("tmpfs", target, "tmpfs", flags, f"size={size},nr_inodes={files},mode={mode}")


def bind(source: str, target: str) -> None:
    """Show ``source`` at ``target`` too, with everything that is mounted below it."""
    mount(source, target, None, ("bind", "rec"))


def restrict(target: str, *names: str) -> None:
    """Add ``rdonly``, ``nosuid``, ``nodev`` or ``noexec`` to the mount at ``target`` and all below it; never less."""
    attributes = struct.pack("<QQQQ", sum(_ATTRIBUTES[name] for name in names), 0, 0, 0)
    libc.syscall(
        "mount_setattr", _AT_FDCWD, os.fsencode(target), _AT_RECURSIVE, attributes, ctypes.c_size_t(len(attributes))
    )


def pivot(root: str) -> None:
    """Make ``root``, a mount, the root of everything, and let go of the old one."""
    os.chdir(root)
    libc.syscall("pivot_root", b".", b".")
    libc.call("umount2", b".", _MNT_DETACH)
    os.chdir("/")
