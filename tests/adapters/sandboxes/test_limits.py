"""The sandbox `limits`, by the contract of all sandboxes and by what it alone promises."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from selfwright.adapters.sandboxes.folder import Folder
from selfwright.adapters.sandboxes.limits import LIMITS_NOTE, LimitsSandbox
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits, Profile
from selfwright.core.status import CallStatus
from selfwright.testing.sandbox import SandboxContract

# Runs each request as Python; what it binds to `reply` goes back.
GUEST = """
import os
space = {"os": os}
while header := os.read(3, 8):
    request = b""
    while len(request) < int.from_bytes(header, "big"):
        request += os.read(3, 65536)
    space["reply"] = b""
    exec(request, space)
    os.write(4, len(space["reply"]).to_bytes(8, "big") + space["reply"])
"""
# Leaves a process that this one does not wait for; `way` says what it does to get away.
DAEMON = """
import os, time
read, write = os.pipe()
if os.fork() == 0:
    if way != "stays in the session":
        os.setsid()
        os.chdir("/")
    if way == "leads a session" or os.fork() == 0:
        os.write(write, b"%d" % os.getpid())
        os.closerange(0, 200)
        if way == "has a clean environment":
            os.execve("/bin/sleep", ["sleep", "600"], {})
        time.sleep(600)
    os._exit(0)
if way != "leads a session":
    os.wait()
reply = os.read(read, 20)
"""
WAYS = ("stays in the session", "leads a session", "has a clean environment")


class TestContract(SandboxContract):
    def make(self) -> LimitsSandbox:
        return LimitsSandbox()


@pytest.fixture
def guest(tmp_path: Path) -> str:
    path = tmp_path / "guest.py"
    path.write_text(GUEST)
    return str(path)


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the folders of boxes lie; nothing may be left there."""
    folder = tmp_path / "private"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def job(guest: str = "", **limits: int | float | Profile) -> Job:
    return Job(files={"program.py": b"x = 1\n"}, guest=guest, limits=Limits(**{"wall_s": 20.0, **limits}))  # type: ignore[arg-type]


def python(code: str, **limits: int | float | Profile) -> Reply:
    argv = (sys.executable, "-c", code)
    return LimitsSandbox().execute(job(**limits), argv, stdin=b"", files={}, produce=("out",))


def test_it_says_that_it_does_not_contain() -> None:
    assert LimitsSandbox.contains is False
    assert "does not contain hostile code" in LIMITS_NOTE


def test_the_environment_is_ours_alone(guest: str) -> None:
    with LimitsSandbox().open(job(guest)) as box:
        names = box.exchange(b"reply = ' '.join(sorted(os.environ)).encode()").payload.decode().split()
        folder = box.exchange(b"reply = os.environ['HOME'].encode()").payload.decode()
    assert set(names) - {"PWD", "SHLVL", "_", "LC_CTYPE", "OLDPWD"} == {
        *(
            "HOME",
            "LANG",
            "LOGNAME",
            "MKL_NUM_THREADS",
            "NUMEXPR_NUM_THREADS",
            "OMP_NUM_THREADS",
            "OPENBLAS_NUM_THREADS",
        ),
        *("PATH", "PYTHONHASHSEED", "TMPDIR"),
    }
    assert folder.startswith(tempfile.gettempdir())


def test_hashes_are_the_same_in_every_box(guest: str) -> None:
    hashes = set()
    for _ in range(2):
        with LimitsSandbox().open(job(guest)) as box:
            hashes.add(box.exchange(b"reply = b'%d' % hash('a text')").payload)
    assert len(hashes) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="rlimits are set from outside on Linux only")
@pytest.mark.may_skip("macOS has no prlimit")
def test_limits_are_set_before_the_first_frame(guest: str) -> None:
    kinds = b"(r.RLIMIT_AS, r.RLIMIT_FSIZE, r.RLIMIT_CORE)"
    code = b"import resource as r; reply = repr([r.getrlimit(kind) for kind in " + kinds + b"]).encode()"
    mib = 1 << 20
    for profile, memory in ((Profile.PYTHON, 300 * mib), (Profile.NATIVE, -1)):
        with LimitsSandbox().open(job(guest, memory_mb=300, files_mb=5, profile=profile)) as box:
            bounds = box.exchange(code).payload.decode()
        assert bounds == repr([(memory, memory), (5 * mib, 5 * mib), (0, 0)])


