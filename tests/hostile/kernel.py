"""System calls that Python does not offer, for whoever guards and for whoever attacks."""

from __future__ import annotations

import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)
_BY_MACHINE = {
    # name: (x86_64, aarch64)
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "cachestat": (451, 451),
    "clone3": (435, 435),
    "init_module": (175, 105),
    "inotify_init1": (294, 26),
    "io_setup": (206, 0),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "swapoff": (168, 225),
    "userfaultfd": (323, 282),
}
NUMBERS = {name: numbers[platform.machine() == "aarch64"] for name, numbers in _BY_MACHINE.items()}
_USER_KEYRING = -4


def call(name: str, *arguments: object) -> int:
    """Make a system call; what it returns, or -1."""
    return int(libc.syscall(NUMBERS[name], *arguments))


def add_key(name: str, content: str) -> int:
    """Put a key into the user's keyring, readable by the user; its number."""
    key = call("add_key", b"user", name.encode(), content.encode(), len(content), _USER_KEYRING)
    call("keyctl", 5, key, 0x3F3F0000)
    return key


def find_key(name: str) -> int:
    """The number of a key in the user's keyring, or -1."""
    return call("keyctl", 10, _USER_KEYRING, b"user", name.encode(), 0)


def drop_key(key: int) -> None:
    """Take a key out of the user's keyring."""
    call("keyctl", 9, key, _USER_KEYRING)


def handle_of(path: str) -> bytes:
    """The handle that the kernel opens a file by; empty where the file system has none."""
    handle = ctypes.create_string_buffer((128).to_bytes(4, "little"), 136)
    mount = ctypes.c_int()
    found = call("name_to_handle_at", -100, os.fsencode(path), handle, ctypes.byref(mount), 0)
    return handle.raw if not found else b""
