"""Control groups, version 1 and 2: what a box and everything in it may use in all, what it used, and its end at once.

A box's group is made beside or below our own, so that whatever bounds us bounds it too.
"""

import errno
import logging
import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from io import FileIO
from itertools import count
from pathlib import Path

from selfwright.adapters.sandboxes import owner
from selfwright.core.errors import SandboxError

UNCOUNTED = (
    "for want of a cgroup, memory and CPU time of several processes are looked at twenty times a second; not counted "
    "are buffers of pipes and sockets, shared memory that was let go of, and, where programs may be executed, children "
    "that end sooner, not waited for"
)
"""What is missing where no group can be made."""

_CONTAINER = (
    "in a container: docker run --security-opt writable-cgroups=true (Docker 28), "
    "podman run --security-opt unmask=/sys/fs/cgroup"
)
_V2 = "v2"
_NEEDED = ("memory", "pids")
_ALSO = ("cpuacct",)
_LEAF = "selfwright"
_LOOKS = 20  # what is moved may fork meanwhile
_REMOVAL_S = 5
_numbers = count()
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where groups can be made on this machine.

    Attributes:
        folders: Controller (version 1) or ``v2`` → the folder below which a group is made.
        why: Where they can not be made: why, and the mend.
    """

    folders: dict[str, Path]
    why: str = ""

    @property
    def offered(self) -> bool:
        """Whether memory and number of tasks can be bound."""
        return bool(self.folders)


@cache
def place() -> Place:
    """Find out, by making a group and removing it; and sweep what killed supervisors of this machine left."""
    folders = _find_v2() or _find_v1()
    if not folders:
        return Place(folders={}, why=_why_nowhere())
    found = Place(folders=folders)
    try:
        for folder in folders.values():
            _sweep(folder)
        group = Cgroup(found)
        try:
            group.bind(memory_bytes=1 << 30, tasks=16)
        finally:
            group.remove()
    except OSError as error:
        mend = _CONTAINER if error.errno == errno.EROFS else "run as root"
        return Place(folders={}, why=f"no cgroup can be made in {error.filename}: {error.strerror}; {mend}")
    return found


class Cgroup:
    """One group, for one box.

    Raises:
        OSError: The kernel refuses; nothing of it is left.
    """

    def __init__(self, where: Place) -> None:
        name = f"{owner.prefix()}{next(_numbers)}"
        self._folders = {controller: folder / name for controller, folder in where.folders.items()}
        made: list[Path] = []
        try:
            for folder in self._folders.values():
                folder.mkdir()
                made.append(folder)
        except OSError:
            for folder in made:
                folder.rmdir()
            raise
        self._memory = self._folders.get(_V2) or self._folders["memory"]
        self._seen_bytes = 0

    def bind(self, *, memory_bytes: int, tasks: int) -> None:
        """Bound what everything in it uses.

        Raises:
            OSError: The kernel refuses.
        """
        if group := self._folders.get(_V2):
            _write(group / "memory.max", memory_bytes)
            _write(group / "pids.max", tasks)
            for file, value in (("memory.swap.max", 0), ("memory.oom.group", 1)):
                with suppress(OSError):  # a kernel without swap, or of before 4.19
                    _write(group / file, value)
            return
        _write(self._folders["memory"] / "memory.limit_in_bytes", memory_bytes)
        with suppress(OSError):  # a kernel that does not account swap
            _write(self._folders["memory"] / "memory.memsw.limit_in_bytes", memory_bytes)
        _write(self._folders["pids"] / "pids.max", tasks)

    @contextmanager
    def doors(self) -> Iterator[list[int]]:
        """Hold descriptors by which whoever writes 0 to each of them enters."""
        with ExitStack() as opened:
            doors = [opened.enter_context(FileIO(folder / "cgroup.procs", "w")) for folder in self._folders.values()]
            yield [door.fileno() for door in doors]

    def add(self, pid: int) -> None:
        """Put a process into it, unless it is in it; what that forks from now on is in it too."""
        for folder in self._folders.values():
            if pid not in _pids(folder):
                _write(folder / "cgroup.procs", pid)

    def cpu_s(self) -> float:
        """Return the CPU time of everything that is or was in it, orphans included; 0 where nobody counts."""
        if group := self._folders.get(_V2):
            return _entry(group / "cpu.stat", "usage_usec") / 1e6
        group = self._folders.get("cpuacct")
        return int((group / "cpuacct.usage").read_text()) / 1e9 if group else 0.0

    def peak_memory_bytes(self) -> int:
        """Return the most memory that all of it held at once: tmpfs, memfd and pipes included."""
        file = "memory.peak" if _V2 in self._folders else "memory.max_usage_in_bytes"
        try:
            return int((self._memory / file).read_text())
        except FileNotFoundError:  # before kernel 5.19 it is known by looking
            self._seen_bytes = max(self._seen_bytes, int((self._memory / "memory.current").read_text()))
            return self._seen_bytes

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed something in it for want of memory."""
        file = "memory.events" if _V2 in self._folders else "memory.oom_control"
        return _entry(self._memory / file, "oom_kill") > 0

    def kill(self) -> set[int]:
        """Kill everything in it, what it forks meanwhile included; return the process ids."""
        killed: set[int] = set()
        deadline = time.monotonic() + _REMOVAL_S
        while (pids := _pids(self._memory)) and time.monotonic() < deadline:
            killed |= pids
            with suppress(OSError):  # at once; of version 2, from kernel 5.14
                _write(self._memory / "cgroup.kill", 1)
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        return killed

    def remove(self) -> None:
        """Remove it once everything in it is dead; a rest is logged, never raised, and swept another time."""
        deadline = time.monotonic() + _REMOVAL_S
        for folder in self._folders.values():
            while not _removed(folder):
                if time.monotonic() > deadline:
                    _logger.warning("could not remove the cgroup %s", folder)
                    return
                time.sleep(0.001)


