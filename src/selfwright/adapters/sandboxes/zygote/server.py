"""The zygote itself: confines itself, imports what boxes need, then forks one child for each box.

It never runs a candidate's code, never reads what a candidate wrote, and has one thread. It is the init of a pid
namespace: when it ends, for whatever reason, the kernel ends every box. It ends when the host closes the connection.
"""

import gc
import importlib
import os
import signal
import socket
import sys
from contextlib import suppress
from itertools import product
from types import ModuleType

from selfwright.adapters.sandboxes.inside import forget_host, load_guest
from selfwright.adapters.sandboxes.linux import mount, namespace, privilege
from selfwright.adapters.sandboxes.linux.seccomp import Filter
from selfwright.adapters.sandboxes.root import DEVICES, TEMPORARY
from selfwright.adapters.sandboxes.zygote import child
from selfwright.adapters.sandboxes.zygote.message import Fork, Start, Word, receive, send

_PRELOADED = ("traceback", "linecache", "tokenize", "zlib", "hashlib", "threading", "tempfile", "json", "random")


def main(connection: socket.socket) -> None:
    """Fork boxes until the host closes the connection; call it as the last thing that the process does."""
    start, _ = receive(connection, Start)
    if start is None:
        return
    zygote = Zygote(start)
    try:
        zygote.leave_host()
        if inside := os.fork():  # the child is the init of the new pid namespace
            connection.close()
            os.waitpid(inside, 0)
            return
        privilege.die_with_parent()
        zygote.settle()
    except BaseException as error:  # noqa: BLE001 - the process boundary
        send(connection, Word(failed=f"{zygote.doing}: {type(error).__name__}: {error}"))
        return
    send(connection, Word())
    while True:
        asked, descriptors = receive(connection, Fork)
        if asked is None:
            return
        zygote.fork(descriptors, connection)


class Zygote:
    """The process and what it prepared for its children.

    Attributes:
        doing: The step that it is at, for the message of a failure.
    """

    def __init__(self, start: Start) -> None:
        self.doing = "start"
        self._start = start
        self._proc = os.open("/proc", os.O_PATH | os.O_CLOEXEC)
        self._guest = ModuleType("guest")
        self._pid_namespace = -1

    def leave_host(self) -> None:
        """Enter namespaces of one's own; children will be in the one of process ids."""
        self.doing = "namespaces"
        if self._start.user:
            uid, gid = os.geteuid(), os.getegid()
            namespace.unshare("user")
            namespace.map_root(uid, gid, proc=self._proc)
        network = () if self._start.network else ("net",)
        namespace.unshare("mount", "ipc", "uts", "cgroup", "pid", *network)
        socket.sethostname("sandbox")

    def settle(self) -> None:
        """Load the guest, build the root, move into it, import what boxes need, and forget the host."""
        self.doing = "guest"
        if self._start.guest:
            self._guest = load_guest(self._start.guest)
        for name in _PRELOADED:
            importlib.import_module(name)
        self.doing = "root"
        self._pid_namespace = os.open("self/ns/pid", os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._proc)
        _build(self._start)
        self.doing = "imports"
        forget_host(self._start.import_path)
        for name in self._start.modules:
            importlib.import_module(name)
        self.doing = "threads"
        tasks = os.listdir(os.open("self/task", os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._proc))
        if len(tasks) != 1:
            raise OSError(f"importing {', '.join(self._start.modules)} left {len(tasks) - 1} threads running")
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a box's first process takes no signal that it has no handler for
        privilege.bound_capabilities()  # of what is executed; what this process holds, it keeps
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps: what a box used, its own init tells
        self._home = child.Home(
            guest=self._guest, proc=self._proc, user=self._start.user,
            filters={
                (execute, anonymous): Filter(execute=execute, anonymous=anonymous, network=self._start.network)
                for execute, anonymous in product((False, True), repeat=2)
            },
        )  # fmt: skip
        gc.collect()
        gc.freeze()

    def fork(self, descriptors: list[int], connection: socket.socket) -> None:
        """Start a box that waits for its order, and hand the host a descriptor of its process, or tell why not."""
        channel, *doors = descriptors
        try:
            namespace.enter(self._pid_namespace, "pid")  # the last box's is still where children would be born
            namespace.unshare("pid")
            pid = os.fork()
        except OSError as error:  # too many processes: no reason to end the boxes that run
            send(connection, Word(failed=f"fork: {error}"))
            for descriptor in descriptors:
                os.close(descriptor)
            return
        if pid == 0:
            try:
                connection.close()
                child.live(self._home, channel, doors)
            finally:
                os._exit(0)
        pidfd = os.pidfd_open(pid)
        send(connection, Word(), [pidfd])
        for descriptor in (*descriptors, pidfd):
            os.close(descriptor)


def _build(start: Start) -> None:
    """Build a root of what is named, read-only, and move into it; nothing else of the host can be reached."""
    root = start.root
    mount.make_private()
    mount.tmpfs(root, size=1 << 20, files=4096, mode="755")
    for name in ("dev", "proc", child.PROGRAM[1:], TEMPORARY[1:]):
        os.mkdir(f"{root}/{name}")
    for path in start.binds:
        _show(path, root)
    for path, target in start.links.items():
        os.makedirs(os.path.dirname(root + path), exist_ok=True)
        os.symlink(target, root + path)
    for path in start.masks:
        if os.path.isdir(root + path):
            mount.tmpfs(root + path, size=1 << 16, files=16384, mode="755")
    for folder, names in start.site:
        for name in names:
            _show(f"{folder}/{name}", root)
    if start.user:  # a box's user may mount a /proc only where he sees one
        with suppress(PermissionError):  # a container that hides parts of its own: boxes do without
            mount.mount("proc", f"{root}/proc", "proc", ("nosuid", "nodev", "noexec"))
    for device in DEVICES:
        os.close(os.open(root + device, os.O_WRONLY | os.O_CREAT))
    os.symlink(TEMPORARY, f"{root}/dev/shm")
    mount.restrict(root, "rdonly", "nosuid", "nodev")
    for device in DEVICES:
        mount.bind(device, root + device)
        mount.restrict(root + device, "rdonly", "nosuid", "noexec")  # it is written to all the same
    mount.pivot(root)


def _show(path: str, root: str) -> None:
    target = root + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT))
    mount.bind(path, target)


if __name__ == "__main__":
    try:
        main(socket.socket(fileno=int(sys.argv[1])))
    finally:
        os._exit(0)
