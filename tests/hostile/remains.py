"""What an attack may leave on the host: found by the marker that it was told to use, and by counting."""

from __future__ import annotations

import contextlib
import os
import site
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterable
from pathlib import Path

from selfwright.bench.session import GUEST
from tests.hostile import kernel

BENCH = str(Path(GUEST).parent)
LIBRARIES = tuple(dict.fromkeys([*site.getsitepackages(), sysconfig.get_paths()["stdlib"]]))
PLACES = (
    *("/", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/usr", str(Path.home()), BENCH, *LIBRARIES),
    *(f"{place}/__pycache__" for place in (BENCH, *LIBRARIES)),
    *(place for place in (*sys.path, site.getusersitepackages()) if os.path.isabs(place)),
)
_STEADY, _LOOK_S = 5, 0.05  # so many looks must be alike
_CONTROLLERS = ("memory", "pids", "cpuacct")


def marked(marker: str, places: Iterable[str] = PLACES) -> list[str]:
    """What lies in places that were handed out or that a program might guess, and has a name with this beginning."""
    found = []
    for place in dict.fromkeys(places):
        with contextlib.suppress(OSError):
            found += [os.path.join(place, name) for name in os.listdir(place) if name.startswith(marker)]
    return found


def sweep(marker: str, places: Iterable[str] = PLACES) -> None:
    """Remove it, and keys of that name."""
    for line in Path("/proc/keys").read_text().splitlines():
        if f" {marker}" in line:
            kernel.drop_key(int(line.split()[0], 16))
    left = marked(marker, places)
    subprocess.run(["rm", "-rf", "--one-file-system", "--", *left], capture_output=True, check=False)


def _processes() -> dict[str, str]:
    """Number → name, state, parent; without the dead that process 1, which is ours, has still to bury."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            name, _, rest = Path(f"/proc/{entry}/stat").read_text().partition("(")[2].rpartition(")")
            state, parent = rest.split()[:2]
            if (state, parent) != ("Z", "1"):
                found[entry] = f"{name} ({state}, child of {parent})"
    return found


def cgroups() -> list[str]:
    """The folders of the control groups that this process is in, where it could make or change one."""
    found = []
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for root in (f"/sys/fs/cgroup/{controllers}", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
            if controllers in (*_CONTROLLERS, "") and os.path.exists(f"{root}/cgroup.procs"):
                own = f"{root}{path}".rstrip("/")  # a container sees it as the topmost
                found.append(own if os.path.isdir(own) else root)
                break
    return [*dict.fromkeys([*found, *map(str, divided())])]


def divided() -> list[Path]:
    """Our own group of version 2 and that above it, of those whose children can be bound."""
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    own = Path("/sys/fs/cgroup" + "".join(line.removeprefix("0::") for line in lines if line.startswith("0::")))
    found = []
    for folder in (own, own.parent):
        with contextlib.suppress(OSError):
            if {"memory", "pids"} <= {*(folder / "cgroup.subtree_control").read_text().split()}:
                found.append(folder)
    return found


class Remains:
    """Looks for what was not there before.

    Args:
        marker: A name that nothing else on this machine has; attacks are told to use it.
    """

    def __init__(self, marker: str, temporary: Path) -> None:
        self._marker = marker
        self._temporary = temporary
        self._queue = ("/" + marker).encode()
        self._cgroups = cgroups()
        self.target: dict[str, object] = {
            "marker": marker, "temporary": str(temporary), "libraries": list(LIBRARIES), "cgroups": self._cgroups,
            "guest_folder": BENCH, "writable": ["/dev/shm", "/var/tmp"], "results": os.getcwd(),
            "sysv_key": int.from_bytes(os.urandom(3), "big") + 1, "nr": kernel.NUMBERS,
        }  # fmt: skip
        self.secrets: dict[str, str] = {}
        self._name = socket.gethostname()
        self._before = self._picture()

    def settle(self) -> None:
        """Take what is there now for what was there before: the adapter has started what it keeps, or is about to."""
        steady = 0
        while steady < _STEADY:
            before, self._before = self._before, self._picture()
            steady = steady + 1 if before == self._before else 0
            time.sleep(_LOOK_S)

    def offences(self) -> list[str]:
        """What is there and was not."""
        now = self._picture()
        more = [name for name in self._before if isinstance(self._before[name], int)]
        left = [f"{now[name] - self._before[name]} more {name}" for name in more if now[name] > self._before[name]]
        if now["processes"] > self._before["processes"]:
            left.append(f"among them {', '.join(list(_processes().values())[-3:])}")
        left += [f"left: {path!r}" for path in self._files()[:3]]
        if kernel.find_key(self._marker) >= 0:
            left.append("left: a key in the keyring")
        queue = kernel.libc.mq_open(self._queue, os.O_RDONLY)
        if queue >= 0:
            os.close(queue)
            left.append("left: a message queue")
        if self._marker in Path("/proc/net/unix").read_text():
            left.append("left: an abstract socket")
        if self._name != socket.gethostname():
            left.append("the name of the host was changed")
        return left

    def close(self) -> None:
        """Remove all of it."""
        sweep(self._marker)
        for path in (sys.executable, os.__file__, "/", "/usr", str(self.target["guest_folder"])):
            with contextlib.suppress(OSError):
                os.removexattr(path, f"user.{self._marker}")
        kernel.libc.mq_unlink(self._queue)
        kernel.drop_key(kernel.find_key(self._marker))

    def _picture(self) -> dict[str, int]:
        return {
            "processes": len(_processes()),
            "open descriptors": len(os.listdir("/proc/self/fd")),
            "mounts": len(Path("/proc/self/mountinfo").read_text().splitlines()),
            "control groups": sum(len(next(os.walk(place))[1]) for place in self._cgroups),
            "temporary files": len(os.listdir(self._temporary)),
            "System V objects": sum(
                len(Path(f"/proc/sysvipc/{kind}").read_text().splitlines()) for kind in ("shm", "sem", "msg")
            ),
        }

    def _files(self) -> list[str]:
        return marked(self._marker, [*PLACES, os.getcwd(), str(self._temporary), *self._cgroups])