def _removed(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:  # the last of it is still on its way out
        return False
    return True


def _write(file: Path, value: int) -> None:
    descriptor = os.open(file, os.O_WRONLY)
    try:
        os.write(descriptor, b"%d" % value)
    except OSError as error:
        error.filename = str(file)
        raise
    finally:
        os.close(descriptor)


def _pids(folder: Path) -> set[int]:
    """Return what is in a group, as this process numbers it; 0 stands for what it can not see."""
    return {int(pid) for pid in (folder / "cgroup.procs").read_text().split()}


def _entry(file: Path, name: str) -> int:
    for line in file.read_text().splitlines():
        key, _, value = line.partition(" ")
        if key == name:
            return int(value)
    return 0


def _sweep(folder: Path) -> None:
    for left in folder.glob(owner.pattern()):
        if owner.is_stale(left.name):
            _removed(left)


# ----------------------------------------------------------------------------------------------------------- where


def _find_v1() -> dict[str, Path]:
    """Return the folders of our own groups, by controller."""
    mounts, own = dict(_mounts("cgroup")), _own()
    found = {}
    for controller in (*_NEEDED, *_ALSO):
        folder = _below(mounts.get(controller), own.get(controller, "/"))
        if folder is not None:
            found[controller] = folder
    return found if all(controller in found for controller in _NEEDED) else {}


def _find_v2() -> dict[str, Path]:
    """Return a folder whose children have both controllers: our own group, or that above it.

    A group that holds processes can not have children with controllers, the topmost aside, and ours holds at least us.
    So the last resort is to move all that it holds into a leaf of it: what is delegated to us is ours to divide.
    """
    own, top = _own_v2()
    if own is None:
        return {}
    for folder in (own, *([own.parent] if own != top else [])):
        if _divides(folder):
            return {_V2: folder}
    return {_V2: own} if _is_ours(own) and _empty(own) and _divides(own) else {}


def _own_v2() -> tuple[Path | None, Path | None]:
    """Return our own group of version 2, and the topmost that can be seen."""
    top = next((folder for _, folder in _mounts("cgroup2")), None)
    return _below(top, _own().get("", "/")), top


def _is_ours(folder: Path) -> bool:
    """Whether its children could have both controllers, and we may enter and divide it."""
    files = ("", "cgroup.procs", "cgroup.subtree_control")
    return not _lacking(folder) and all(os.access(folder / file, os.W_OK) for file in files)


def _divides(folder: Path) -> bool:
    """Whether its children have both controllers, now that they were asked for."""
    if not _is_ours(folder):
        return False
    control = folder / "cgroup.subtree_control"
    with suppress(OSError):  # it holds processes
        if not set(_NEEDED) <= set(control.read_text().split()):
            control.write_text("".join(f"+{each} " for each in _NEEDED))
        return True
    return False


def _empty(folder: Path) -> bool:
    """Move what a group holds into a leaf of it; return whether all of it is there."""
    leaf = folder / _LEAF
    try:
        leaf.mkdir(exist_ok=True)
        for _ in range(_LOOKS):
            pids = _pids(folder)
            if not pids or 0 in pids:  # those of another namespace can not be moved from here
                return not pids
            for pid in pids:
                with suppress(ProcessLookupError):
                    _write(leaf / "cgroup.procs", pid)
    except OSError:
        return False
    return False


def _lacking(folder: Path) -> list[str]:
    try:
        offered = (folder / "cgroup.controllers").read_text().split()
    except OSError:  # in a namespace of groups that we are not in, ours has a name that leads nowhere
        offered = []
    return [each for each in _NEEDED if each not in offered]


def _why_nowhere() -> str:
    own, top = _own_v2()
    if own is None or top is None or _lacking(top):
        return "no cgroup controllers 'memory' and 'pids' are mounted; mount /sys/fs/cgroup"
    if os.statvfs(own).f_flag & os.ST_RDONLY:
        return f"{top} can only be read; {_CONTAINER}"
    return (
        f"our cgroup, {own}, is not ours to divide"
        + (f" or has no {' and '.join(_lacking(own))}" if _lacking(own) else "")
        + "; run as root, or in one that is delegated: systemd-run --user --scope -p Delegate=yes selfwright ..."
    )


def _below(mount: Path | None, path: str) -> Path | None:
    """Return the folder of a group; in a container the path may start above what is mounted."""
    if mount is None:
        return None
    folder = mount / path.lstrip("/")
    return folder if folder.is_dir() else mount


def _mounts(kind: str) -> Iterator[tuple[str, Path]]:
    """Yield (controller, where) of the hierarchies; the controller of version 2 is called so."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        fields, _, rest = line.partition(" - ")
        found, _, options = rest.split(maxsplit=2)
        if found == kind:
            for name in [_V2] if kind == "cgroup2" else options.split(","):
                yield name, Path(fields.split()[4])


def _own() -> dict[str, str]:
    """Return our own groups, by controller; that of version 2 has no name."""
    found: dict[str, str] = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        found |= dict.fromkeys(controllers.split(","), path)
    return found


def make() -> Cgroup | None:
    """Return a group that bounds nothing yet, or None where this machine offers none.

    Raises:
        SandboxError: It offers them, and yet refuses this one.
    """
    where = place()
    if not where.offered:
        return None
    try:
        return Cgroup(where)
    except OSError as error:
        raise SandboxError(f"no cgroup for a box: {error.filename}: {error.strerror}") from error
