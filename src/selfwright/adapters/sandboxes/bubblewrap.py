"""The sandbox ``bubblewrap``: the namespaces of the program ``bwrap``, and inside them all that ``launch.py`` adds."""

import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from selfwright.adapters.sandboxes import root as roots
from selfwright.adapters.sandboxes.box import GuestBox, run_command
from selfwright.adapters.sandboxes.confined import LAUNCH, SOURCES, Confined
from selfwright.adapters.sandboxes.folder import Folder, sweep
from selfwright.adapters.sandboxes.launch import Configuration
from selfwright.adapters.sandboxes.linux import cgroup
from selfwright.adapters.sandboxes.process import HELD
from selfwright.adapters.sandboxes.root import DEVICES, TEMPORARY, Root, root_of
from selfwright.adapters.sandboxes.running import Running
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits, Profile

_MIB = 1 << 20
_PROGRAM = "/program"
_NOBODY = 65534
_INODES = "the number of files that a candidate makes has no bound of its own, beside that of memory: use zygote"
_OURS = ("__init__.py", "adapters/__init__.py", "adapters/sandboxes/__init__.py", "adapters/sandboxes/inside.py")
_KERNEL = "adapters/sandboxes/linux"


class BubblewrapSandbox:
    """Starts each box cold, in namespaces of its own: for machines whose kernel lets ``bwrap`` do what it lets us not.

    Args:
        launch: The script that confines from inside.

    Raises:
        SandboxError: There is no ``bwrap`` here.
    """

    name = "bubblewrap"
    contains = True

    def __init__(self, *, environment: Environment = BARE, launch: str = LAUNCH) -> None:
        self._environment = environment
        self._running = Running()
        self._lock = threading.Lock()
        self.switches = 0
        self._launch = launch
        self._bwrap = shutil.which("bwrap") or ""
        if not self._bwrap:
            raise SandboxError("there is no program bwrap here: install the package bubblewrap")
        uncounted = () if cgroup.place().offered else (cgroup.UNCOUNTED,)
        self.lacks = (_INODES, *roots.lacks(), *uncounted)
        sweep()

    def open(self, job: Job) -> GuestBox:
        folder = Folder(job.files)

        def start(streams: tuple[int, int, int]) -> Confined:
            folder.freeze()
            return self._start(job, folder, streams, ())

        return GuestBox(start, job.limits, held=HELD, release=folder.remove)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        folder = Folder(job.files)

        def start(streams: tuple[int, int, int]) -> Confined:
            folder.add(files, mode=0o644)
            return self._running.add(self._start(job, folder, streams, argv))

        try:
            return run_command(start, job.limits, stdin=stdin, produce=produce, held=HELD)
        finally:
            folder.remove()

    def close(self) -> None:
        self._running.close()

    def _add_switches(self, switches: int) -> None:
        with self._lock:
            self.switches += switches

    def _start(
        self, job: Job, folder: Folder, streams: tuple[int, int, int], argv: tuple[str, ...]
    ) -> Confined:  # fmt: skip
        limits, root = job.limits, root_of(self._environment, network="network" in job.limits.allow)
        native = limits.profile is not Profile.PYTHON or bool(argv)
        configuration = Configuration(
            argv=[*argv], guest="" if argv else job.guest, folder=_PROGRAM, import_path=[*root.import_path], uid=-1,
            rlimits={"MEMLOCK": 1 << 16, "MSGQUEUE": 0}, read=[], list_=[], write=[],
            execute=native or "exec" in limits.allow, network="network" in limits.allow,
            anonymous=native and cgroup.place().offered, namespaced=True, signals=True, report=-1,
        )  # fmt: skip
        before = [
            self._bwrap,
            *_namespaces(limits),
            *_view(root, folder, limits, job.guest, self._launch, bool(argv)),
            "--",
        ]
        return Confined(
            configuration, before=before, launch=self._launch, folder=folder, limits=limits, streams=streams,
            search_path=self._environment.search_path, coded=True,
            tell_switches=self._add_switches,
        )  # fmt: skip


def _namespaces(limits: Limits) -> Iterator[str]:
    yield from ("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try")
    yield from () if "network" in limits.allow else ("--unshare-net",)
    yield from ("--uid", str(_NOBODY), "--gid", str(_NOBODY), "--hostname", "sandbox")
    yield from ("--die-with-parent", "--cap-drop", "ALL")


def _view(root: Root, folder: Folder, limits: Limits, guest: str, launch: str, command: bool) -> Iterator[str]:
    """Yield the options that say what is seen: what ``root`` names, the program, our own few files, nothing else."""
    shown = [f"{site}/{name}" for site, names in root.site.items() for name in names]
    shown += [f"{SOURCES}/selfwright/{name}" for name in (*_OURS, _KERNEL)]
    shown += [launch, *([str(Path(guest).parent)] if guest and not command else [])]
    for path in root.binds:
        yield from ("--ro-bind", path, path)
    for path, target in root.links.items():
        if not any(each.startswith(f"{path}/") for each in shown):  # /tmp, below which we may lie ourselves
            yield from ("--symlink", target, path)
    for path in root.masks:
        yield from ("--tmpfs", path)
    for path in dict.fromkeys(shown):
        yield from ("--ro-bind", path, path)
    for path in root.masks:
        yield from ("--remount-ro", path)
    yield from ("--dev", "/dev", "--proc", "/proc")
    for path in (*DEVICES, "/dev/tty", "/dev", "/proc"):  # a candidate could set the times of the host's devices
        yield from ("--remount-ro", path)
    yield from ("--size", str(limits.files_mb * _MIB), "--tmpfs", TEMPORARY)
    yield from ("--bind" if command else "--ro-bind", str(folder.program), _PROGRAM)
    yield from ("--setenv", "HOME", TEMPORARY, "--setenv", "TMPDIR", TEMPORARY, "--chdir", _PROGRAM)
    yield from ("--remount-ro", "/")
