"""A throw-away host: attacks run in namespaces and control groups of their own, so that this machine survives them.

``trials`` starts it (``unshare`` of util-linux). Inside, process 1 starts one supervisor after the other, takes the
verdicts that it tells, and kills everything when one has ended or hangs: then the attack in its hands has won. After
each attack that won comes a new supervisor, with a new world.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import secrets
import select
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ORDINARY = 64321
"""The user who runs what is asked for as an ordinary user, if this is root."""

_ROOT = Path(__file__).parents[2]
_NEW_NAMESPACES = 0x00020000 | 0x04000000 | 0x08000000  # mounts, names, IPC
_PR_SET_DUMPABLE = 4
_BIND = 4096
_CONTROLLERS = ("memory", "pids", "cpuacct")


def unavailable() -> str:
    """Why no throw-away host can be made here, or nothing."""
    if not shutil.which("unshare"):
        return "no program unshare; install util-linux"
    done = subprocess.run([*_command(), "true"], capture_output=True, text=True, check=False, timeout=60)
    return (
        f"no throw-away host here: {done.stderr.strip()}; run as root, or allow user namespaces"
        if done.returncode
        else ""
    )


def trials(way: str, attacks: Iterable[str], *, ordinary: bool = False) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Run attacks against a way in a throw-away host.

    Args:
        way: ``naive-exec``, ``naive-subprocess``, or the name of a sandbox.
        attacks: Their names.
        ordinary: Whether root shall give up its rights.

    Yields:
        Name, what was broken, and what is lacking, as they come.
    """
    pending = [*attacks]
    while pending:
        for attack, broke, lacks in _one_host(way, pending, "ordinary" if ordinary else "as-it-is"):
            pending.remove(attack)
            yield attack, broke, lacks
        if pending:  # it has not told all
            yield pending.pop(0), ("the throw-away host ended",), ""


