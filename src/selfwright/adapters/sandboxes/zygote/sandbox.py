"""The sandbox ``zygote``: namespaces, cgroup, Landlock and seccomp around every call, at the price of a fork."""

import os
import threading
from collections.abc import Iterator, Mapping

from selfwright.adapters.sandboxes import produce as harvest
from selfwright.adapters.sandboxes import root
from selfwright.adapters.sandboxes.box import GuestBox, interpreted, run_command
from selfwright.adapters.sandboxes.folder import check_names, sweep
from selfwright.adapters.sandboxes.linux import cgroup, landlock, namespace
from selfwright.adapters.sandboxes.running import CLOSED
from selfwright.adapters.sandboxes.zygote.client import SERVER, Client
from selfwright.adapters.sandboxes.zygote.message import Order
from selfwright.adapters.sandboxes.zygote.process import BoxProcess
from selfwright.core.environment import BARE, Environment
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job, Reply, is_executable
from selfwright.core.limits import Limits, Profile

_MIB = 1 << 20
_OPEN_FILES, _UNCOUNTED_OPEN_FILES = 512, 256  # without a cgroup nothing counts the buffers of pipes and sockets
_LOCKED_BYTES = 1 << 16


class ZygoteSandbox:
    """Forks each box from a confined process that has imported what candidates may import.

    Args:
        server: The arguments of Python that start a zygote.
    """

    name = "zygote"
    contains = True

    def __init__(self, *, environment: Environment = BARE, server: tuple[str, ...] = SERVER) -> None:
        sweep()
        self.lacks = tuple(_lacks())
        self._environment = environment
        self._server = server
        self._zygotes: dict[tuple[str, bool], Client] = {}
        self._lock = threading.Lock()
        self._closed = False
        self.switches = 0

    def open(self, job: Job) -> GuestBox:
        def start(streams: tuple[int, int, int]) -> BoxProcess:
            return self._start(job, job.files, streams, argv=(), produce=())

        return GuestBox(start, job.limits)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        def start(streams: tuple[int, int, int]) -> BoxProcess:
            if twice := sorted(set(files) & set(job.files)):
                raise SandboxError(f"can not place {twice[0]!r}: the program has a file of that name")
            return self._start(job, {**job.files, **files}, streams, argv=interpreted(argv), produce=produce)

        return run_command(start, job.limits, stdin=stdin, produce=produce)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for zygote in self._zygotes.values():
                zygote.close()
            self._zygotes.clear()

    def _start(
        self, job: Job, files: Mapping[str, bytes], streams: tuple[int, int, int], *, argv: tuple[str, ...],
        produce: tuple[str, ...],
    ) -> BoxProcess:  # fmt: skip
        check_names(files)
        limits = job.limits
        native = limits.profile is not Profile.PYTHON
        order = Order(
            uid=0,
            files=[(path, len(content), _mode(content)) for path, content in files.items()], argv=[*argv],
            produce=[*produce], rlimits=_rlimits(limits, carried=bool(produce)), file_bytes=limits.files_mb * _MIB,
            native=native or bool(argv), execute=native or bool(argv) or "exec" in limits.allow,
            network="network" in limits.allow, anonymous=(native or bool(argv)) and cgroup.place().offered,
        )  # fmt: skip
        for last in (False, True):
            zygote = self._zygote(job.guest, order.network)
            try:
                return BoxProcess(
                    zygote, order, limits, streams=streams, contents=files.values(), tell_switches=self._add_switches,
                )  # fmt: skip
            except SandboxError:
                if last or zygote.alive:
                    raise
        raise AssertionError("unreachable")

    def _add_switches(self, switches: int) -> None:
        with self._lock:
            self.switches += switches

    def _zygote(self, guest: str, network: bool) -> Client:
        """Return the one that lives, or a new one."""
        with self._lock:
            if self._closed:
                raise SandboxError(CLOSED)
            zygote = self._zygotes.get((guest, network))
            if zygote is None or not zygote.alive:
                if zygote:
                    zygote.close()
                zygote = Client(self._environment, guest=guest, network=network, server=self._server)
                self._zygotes[guest, network] = zygote
            return zygote


def _lacks() -> Iterator[str]:
    yield from root.lacks()
    if not cgroup.place().offered:
        yield cgroup.UNCOUNTED
    if namespace.needs_user() and namespace.hides_proc():
        yield "commands see no /proc, since this container hides parts of it: --security-opt systempaths=unconfined"
    if not landlock.version():
        yield "files are held by mounts alone, without Landlock as a second lock: Linux 5.13 or newer, landlock in lsm="


def _mode(content: bytes) -> int:
    return 0o555 if is_executable(content) else 0o444


def _rlimits(limits: Limits, *, carried: bool) -> dict[str, int]:
    """Return what each process is bound to; memory and number of processes only where no cgroup counts them.

    Args:
        carried: Whether the box's init carries files out, all of them and their names in one.
    """
    bounds = {
        "CORE": 0,
        "FSIZE": limits.files_mb * _MIB + (harvest.MOST_INDEX_BYTES if carried else 0),
        "MEMLOCK": _LOCKED_BYTES,
        "MSGQUEUE": 0,
        "NICE": 0,
        "NOFILE": _OPEN_FILES,
        "RTPRIO": 0,
    }
    if cgroup.place().offered:
        return bounds
    bounds["NOFILE"] = _UNCOUNTED_OPEN_FILES
    if os.geteuid() != 0:  # root's is not counted; a user's is counted in the box's own namespace
        bounds["NPROC"] = limits.processes + 2
    if limits.profile is Profile.PYTHON:  # the others reserve address space that they never touch
        bounds["AS"] = limits.memory_mb * _MIB
    return bounds