def test_the_program_is_read_only(guest: str) -> None:
    with LimitsSandbox().open(job(guest)) as box:
        modes = box.exchange(
            b"reply = repr([oct(os.stat(p).st_mode & 0o777) for p in ('..', '.', 'program.py')]).encode()"
        )
    assert modes.payload == b"['0o700', '0o555', '0o444']"


def test_too_much_memory_of_a_command() -> None:
    reply = python("x = bytearray(600 << 20)", memory_mb=300)
    assert (reply.status, reply.reason) == (CallStatus.OUT_OF_MEMORY, "memory limit of 300 MiB")


def test_memory_is_watched_where_address_space_is_free() -> None:
    reply = python("x = b'x' * (300 << 20)\nwhile True: pass", memory_mb=100, profile=Profile.NATIVE)
    assert (reply.status, reply.reason) == (CallStatus.OUT_OF_MEMORY, "memory limit of 100 MiB")
    assert reply.peak_memory_bytes > 100 << 20


def test_a_file_has_a_largest_size() -> None:
    reply = LimitsSandbox().execute(
        job(files_mb=1), ("sh", "-c", "exec head -c 3000000 /dev/zero > out"), stdin=b"", files={}, produce=("out",)
    )
    assert reply.status is CallStatus.CRASHED
    assert "SIGXFSZ" in reply.reason
    assert len(reply.files["out"]) == 1 << 20


def test_produced_files_have_a_largest_size_together() -> None:
    code = "for n in 'ab':\n  open(n, 'wb').write(bytes(700_000))"
    argv = (sys.executable, "-c", code)
    reply = LimitsSandbox().execute(job(files_mb=1), argv, stdin=b"", files={}, produce=("a", "b"))
    assert reply.status is CallStatus.OUTPUT_TOO_LARGE
    assert reply.reason.endswith("more than 1 MiB, at b")


def test_a_hard_link_is_not_brought_back() -> None:
    assert "out" not in python("import os; open('a', 'w'); os.link('a', 'out')").files


def test_cpu_time_of_a_command_counts_its_children() -> None:
    spin = "import time\nwhile time.process_time() < 0.3: pass"
    reply = python(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {spin!r}])")
    assert reply.status is CallStatus.OK
    assert reply.cpu_s >= 0.3


def test_cpu_time_is_of_this_exchange(guest: str) -> None:
    with LimitsSandbox().open(job(guest)) as box:
        spin = b"import time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass"
        assert box.exchange(spin).cpu_s >= 0.2
        assert box.exchange(b"").cpu_s < 0.1


def test_each_exchange_may_use_its_processor_time(guest: str) -> None:
    spin = b"import time\nend = time.process_time() + 0.6\nwhile time.process_time() < end: pass"
    with LimitsSandbox().open(job(guest, wall_s=9.5)) as box:
        box.exchange(b"import resource as r")
        first = box.exchange(b"reply = b'%d' % r.getrlimit(r.RLIMIT_CPU)[0]")
        assert box.exchange(spin).status is CallStatus.OK
        later = box.exchange(b"reply = b'%d' % r.getrlimit(r.RLIMIT_CPU)[0]")
    assert int(later.payload) > int(first.payload) >= 12


def test_a_reply_that_nobody_asked_for_is_a_violation(guest: str) -> None:
    with LimitsSandbox().open(job(guest)) as box:
        assert box.exchange(b"os.write(4, bytes(7) + b'\\x01A' + bytes(7) + b'\\x01B')").payload == b"A"
        assert box.exchange(b"").status is CallStatus.VIOLATED
        assert "nobody had asked" in box.exchange(b"").reason