def _one_host(way: str, attacks: list[str], user: str) -> Iterator[tuple[str, tuple[str, ...], str]]:
    token = f"hostile-{secrets.token_hex(4)}"
    command = [*_command(), sys.executable, "-m", "tests.hostile.guard", token, way, user]
    one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
    environment = {**os.environ, **one, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    running = subprocess.Popen(
        [*command, *attacks], cwd=_ROOT, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert running.stdout
        for line in running.stdout:
            told = json.loads(line)
            yield told["attack"], tuple(told["broke"]), told["lacks"]
    finally:
        running.kill()
        running.communicate()
        _sweep(token)


def _command() -> list[str]:
    """The start of a command that shall run as process 1; of a container that is thrown away as well, nothing."""
    if os.getpid() == 1:
        return []
    user = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    return ["unshare", *user, "--pid", "--mount", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc"]


# ------------------------------------------------------------------------------------------------------------ process 1


def main() -> None:
    """Be process 1 of the throw-away host."""
    token, way, user, *pending = sys.argv[1:]
    told = os.fdopen(os.dup(1), "w", buffering=1)
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(silence, descriptor, inheritable=True)
    _bound(token)
    while pending:
        for verdict in _one_supervisor(token, way, user == "ordinary", pending):
            told.write(json.dumps(verdict) + "\n")
            pending.remove(verdict["attack"])


def _one_supervisor(token: str, way: str, ordinary: bool, pending: list[str]) -> Iterator[dict[str, object]]:
    """Yield the verdicts of one supervisor, to the first that says broken; its end or silence is one too."""
    from tests.hostile import supervisor

    listening, telling = os.pipe()
    pid = os.fork()
    if not pid:
        with contextlib.suppress(BaseException):
            os.close(listening)
            _leave(ordinary)
            supervisor.serve(token, way, pending, telling)
        os._exit(0)
    os.close(telling)
    left, hang_s = [*pending], supervisor.hang_s(way)
    how = "it told no more"
    try:
        for line in _lines(listening, hang_s):
            verdict = json.loads(line)
            left.remove(verdict["attack"])
            yield verdict
            if verdict["broke"] or not left:
                return
    except TimeoutError:
        how = f"the supervisor hung for {hang_s:.0f} s"
    finally:
        os.close(listening)
        ended = _end_everything(pid)
    yield {"attack": left[0], "broke": [how if "hung" in how else f"the supervisor ended: {ended}"], "lacks": ""}


def _lines(descriptor: int, hang_s: float) -> Iterator[bytes]:
    """Yield what comes, by lines.

    Raises:
        TimeoutError: Nothing came for so long.
    """
    rest = b""
    while True:
        if not select.select([descriptor], [], [], hang_s)[0]:
            raise TimeoutError
        if not (chunk := os.read(descriptor, 1 << 16)):
            return
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines


def _end_everything(supervisor: int) -> str:
    """Kill every process of this host but this one; how the supervisor ended."""
    how = ""
    with contextlib.suppress(ProcessLookupError):
        ended, status = os.waitpid(supervisor, os.WNOHANG)  # before it is killed, or that would be its end
        how = f"exit code {os.waitstatus_to_exitcode(status)}" if ended else ""
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        try:
            os.wait()
        except ChildProcessError:
            return how or "it was stopped"


def _leave(ordinary: bool) -> None:
    """Leave the namespaces of process 1, so that the next supervisor finds them untouched; and the rights of root."""
    libc = ctypes.CDLL(None)
    os.setsid()
    if not libc.unshare(_NEW_NAMESPACES):  # refused to an ordinary user, who can do less harm
        if ordinary:
            _open_the_way(libc)
        _hide_the_disk(libc)
        _hide_the_devices(libc)
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {secrets.choice(cores)})
    if ordinary:
        os.setgroups([])
        os.setgid(ORDINARY)
        os.setuid(ORDINARY)
        os.environ["HOME"] = "/nonexistent"
        libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _open_the_way(libc: ctypes.CDLL) -> None:
    """Let an ordinary user come to interpreter and repository where a folder above is closed, as /root often is."""
    needed = sorted({os.path.realpath(path) for path in (sys.base_prefix, sys.prefix, _ROOT)})
    held = {path: os.open(path, os.O_PATH) for path in needed}
    for path in needed:
        above = [str(folder) for folder in reversed(Path(path).parents)]
        closed = next((folder for folder in above if not os.stat(folder).st_mode & 0o001), "")
        if closed:
            libc.mount(b"none", closed.encode(), b"tmpfs", 0, b"mode=755")
        if not os.path.exists(path):
            os.makedirs(path)
            libc.mount(f"/proc/self/fd/{held[path]}".encode(), path.encode(), None, _BIND, None)
    for descriptor in held.values():
        os.close(descriptor)


def _hide_the_disk(libc: ctypes.CDLL) -> None:
    """Lay memory over the places where anybody may write, and over the repository; what is beyond is swept by name."""
    prefix = os.path.realpath(sys.prefix)
    for place in ("/dev/shm", "/var/tmp", "/run", "/tmp"):
        if not f"{_ROOT}/".startswith(place + "/") and not prefix.startswith(place + "/"):
            libc.mount(b"none", place.encode(), b"tmpfs", 0, b"mode=1777")
    above = "/dev/shm/above"
    for folder in ("written", "work"):
        os.makedirs(f"{above}/{folder}")
    options = f"lowerdir={_ROOT},upperdir={above}/written,workdir={above}/work"
    libc.mount(b"overlay", str(_ROOT).encode(), b"overlay", 0, options.encode())
    os.chdir(_ROOT)


def _hide_the_devices(libc: ctypes.CDLL) -> None:
    """Lay devices of our own over those of the machine, whose times anybody could set."""
    from tests.hostile.detectors import DEVICES

    for device in DEVICES:
        own, state = f"/dev/shm/above/{os.path.basename(device)}", os.stat(device)
        with contextlib.suppress(PermissionError):  # in a user namespace
            os.mknod(own, state.st_mode, state.st_rdev)
            os.chmod(own, state.st_mode & 0o777)
            libc.mount(own.encode(), device.encode(), None, _BIND, None)


def _bound(token: str) -> None:
    """Enter control groups of our own, where they can be made: bombs end there, and an adapter's groups lie below."""
    for controller in _CONTROLLERS:
        folder = Path(f"/sys/fs/cgroup/{controller}/{token}")
        with contextlib.suppress(OSError):
            folder.mkdir()
            (folder / "cgroup.procs").write_text("0")
    from tests.hostile import remains

    for above in remains.divided():
        with contextlib.suppress(OSError):
            (above / token / "inside").mkdir(parents=True)
            (above / token / "cgroup.subtree_control").write_text("+memory +pids")
            (above / token / "inside" / "cgroup.procs").write_text("0")
            return


def _sweep(token: str) -> None:
    """Remove from this machine what attacks of a host that is gone have left."""
    from tests.hostile import remains

    remains.sweep(token)
    top = Path("/sys/fs/cgroup")
    for group in (each for pattern in (f"{token}*", f"*/{token}*") for each in top.glob(pattern)):
        for folder, _, _ in os.walk(group, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(folder)


if __name__ == "__main__":
    main()
