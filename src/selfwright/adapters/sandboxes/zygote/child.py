"""One box, from inside: the child of the zygote confines itself, then forks the candidate and stays its init.

The steps are in the order that the kernel asks for. What comes out of this process until the candidate is forked is
ours; a step that fails is told on the channel, and nothing of the candidate is ever read.
"""

import fcntl
import os
import resource
import signal
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType

from selfwright.adapters.sandboxes import produce
from selfwright.adapters.sandboxes.linux import landlock, mount, namespace, privilege
from selfwright.adapters.sandboxes.linux.seccomp import Filter
from selfwright.adapters.sandboxes.root import DEVICES, TEMPORARY
from selfwright.adapters.sandboxes.zygote.message import End, Order, Word, receive, send

PROGRAM = "/program"
_INODES = 4096
_KEPT = 100  # descriptors above this are the box's own while it sets itself up
_REQUESTS, _REPLIES = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """What the zygote has made ready for all its boxes.

    Attributes:
        guest: What runs in each; it has a ``main``.
        filters: By whether programs may be executed, and whether there is memory of no process.
        proc: ``/proc`` of the host, by descriptor.
        user: Whether a user namespace is needed.
    """

    guest: ModuleType
    filters: Mapping[tuple[bool, bool], Filter]
    proc: int
    user: bool


@dataclass(slots=True, kw_only=True)
class Setting:
    """What the steps need.

    Attributes:
        streams: What will be the candidate's standard input, output and error.
        files: Holds the contents of the program's files.
        harvest: If anything, takes what a command leaves.
    """

    home: Home
    order: Order
    streams: list[int]
    channel: int
    files: int
    harvest: int


