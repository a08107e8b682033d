"""What a process may: capabilities, user, limits, and what happens to it when its parent dies."""

import ctypes
import os
import resource
import struct

from selfwright.adapters.sandboxes.linux import libc

_SET_PDEATHSIG, _SET_DUMPABLE, _DROP_BOUNDING, _SET_SUBREAPER, _SET_NO_NEW_PRIVS, _AMBIENT = 1, 4, 24, 36, 38, 47
_AMBIENT_CLEAR = 4
_SIGKILL = 9
_CAPABILITY_V3 = 0x20080522
_LAST_CAPABILITY = 63
_EINVAL = 22


def _prctl(option: int, *values: int) -> int:
    padded = (*values, 0, 0, 0, 0)[:4]
    return libc.call("prctl", option, *map(ctypes.c_ulong, padded))


def die_with_parent() -> None:
    """Be killed when the parent thread ends. A change of the user forgets this."""
    _prctl(_SET_PDEATHSIG, _SIGKILL)


def hide_memory() -> None:
    """Let no process of this user look into this one or write to it."""
    _prctl(_SET_DUMPABLE, 0)


def show_memory() -> None:
    """Take ``hide_memory`` back."""
    _prctl(_SET_DUMPABLE, 1)


def gain_nothing() -> None:
    """Let no program that is executed from now on gain a privilege (set-user-ID, file capabilities)."""
    _prctl(_SET_NO_NEW_PRIVS, 1)


def become(uid: int, gid: int) -> None:
    """Be this user, of no other group, for good."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)


def bound_capabilities() -> None:
    """Let no program that is executed bring a capability back. Needs one itself, so it comes before ``become``."""
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            _prctl(_DROP_BOUNDING, capability)
        except OSError as error:
            if error.errno == _EINVAL and capability:  # beyond the last that this kernel has
                break
            raise


def drop_capabilities() -> None:
    """Have none."""
    _prctl(_AMBIENT, _AMBIENT_CLEAR)
    libc.syscall("capset", struct.pack("<Ii", _CAPABILITY_V3, 0), bytes(24))


def limit(bounds: dict[str, int]) -> None:
    """Set soft and hard limits by the last part of their names (``NOFILE``); none is ever raised."""
    for name, bound in bounds.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        most = resource.getrlimit(kind)[1]
        allowed = bound if most == resource.RLIM_INFINITY else min(bound, most)
        resource.setrlimit(kind, (allowed, allowed))
