"""Each detector sees what is planted, and says nothing of a host where nothing happened."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hostile.detectors import Canaries, Detector, Devices, Listeners, SecretFiles, Sentinel, Terminal, settled

PATIENCE_S = 10.0


@pytest.fixture
def canaries(tmp_path: Path) -> Iterator[Canaries]:
    detector = Canaries(tmp_path)
    yield detector
    detector.close()


@pytest.fixture
def listeners(tmp_path: Path) -> Iterator[Listeners]:
    detector = Listeners(tmp_path)
    yield detector
    detector.close()


@pytest.fixture
def sentinel() -> Iterator[Sentinel]:
    detector = Sentinel()
    yield detector
    detector.close()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    detector = Terminal()
    yield detector
    detector.close()


def seen(detector: Detector) -> bool:
    """Whether it says something, a moment granted."""
    return not settled(lambda: [] if detector.offences() else ["nothing yet"], PATIENCE_S)


def _keep(path: Path) -> None:
    os.link(path, path.with_name("linked"))


TOUCHES: dict[str, Callable[[Path], object]] = {
    "content": lambda path: path.write_bytes(b"as it wa?"),
    "mode": lambda path: path.chmod(0o600),
    "time": lambda path: os.utime(path, (1, 1)),
    "attribute": lambda path: os.setxattr(path, "user.x", b"1"),
    "link": _keep,
    "removal": lambda path: path.unlink(),
    "new file": lambda path: path.with_name("new").touch(),
    "new name": lambda path: path.rename(path.with_name("other")),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_a_canary_that_was_touched_is_seen(canaries: Canaries, touch: str) -> None:
    assert canaries.offences() == []
    TOUCHES[touch](Path(str(canaries.target["canary"])))
    assert canaries.offences()


def test_a_locked_canary_is_seen(canaries: Canaries) -> None:
    with open(str(canaries.target["canary"])) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert canaries.offences()
    assert canaries.offences() == []


@pytest.mark.parametrize(
    ("family", "kind", "address"),
    [
        (socket.AF_INET, socket.SOCK_STREAM, lambda target: ("127.0.0.1", target["tcp_port"])),
        (socket.AF_INET, socket.SOCK_DGRAM, lambda target: ("127.0.0.1", target["udp_port"])),
        (socket.AF_UNIX, socket.SOCK_STREAM, lambda target: target["unix_path"]),
        (socket.AF_UNIX, socket.SOCK_STREAM, lambda target: "\0" + target["unix_name"]),
        (socket.AF_UNIX, socket.SOCK_DGRAM, lambda target: target["datagram_path"]),
        (socket.AF_UNIX, socket.SOCK_DGRAM, lambda target: "\0" + target["datagram_name"]),
    ],
)
def test_a_caller_is_heard(listeners: Listeners, family: int, kind: int, address: Callable[[object], object]) -> None:
    assert listeners.offences() == []
    with socket.socket(family, kind) as caller:
        caller.connect(address(listeners.target))
        with contextlib.suppress(ConnectionError):  # an answer, and the end, may have come already
            caller.send(b"x")
        assert seen(listeners)


def test_the_agent_tells_its_secret(listeners: Listeners) -> None:
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(listeners.target["unix_path"])
        assert caller.recv(100).decode() == listeners.secrets["agent"]


def test_who_listens_is_knocked_at(listeners: Listeners) -> None:
    with socket.create_server(("127.0.0.1", listeners.target["knocked_port"])):
        assert seen(listeners)


def test_an_inherited_socket_leads_to_the_listener(listeners: Listeners) -> None:
    assert os.get_inheritable(listeners.target["socket_fd"])
    os.write(listeners.target["socket_fd"], b"x")
    assert seen(listeners)


@pytest.mark.parametrize(
    "touch",
    [
        lambda pid: os.kill(pid, signal.SIGKILL),
        lambda pid: os.kill(pid, signal.SIGSTOP),
        lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE, (9, 9)),
        lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 9),
        lambda pid: Path(f"/proc/{pid}/oom_score_adj").write_text("777"),
    ],
    ids=["kill", "stop", "limit", "priority", "victim"],
)
def test_a_sentinel_that_was_touched_is_seen(sentinel: Sentinel, touch: Callable[[int], object]) -> None:
    assert sentinel.offences() == []
    touch(sentinel.pid)
    assert seen(sentinel)


def test_a_sentinel_holds_its_secrets(sentinel: Sentinel) -> None:
    with open(f"/proc/{sentinel.pid}/mem", "rb", buffering=0) as memory:
        memory.seek(sentinel.target["sentinel_address"])
        assert sentinel.secrets["sentinel-memory"].encode() in memory.read(64)
    assert sentinel.secrets["sentinel-environment"] in Path(f"/proc/{sentinel.pid}/environ").read_text()
    assert sentinel.secrets["sentinel-words"] in Path(f"/proc/{sentinel.pid}/cmdline").read_text()


def test_a_device_whose_time_was_set_is_seen(tmp_path: Path) -> None:
    (tmp_path / "device").touch()
    detector = Devices((str(tmp_path / "device"),))
    assert detector.offences() == []
    os.utime(tmp_path / "device", (1, 1))
    assert detector.offences()


def test_a_byte_on_the_terminal_is_seen(terminal: Terminal) -> None:
    assert terminal.offences() == []
    os.write(terminal.target["terminal_fd"], b"x")
    assert terminal.offences()


def test_secrets_lie_where_the_target_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SELFWRIGHT_PLANTED_KEY", raising=False)
    (tmp_path / "temporary").mkdir()
    detector = SecretFiles(tmp_path, "hostile-test")
    try:
        assert Path(str(detector.target["secret_path"])).read_text() == detector.secrets["file"]
        assert Path(str(detector.target["reference_path"])).read_text() == detector.secrets["reference"]
        assert os.pread(detector.target["secret_fd"], 100, 0).decode() == detector.secrets["descriptor"]
        assert os.get_inheritable(detector.target["secret_fd"])
        assert os.environ["SELFWRIGHT_PLANTED_KEY"] == detector.secrets["environment"]
        with open("/proc/self/mem", "rb", buffering=0) as memory:
            memory.seek(detector.target["supervisor_address"])
            assert detector.secrets["memory"].encode() in memory.read(64)
    finally:
        detector.close()
