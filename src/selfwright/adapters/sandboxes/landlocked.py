"""The sandbox ``landlock``, where no namespaces are allowed: Landlock, seccomp, rlimits, a cgroup if there is one."""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from selfwright.adapters.sandboxes.box import GuestBox, run_command
from selfwright.adapters.sandboxes.confined import LAUNCH, Confined
from selfwright.adapters.sandboxes.folder import Folder, sweep
from selfwright.adapters.sandboxes.launch import Configuration
from selfwright.adapters.sandboxes.linux import cgroup, landlock
from selfwright.adapters.sandboxes.process import HELD
from selfwright.adapters.sandboxes.root import DEVICES, root_of
from selfwright.adapters.sandboxes.running import Running
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Profile

_SCOPES_SIGNALS = 6


def _lacks() -> Iterator[str]:
    yield "a command has no file system of its own, and can fill the disk with many files: use zygote or bubblewrap"
    if not cgroup.place().offered:
        yield cgroup.UNCOUNTED
    yield "sizes, times and attributes of this machine's files and processes can be looked at, not what is in them"
    yield "a call can write nowhere, and there is no /proc, also not for the profile native"
    if os.geteuid() == 0:
        yield "a candidate stays root, without a capability: run as an ordinary user"
    if landlock.version() < _SCOPES_SIGNALS:
        yield f"Landlock {landlock.version()} holds no signals, so a candidate can send none but to itself: Linux 6.12"


class LandlockSandbox:
    """Starts each box cold, without a view of its own: what it may not touch it still sees the names of.

    A guest has no folder that it can write to; a command has the one that it runs in.

    Args:
        launch: The script that confines from inside.

    Raises:
        SandboxError: The kernel has no Landlock.
    """

    name = "landlock"
    contains = True
    switches = 0

    def __init__(self, *, environment: Environment = BARE, launch: str = LAUNCH) -> None:
        self._environment = environment
        self._running = Running()
        self._launch = launch
        if sys.platform != "linux" or not landlock.version():
            raise SandboxError("this kernel has no Landlock: Linux 5.13 or newer, with landlock in lsm=")
        self.lacks = tuple(_lacks())
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

    def _start(self, job: Job, folder: Folder, streams: tuple[int, int, int], argv: tuple[str, ...]) -> Confined:
        limits, root = job.limits, root_of(self._environment, network="network" in job.limits.allow)
        native = limits.profile is not Profile.PYTHON or bool(argv)
        guest = [] if argv else [str(Path(job.guest).parent)]
        configuration = Configuration(
            argv=[*argv], guest="" if argv else job.guest, folder=str(folder.program), import_path=[*root.import_path],
            uid=-1, rlimits={"MEMLOCK": 1 << 16, "MSGQUEUE": 0}, read=[*root.readable, str(folder.program), *guest],
            list_=[*root.site], write=[*DEVICES, *([str(folder.program), str(folder.tmp)] if argv else [])],
            execute=native or "exec" in limits.allow, network="network" in limits.allow,
            anonymous=native and cgroup.place().offered, namespaced=False,
            signals=landlock.version() >= _SCOPES_SIGNALS, report=-1,
        )  # fmt: skip
        return Confined(
            configuration, before=(), launch=self._launch, folder=folder, limits=limits, streams=streams,
            search_path=self._environment.search_path,
        )  # fmt: skip