def live(home: Home, channel: int, doors: list[int]) -> None:
    """Be the init of a box until its candidate ends. Call it in a fresh child; the caller then exits.

    Args:
        doors: Of the box's cgroup, to enter by. It takes the kernel 10 ms, for which nobody waits if the order comes
            later; the host sees to it that it is in there.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for door in doors:
        with suppress(OSError):
            os.write(door, b"0")
        os.close(door)
    setting = _wait(home, channel)
    if setting is None:
        return
    step = ""
    try:
        for step, take in STEPS:  # noqa: B007 - told where one fails
            take(setting)
        step = "fork"
        candidate = os.fork()
    except BaseException as error:  # noqa: BLE001 - the process boundary
        _tell(setting, Word(failed=f"{step}: {error}"))
        return
    if candidate == 0:
        _be_candidate(setting)
    os.closerange(0, _REPLIES + 1)
    _tell(setting, Word())
    code = _reap(candidate)
    fits = _carry_out(setting)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s, switches = used.ru_utime + used.ru_stime, used.ru_nivcsw
    _tell(setting, End(code=code, cpu_s=cpu_s, switches=switches, out_of_memory=not fits))


def _wait(home: Home, channel: int) -> Setting | None:
    """Return what the order asks for; None where the host wants no box any more."""
    connection = socket.socket(fileno=channel)
    order, descriptors = receive(connection, Order)
    connection.detach()
    if order is None:
        return None
    stdin, stdout, log, files, *harvest = descriptors
    return Setting(
        home=home, order=order, streams=[stdin, stdout, log], channel=channel, files=files,
        harvest=harvest[0] if harvest else -1,
    )  # fmt: skip


def _tell(setting: Setting, message: object) -> None:
    channel = socket.socket(fileno=setting.channel)  # anew each time: the steps move it
    send(channel, message)
    channel.detach()


def _carry_out(setting: Setting) -> bool:
    """Hand over what a command left; return whether there was memory for it."""
    order = setting.order
    try:
        if order.produce:
            produce.write(produce.read_all(PROGRAM, order.produce, order.file_bytes), setting.harvest)
    except MemoryError:  # its limit counts for us too; nothing is better than a part
        os.ftruncate(setting.harvest, 0)
        return False
    return True


# ----------------------------------------------------------------------------------------------------------- the steps


def _enter_namespaces(setting: Setting) -> None:
    if setting.home.user:  # one for each box: the number of processes is then counted for it alone
        namespace.unshare("user")
        namespace.map_root(0, 0, proc=setting.home.proc)
    namespace.unshare("mount", "ipc")


def _mount(setting: Setting) -> None:
    order = setting.order
    mount.make_private()
    flags = ("nosuid", "nodev") if order.native else ("nosuid", "nodev", "noexec")
    mount.tmpfs(TEMPORARY, size=order.file_bytes, files=_INODES, mode="1777", flags=flags)
    size = order.file_bytes + sum(size for _, size, _ in order.files)
    mount.tmpfs(PROGRAM, size=size, files=_INODES, mode="755")
    if order.native:
        with suppress(PermissionError):  # in a container that hides parts of its own; without it nothing is less safe
            mount.mount("proc", "/proc", "proc", ("nosuid", "nodev", "noexec"), "subset=pid,hidepid=invisible")
    elif setting.home.user:  # what the zygote sees there is not for boxes
        mount.tmpfs("/proc", size=1 << 12, files=1, mode="555")


def _place_files(setting: Setting) -> None:
    order = setting.order
    os.lseek(setting.files, 0, os.SEEK_SET)
    for path, size, mode in order.files:
        target = f"{PROGRAM}/{path}"
        os.makedirs(os.path.dirname(target), exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        left = size
        while left:
            left -= os.sendfile(descriptor, setting.files, None, left)
        os.fchmod(descriptor, mode)
        if order.argv and setting.order.uid:
            os.fchown(descriptor, setting.order.uid, setting.order.uid)
        os.close(descriptor)
    os.chdir(PROGRAM)
    if not order.argv:
        mount.restrict(PROGRAM, "rdonly")
    elif setting.order.uid:
        for folder, _, _ in os.walk(PROGRAM):
            os.chown(folder, setting.order.uid, setting.order.uid)


def _start_session(setting: Setting) -> None:
    os.setsid()


def _limit(setting: Setting) -> None:
    privilege.limit(setting.order.rlimits)


def _bound_capabilities(setting: Setting) -> None:
    if setting.home.user:  # a new user namespace begins with all of them; else the zygote has done it for all
        privilege.bound_capabilities()


def _become_nobody(setting: Setting) -> None:
    if setting.order.uid:
        privilege.become(setting.order.uid, setting.order.uid)


def _drop_capabilities(setting: Setting) -> None:
    privilege.drop_capabilities()


def _die_with_parent(setting: Setting) -> None:
    privilege.die_with_parent()


def _hide_memory(setting: Setting) -> None:
    privilege.hide_memory()


def _gain_nothing(setting: Setting) -> None:
    privilege.gain_nothing()


def _restrict_files(setting: Setting) -> None:
    if landlock.version():
        write = (TEMPORARY, *([PROGRAM] if setting.order.argv else []), *DEVICES)
        landlock.restrict(read=("/",), write=write, network=setting.order.network)


def _close_descriptors(setting: Setting) -> None:
    """Leave standard input, output and error, the guest's two pipes, and our own."""
    moved = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, _KEPT) for each in setting.streams]
    setting.channel = fcntl.fcntl(setting.channel, fcntl.F_DUPFD_CLOEXEC, _KEPT)
    if setting.harvest >= 0:
        setting.harvest = fcntl.fcntl(setting.harvest, fcntl.F_DUPFD_CLOEXEC, _KEPT)
    stdin, stdout, log = moved
    if setting.order.argv:
        places = {0: stdin, 1: stdout, 2: log}
    else:
        places = {0: os.open("/dev/null", os.O_RDONLY), 1: log, 2: log, _REQUESTS: stdin, _REPLIES: stdout}
    for place, descriptor in places.items():
        os.dup2(descriptor, place)
    os.closerange(max(places) + 1, _KEPT)
    for descriptor in moved:
        os.close(descriptor)
    os.closerange(max(setting.channel, setting.harvest) + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _filter_calls(setting: Setting) -> None:
    setting.home.filters[setting.order.execute, setting.order.anonymous].load()


Step = Callable[[Setting], None]
STEPS: list[tuple[str, Step]] = [
    ("namespaces", _enter_namespaces),
    ("mounts", _mount),
    ("files", _place_files),
    ("session", _start_session),
    ("limits", _limit),
    ("bounding set", _bound_capabilities),
    ("user", _become_nobody),
    ("capabilities", _drop_capabilities),
    ("parent", _die_with_parent),
    ("memory", _hide_memory),
    ("privileges", _gain_nothing),
    ("landlock", _restrict_files),
    ("descriptors", _close_descriptors),
    ("seccomp", _filter_calls),
]
"""In this order: a change of the user forgets the parent's death signal, and seccomp forbids what the others need."""


# ------------------------------------------------------------------------------------------------------- the candidate


def _be_candidate(setting: Setting) -> None:
    """Never return."""
    code = 70
    try:
        os.close(setting.channel)
        if setting.harvest >= 0:
            os.close(setting.harvest)
        privilege.show_memory()  # its own, to itself
        if setting.order.argv:
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            code = 127
            os.execvp(setting.order.argv[0], setting.order.argv)
        setting.home.guest.main()
    except OSError as error:
        os.write(2, f"{setting.order.argv[0] if setting.order.argv else 'guest'}: {error.strerror}\n".encode())
    finally:
        os._exit(code)


def _reap(candidate: int) -> int:
    """Wait for the candidate, then end and reap all that it left; return its exit code, negative for a signal."""
    code = None
    while code is None:
        pid, status = os.wait()
        if pid == candidate:
            code = os.waitstatus_to_exitcode(status)
    try:
        os.kill(-1, signal.SIGKILL)
        while True:
            os.wait()
    except OSError:  # there is nobody left
        return code
