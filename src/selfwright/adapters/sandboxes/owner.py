"""Names that say which supervisor something belongs to, so that what a killed one left can be swept by the next."""

import os
import socket
from functools import cache

import psutil


def prefix() -> str:
    """Return what the names of all that this process makes begin with: machine, process namespace, process."""
    return f"{_ours()}{os.getpid()}-"


def pattern() -> str:
    """Return a glob for what supervisors of this machine and namespace of processes have made."""
    return f"{_ours()}*-*"


def is_stale(name: str) -> bool:
    """Whether the supervisor in a name of this pattern has ended."""
    pid = name.removeprefix(_ours()).partition("-")[0]
    return pid.isdecimal() and not psutil.pid_exists(int(pid))


@cache
def _ours() -> str:
    try:
        # Containers may share a temporary folder and a host name, and yet each count processes from 1.
        namespace = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:  # not Linux
        namespace = "0"
    return f"selfwright-{socket.gethostname()}-{namespace}-"
