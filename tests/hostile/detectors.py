"""Detectors of the host: each hands out a part of the target, and says what happened to it.

Each gives ``target`` (what attacks are told) and ``secrets`` (what they must not find), answers ``offences()`` with
what is not as it was, in words, and ends with ``close()``.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import secrets as random_secrets
import selectors
import socket
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty")
_GET_FLAGS = 0x80086601


def new_secret(name: str) -> str:
    """A secret that is found by looking for it."""
    return f"secret-{name}-{random_secrets.token_hex(12)}"


class Detector(Protocol):
    """Watches one kind of thing of the host."""

    target: dict[str, object]
    secrets: dict[str, str]

    def offences(self) -> list[str]:
        """What is not as it was."""

    def close(self) -> None:
        """Take everything away."""


class Canaries:
    """Files that must stay as they are. Everybody may write them, so that no mode of a file saves them.

    Args:
        folder: A new folder, below which they are laid.
    """

    secrets: dict[str, str]

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "canaries"
        self._folder.mkdir()
        self._folder.chmod(0o777)
        self._canary = self._folder / "canary"
        self._canary.write_bytes(b"as it was")
        self._canary.chmod(0o666)
        self._descriptor = os.open(self._folder, os.O_RDONLY)
        os.set_inheritable(self._descriptor, True)
        self.target = {"canary": str(self._canary), "canaries": str(self._folder), "folder_fd": self._descriptor}
        self.secrets = {}
        self._before = self._picture()

    def offences(self) -> list[str]:
        now = self._picture()
        return [
            f"canary: {name} was {was!r}, is {now.get(name)!r}"
            for name, was in self._before.items()
            if now.get(name) != was
        ]

    def close(self) -> None:
        os.close(self._descriptor)

    def _picture(self) -> dict[str, object]:
        picture: dict[str, object] = {"names": sorted(os.listdir(self._folder))}
        with contextlib.suppress(OSError):
            state = self._canary.lstat()
            for name in ("st_mode", "st_uid", "st_gid", "st_size", "st_mtime_ns", "st_ino", "st_nlink"):
                picture[name] = getattr(state, name)
            picture["attributes"] = os.listxattr(self._canary)
            with self._canary.open("rb") as file:
                picture["content"] = file.read(64)
                picture["lock"] = _can_be_locked(file.fileno())
                picture["flags"] = _flags(file.fileno())
        return picture


class Devices:
    """Devices that everybody may write to, and so set the times of."""

    def __init__(self, paths: tuple[str, ...] = DEVICES) -> None:
        self.target: dict[str, object] = {"devices": [*paths]}
        self._paths = paths
        self.secrets: dict[str, str] = {}
        self._before = self._picture()

    def offences(self) -> list[str]:
        now = self._picture()
        return [f"the time of {path} was changed" for path, was in self._before.items() if now[path] != was]

    def close(self) -> None:
        """Nothing was made."""

    def _picture(self) -> dict[str, int]:
        return {path: os.stat(path).st_mtime_ns for path in self._paths}


class SecretFiles:
    """Files that hold secrets, one of them open and inheritable; and secrets in memory, environment and keyring."""

    def __init__(self, folder: Path, token: str) -> None:
        import ctypes

        from tests.hostile import kernel

        names = ("environment", "file", "reference", "memory", "descriptor", "temporary", "key")
        self.secrets = {name: new_secret(name) for name in names}
        private = folder / "private"
        private.mkdir()
        files = {name: private / name for name in ("secret", "reference", "open")}
        for name, key in (("secret", "file"), ("reference", "reference"), ("open", "descriptor")):
            files[name].write_text(self.secrets[key])
            files[name].chmod(0o600)
        neighbour = folder / "temporary" / "neighbour"
        neighbour.write_text(self.secrets["temporary"])
        neighbour.chmod(0o600)
        cat = private / "cat"
        cat.write_bytes(Path("/bin/cat").read_bytes())
        cat.chmod(0o4755)
        self._descriptor = os.open(files["open"], os.O_RDONLY)
        os.set_inheritable(self._descriptor, True)
        os.environ["SELFWRIGHT_PLANTED_KEY"] = self.secrets["environment"]
        self._memory = ctypes.create_string_buffer(self.secrets["memory"].encode(), 64)
        self._key_name = f"{token}-{random_secrets.token_hex(4)}"
        self._key = kernel.add_key(self._key_name, self.secrets["key"])
        with contextlib.suppress(OSError):
            lines = Path("/etc/shadow").read_text().splitlines()
            self.secrets["shadow"] = max(lines, key=len)
        self.target: dict[str, object] = {
            "secret_path": str(files["secret"]), "reference_path": str(files["reference"]), "setuid_cat": str(cat),
            "secret_handle": kernel.handle_of(str(files["secret"])).hex(), "secret_fd": self._descriptor,
            "supervisor_pid": os.getpid(), "supervisor_address": ctypes.addressof(self._memory),
            "key": self._key, "key_name": self._key_name, "disk": os.stat("/").st_dev,
        }  # fmt: skip

    def offences(self) -> list[str]:
        return []

    def close(self) -> None:
        from tests.hostile import kernel

        os.close(self._descriptor)
        os.environ.pop("SELFWRIGHT_PLANTED_KEY", None)
        kernel.drop_key(self._key)


class Sentinel:
    """Another process of the same user: it must live, and stay as it was; its memory and environment hold secrets."""

    _CODE = (
        "import ctypes, sys; kept = ctypes.create_string_buffer(sys.stdin.readline().encode(), 64);"
        "print(ctypes.addressof(kept), flush=True); sys.stdin.read()"
    )

    def __init__(self) -> None:
        self.secrets = {
            name: new_secret(name) for name in ("sentinel-memory", "sentinel-environment", "sentinel-words")
        }
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", self._CODE, self.secrets["sentinel-words"]], start_new_session=True, text=True,
            env={"KEY": self.secrets["sentinel-environment"]}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(self.secrets["sentinel-memory"] + "\n")
        self._process.stdin.flush()
        self.pid = self._process.pid
        address = int(self._process.stdout.readline())
        self.target: dict[str, object] = {"sentinel_pid": self.pid, "sentinel_address": address}
        self._before = self._picture()

    def offences(self) -> list[str]:
        if self._process.poll() is not None:
            return [f"the sentinel ended with {self._process.returncode}"]
        now = self._picture()
        return [f"sentinel: {name} was {was}, is {now[name]}" for name, was in self._before.items() if now[name] != was]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _picture(self) -> dict[str, object]:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return {
            "limit": resource.prlimit(self.pid, resource.RLIMIT_NOFILE),
            "cores": sorted(os.sched_getaffinity(self.pid)),
            "priority": os.getpriority(os.PRIO_PROCESS, self.pid),
            "victim": Path(f"/proc/{self.pid}/oom_score_adj").read_text().strip(),
            "state": "stopped" if "\nState:\tT" in status else "running",
            "tracer": next(line for line in status.splitlines() if line.startswith("TracerPid")),
        }


class Listeners:
    """Sockets that nobody may reach, and somebody who knocks where nobody may listen."""

    def __init__(self, folder: Path) -> None:
        self.secrets = {"agent": new_secret("agent")}
        self._heard: list[str] = []
        self._closing = threading.Event()
        self._selector = selectors.DefaultSelector()
        name = f"selfwright-hostile-{random_secrets.token_hex(6)}"
        path = str(folder / "agent")
        stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
        self._ports = {
            "tcp": self._listen(socket.AF_INET, stream, ("127.0.0.1", 0), "a TCP connection"),
            "udp": self._listen(socket.AF_INET, datagram, ("127.0.0.1", 0), "a datagram"),
        }
        with contextlib.suppress(OSError):
            self._ports["tcp6"] = self._listen(socket.AF_INET6, stream, ("::1", 0), "a TCP connection over IPv6")
        self._listen(socket.AF_UNIX, stream, path, "a connection by a path")
        self._listen(socket.AF_UNIX, stream, "\0" + name, "a connection by an abstract name")
        self._listen(socket.AF_UNIX, datagram, path + "-log", "a datagram by a path")
        self._listen(socket.AF_UNIX, datagram, f"\0{name}-log", "a datagram by an abstract name")
        for each in (path, path + "-log"):
            os.chmod(each, 0o777)
        self._inherited = socket.socket(socket.AF_INET, datagram)
        self._inherited.connect(("127.0.0.1", self._ports["udp"]))
        self._inherited.set_inheritable(True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._knocked = free.getsockname()[1]
        self.target: dict[str, object] = {
            **{f"{kind}_port": port for kind, port in self._ports.items()}, "unix_path": path, "unix_name": name,
            "datagram_path": path + "-log", "datagram_name": name + "-log",
            "socket_fd": self._inherited.fileno(), "knocked_port": self._knocked, "knocked_name": name + "-knocked",
            "interfaces": [each for _, each in socket.if_nameindex()],
        }  # fmt: skip
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._hear, self._knock)]
        for thread in self._threads:
            thread.start()

    def offences(self) -> list[str]:
        self._accept(0)  # what has arrived, though the thread has not come to it
        return sorted({f"the host heard {what}" for what in self._heard})

    def close(self) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()
        for key in list(self._selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]  # sockets, all of them
        self._selector.close()
        self._inherited.close()

    def _listen(self, family: int, kind: int, address: object, what: str) -> int:
        listener = socket.socket(family, kind)
        listener.bind(address)  # type: ignore[arg-type]  # as the family asks for
        if kind == socket.SOCK_STREAM:
            listener.listen(64)
        listener.setblocking(False)
        self._selector.register(listener, selectors.EVENT_READ, what)
        return int(listener.getsockname()[1]) if family in (socket.AF_INET, socket.AF_INET6) else 0

    def _hear(self) -> None:
        while not self._closing.is_set():
            self._accept(0.1)

    def _accept(self, wait_s: float) -> None:
        for key, _ in self._selector.select(wait_s):
            listener: socket.socket = key.fileobj  # type: ignore[assignment]  # sockets, all of them
            with contextlib.suppress(OSError):
                if listener.type == socket.SOCK_DGRAM:
                    listener.recv(4096)
                    self._heard.append(key.data)
                    continue
                with listener.accept()[0] as caller:
                    self._heard.append(key.data)
                    caller.sendall(self.secrets["agent"].encode())

    def _knock(self) -> None:
        doors = [(socket.AF_INET, ("127.0.0.1", self._knocked)), (socket.AF_UNIX, f"\0{self.target['knocked_name']}")]
        while not self._closing.wait(0.02):
            for family, address in doors:
                with contextlib.suppress(OSError), socket.socket(family) as knocker:
                    knocker.settimeout(0.2)
                    knocker.connect(address)
                    self._heard.append("a candidate that listens")


class Terminal:
    """A terminal whose path and descriptor are handed out; nothing may come out of it, or be typed into it."""

    def __init__(self) -> None:
        self._seen = b""
        self._screen, self._terminal = os.openpty()
        os.set_inheritable(self._terminal, True)
        os.set_blocking(self._screen, False)
        path = os.ttyname(self._terminal)
        with contextlib.suppress(OSError):
            os.chmod(path, 0o666)
        self.target: dict[str, object] = {"terminal": path, "terminal_fd": self._terminal}
        self.secrets: dict[str, str] = {}

    def offences(self) -> list[str]:
        with contextlib.suppress(BlockingIOError):
            self._seen += os.read(self._screen, 100)
        if self._seen:
            return [f"on the terminal: {self._seen!r}"]
        waiting = fcntl.ioctl(self._terminal, termios.FIONREAD, bytes(4))
        return ["bytes were typed into the terminal"] if any(waiting) else []

    def close(self) -> None:
        os.close(self._screen)
        os.close(self._terminal)


def settled(look: Callable[[], list[str]], patience_s: float) -> list[str]:
    """What ``look`` still says once a moment for dying has passed."""
    deadline = time.monotonic() + patience_s
    for found in _looks(look):
        if not found or time.monotonic() > deadline:
            return found
    return []


def _looks(look: Callable[[], list[str]]) -> Iterator[list[str]]:
    pause = threading.Event()
    while True:
        yield look()
        pause.wait(0.02)


def _can_be_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except BlockingIOError:
        return False
    return True


def _flags(descriptor: int) -> int:
    try:
        return int.from_bytes(fcntl.ioctl(descriptor, _GET_FLAGS, bytes(8))[:4], "little")
    except OSError:
        return 0