def test_dropped_words_are_counted(guest: str) -> None:
    with LimitsSandbox().open(job(guest, log_kb=1)) as box:
        log = box.exchange(b"os.write(1, b'x' * 3000)").log
        assert log == "x" * 1024 + "\n... 1976 bytes more were dropped\n"
        assert box.exchange(b"os.write(2, b'y')").log == "y"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
@pytest.mark.may_skip("macOS has no subreaper")
@pytest.mark.parametrize("way", WAYS)
def test_a_daemon_does_not_outlive_its_box(guest: str, way: str, private: Path) -> None:
    ours = subprocess.Popen(["sleep", "600"])
    theirs = subprocess.Popen(["sleep", "600"], start_new_session=True)
    try:
        with LimitsSandbox().open(job(guest)) as beside:
            with LimitsSandbox().open(job(guest)) as box:
                daemon = int(box.exchange(f"way = {way!r}\n{DAEMON}".encode()).payload)
                other = int(beside.exchange(f"way = {WAYS[0]!r}\n{DAEMON}".encode()).payload)
                assert psutil.pid_exists(daemon)
            assert not psutil.pid_exists(daemon)
            assert beside.exchange(b"").status is CallStatus.OK
            assert psutil.pid_exists(other)  # of a box that lives
        assert not psutil.pid_exists(other)
        assert (ours.poll(), theirs.poll()) == (None, None)  # what else this process has started is left alone
    finally:
        for process in (ours, theirs):
            process.kill()
            process.wait()


def test_a_command_s_daemon_is_ended_too(private: Path) -> None:
    code = "import subprocess; print(subprocess.Popen(['sleep', '600'], start_new_session=True, env={}).pid)"
    reply = python(code)
    assert reply.status is CallStatus.OK
    assert not psutil.pid_exists(int(reply.payload))


def test_a_stopped_process_ends_at_the_deadline(guest: str, private: Path) -> None:
    with LimitsSandbox().open(job(guest)) as box:
        assert box.exchange(b"import signal; os.kill(os.getpid(), signal.SIGSTOP)", wall_s=0.3).reason == (
            "no answer within 0.3 s"
        )


def test_stubborn_folders_are_removed(guest: str, private: Path) -> None:
    code = """
os.chdir(os.environ["HOME"])
os.makedirs("locked/inside")
os.chmod("locked/inside", 0)
os.chmod("locked", 0)
os.symlink("/etc", "link")
for _ in range(1200):
    os.mkdir("deep")
    os.chdir("deep")
"""
    mode = os.stat("/etc").st_mode
    with LimitsSandbox().open(job(guest)) as box:
        assert box.exchange(code.encode()).status is CallStatus.OK
        assert list(private.iterdir())
    assert list(private.iterdir()) == []
    assert os.stat("/etc").st_mode == mode


@pytest.mark.parametrize("name", ["../out", "/etc/x", "a/../../b", ""])
def test_no_file_leaves_the_folder(name: str, private: Path) -> None:
    with pytest.raises(SandboxError, match="can not place"):
        Folder({name: b""})


def test_a_command_that_is_not_there_says_so() -> None:
    reply = LimitsSandbox().execute(job(), ("no-such-command",), stdin=b"", files={}, produce=())
    assert (reply.status, reply.reason) == (CallStatus.CRASHED, "exit code 127")
    assert "no-such-command" in reply.log


def test_a_script_of_the_program_can_be_run() -> None:
    files = {"bench.sh": b"#!/bin/sh\necho $0 $1\n"}
    reply = LimitsSandbox().execute(
        Job(files=files, guest="", limits=Limits()), ("./bench.sh", "fast"), stdin=b"", files={}, produce=()
    )
    assert reply.payload == b"./bench.sh fast\n"


def test_an_interrupt_ends_the_box(guest: str, private: Path) -> None:
    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        box = LimitsSandbox().open(job(guest))
        pid = int(box.exchange(b"reply = b'%d' % os.getpid()").payload)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            box.exchange(b"while True: pass")
        assert not psutil.pid_exists(pid)
    finally:
        signal.signal(signal.SIGALRM, before)
