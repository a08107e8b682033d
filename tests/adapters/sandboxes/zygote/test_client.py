"""The life of a zygote: one for each environment, started again when it was killed, gone when closed."""

from __future__ import annotations

import os
import random
import resource
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from types import FrameType

import psutil
import pytest

from selfwright.adapters.sandboxes import owner
from selfwright.adapters.sandboxes.linux import cgroup
from selfwright.adapters.sandboxes.zygote import client, message
from selfwright.adapters.sandboxes.zygote import waiting as waiting_box
from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox
from selfwright.core.environment import Environment
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus
from selfwright.testing.sandbox import GUEST
from tests.adapters.sandboxes.zygote import faulty

JOB = Job(files={"program.py": b""}, guest=str(GUEST), limits=Limits())
AHEAD = client._AHEAD
CALLS = 200
LOOP = "while True: pass"


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ZygoteSandbox]:
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    sandbox = ZygoteSandbox()
    yield sandbox
    sandbox.close()
    assert list(private.iterdir()) == []


def zygotes() -> list[psutil.Process]:
    """Those of this process: what it started, outside of their namespaces."""
    children = [child for child in psutil.Process().children() if lives(child)]
    return [child for child in children if "zygote.server" in " ".join(child.cmdline())]


def lives(process: psutil.Process) -> bool:
    """Whether it runs; where this process takes in orphans, one that was killed may stay for ever as a zombie."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_for_end(process: psutil.Process) -> None:
    """It dies with the one outside, a moment later."""
    while lives(process):
        os.sched_yield()


def outside() -> psutil.Process:
    """The process that this one has started."""
    [zygote] = zygotes()
    return zygote


def inside() -> psutil.Process:
    """The init of the namespace, which forks the boxes."""
    [init] = outside().children()
    return init


def echo(sandbox: ZygoteSandbox, content: bytes = b"x") -> bytes:
    with sandbox.open(JOB) as box:
        reply = box.exchange(b"echo " + content)
    assert reply.status is CallStatus.OK, reply
    return reply.payload


@pytest.mark.parametrize("victim", [inside, outside])
def test_one_that_was_killed_between_calls_is_started_again_unnoticed(
    sandbox: ZygoteSandbox, victim: Callable[[], psutil.Process]
) -> None:
    for number in range(10):
        assert echo(sandbox, b"%d" % number) == b"%d" % number
        ended = os.pidfd_open(inside().pid)
        victim().send_signal(signal.SIGKILL)
        assert select.select([ended], [], [], 10)[0]  # a call of the box that waits would be lost, and say so
        os.close(ended)
    assert echo(sandbox) == b"x"
    assert len(zygotes()) == 1


def waiting() -> list[psutil.Process]:
    """The boxes that wait for their orders, the next one first."""
    while len(boxes := inside().children()) < AHEAD:  # they were asked for a moment ago
        os.sched_yield()
    assert len(boxes) == AHEAD
    return sorted(boxes, key=lambda box: box.pid)


def test_a_box_waits_before_it_is_ordered_and_one_that_has_died_is_replaced(sandbox: ZygoteSandbox) -> None:
    echo(sandbox)
    spare = waiting()
    with sandbox.open(JOB) as box:
        assert waiting() == spare
        assert box.exchange(b"echo x").status is CallStatus.OK
    spare = waiting()
    for box_ in spare:
        box_.kill()
        wait_for_end(box_)
    zygote = inside()
    assert echo(sandbox) == b"x"
    assert inside() == zygote
    assert not set(waiting()) & set(spare)


@pytest.mark.skipif(not cgroup.place().offered, reason=cgroup.place().why)
def test_a_box_enters_its_cgroup_of_its_own_accord(sandbox: ZygoteSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup.Cgroup, "add", lambda self, pid: None)
    with sandbox.open(JOB) as box:
        assert box.exchange(b"echo x").payload == b"x"
        [candidate] = [each for each in inside().children() if each.children()]
        groups = ours()["cgroups"]
        assert groups
        for group in groups:
            assert str(candidate.pid) in Path(group, "cgroup.procs").read_text().split()


@pytest.mark.skipif(not cgroup.place().offered, reason=cgroup.place().why)
@pytest.mark.parametrize("opened", [True, False])
def test_a_box_that_waited_is_bound_as_its_order_asks(
    sandbox: ZygoteSandbox, monkeypatch: pytest.MonkeyPatch, opened: bool
) -> None:
    """Also where the kernel does not let it enter its cgroup of its own accord."""
    if not opened:
        monkeypatch.setattr(cgroup.Cgroup, "doors", lambda self: nullcontext([]))
    for mib in (64, 512, 64):
        job = Job(files=JOB.files, guest=JOB.guest, limits=Limits(memory_mb=mib, output_mb=100))
        with sandbox.open(job) as box:
            reply = box.exchange(b"large %d" % (70 << 20))
        assert reply.status is (CallStatus.OK if mib == 512 else CallStatus.OUT_OF_MEMORY), reply


@pytest.mark.parametrize("victim", [inside, outside])
def test_a_call_that_runs_when_it_is_killed_is_our_failure_and_the_next_works(
    sandbox: ZygoteSandbox, victim: Callable[[], psutil.Process]
) -> None:
    with sandbox.open(JOB) as box:
        assert box.exchange(b"echo x").payload == b"x"
        killer = threading.Thread(target=lambda: victim().send_signal(signal.SIGKILL))
        killer.start()
        with pytest.raises(SandboxError, match="the zygote has ended, and its boxes with it"):
            box.exchange(b"sleep")
        killer.join()
        assert box.exchange(b"echo x").status is CallStatus.CRASHED  # it has ended, and says so
    assert echo(sandbox) == b"x"


def test_a_command_that_runs_when_it_is_killed_is_our_failure(sandbox: ZygoteSandbox) -> None:
    echo(sandbox)
    killer = threading.Thread(target=lambda: _kill_once_busy(inside()))
    killer.start()
    with pytest.raises(SandboxError, match="the zygote has ended"):
        sandbox.execute(JOB, (sys.executable, "-c", LOOP), stdin=b"", files={}, produce=())
    killer.join()
    assert echo(sandbox) == b"x"


def _kill_once_busy(init: psutil.Process) -> None:
    while not any(LOOP in _arguments(each) for each in init.children(recursive=True)):
        pass
    init.send_signal(signal.SIGKILL)


def _arguments(process: psutil.Process) -> list[str]:
    with suppress(psutil.Error):
        return process.cmdline()
    return []


@pytest.mark.parametrize("kills", [8, pytest.param(100, marks=pytest.mark.slow)])
def test_killed_at_any_moment_it_costs_no_candidate_a_crash(sandbox: ZygoteSandbox, kills: int) -> None:
    seed = random.randrange(1 << 32)
    pause, stop, killed = random.Random(seed), threading.Event(), []
    started = time.monotonic()
    echo(sandbox)
    life_s = 2 * (time.monotonic() - started)  # on this machine, now: some live to answer

    def kill() -> None:
        while len(killed) < kills and not stop.wait(pause.uniform(0, life_s)):
            with suppress(psutil.Error):  # it ended while it was looked at
                for zygote in zygotes():
                    for init in zygote.children():
                        init.send_signal(signal.SIGKILL)
                        killed.append(init.pid)

    killer = threading.Thread(target=kill)
    killer.start()
    told: Counter[str] = Counter()
    try:
        while killer.is_alive():
            try:
                with sandbox.open(JOB) as box:
                    told[box.exchange(b"echo x").status] += 1
            except SandboxError:
                told["ours"] += 1
    finally:
        stop.set()
        killer.join()
    assert set(told) <= {"ok", "ours"}, (told, f"seed {seed}")
    assert told["ok"] > 0, told
    assert echo(sandbox) == b"x"


def test_one_that_does_not_answer_is_given_up_and_its_late_answer_is_nobodys(
    sandbox: ZygoteSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert echo(sandbox) == b"x"
    init = inside()
    init.send_signal(signal.SIGSTOP)
    with monkeypatch.context() as patient:
        patient.setattr(client, "_ANSWER_S", 0.3)
        for number in range(AHEAD + 1):  # from the boxes that wait, and from another zygote
            assert echo(sandbox, b"%d" % number) == b"%d" % number
    assert not psutil.pid_exists(init.pid) or init.status() == psutil.STATUS_ZOMBIE
    assert len(zygotes()) == 1


@pytest.mark.parametrize("moment", [message.send, message.receive, waiting_box.Waiting.meet])
def test_an_interrupt_while_a_box_is_asked_for_does_not_hand_the_next_call_the_wrong_one(
    sandbox: ZygoteSandbox, moment: Callable[..., object]
) -> None:
    """Ctrl-C in a session that goes on: what was asked for is answered to nobody."""
    echo(sandbox)
    waiting()
    before = {kind: len(found) for kind, found in ours().items() if kind in ("processes", "cgroups")}
    zygote = sandbox._zygotes[str(GUEST), False]
    if moment is message.send:
        for _ in range(AHEAD):
            zygote.take().discard()  # so that the next has to be asked for
    with pytest.raises(KeyboardInterrupt):
        _interrupted(zygote.take, moment)
    for content in (b"y", b"z"):
        assert echo(sandbox, content) == content
    waiting()
    assert {kind: len(found) for kind, found in ours().items() if kind in before} == before


def _interrupted(call: Callable[[], object], function: Callable[..., object]) -> None:
    """Call, and be interrupted when this returns."""

    def returned(frame: FrameType, event: str, argument: object) -> object:
        if frame.f_code is not function.__code__:
            return None
        if event == "return":
            raise KeyboardInterrupt
        return returned

    sys.settrace(returned)
    try:
        call()
    finally:
        sys.settrace(None)


def test_a_fork_that_fails_is_told_and_ends_nobody_else(sandbox: ZygoteSandbox) -> None:
    server = (faulty.__file__, "server:namespace.enter")
    broken = ZygoteSandbox(server=server)
    try:
        for _ in range(2):
            with pytest.raises(SandboxError, match=f"a box can not be set up: fork: {faulty.WHY}$"):
                broken.open(JOB)
            [zygote] = broken._zygotes.values()
            assert zygote.alive
        assert ours()["cgroups"] == []
    finally:
        broken.close()


def test_where_no_descriptor_is_left_nothing_leaks_and_the_error_says_so(sandbox: ZygoteSandbox) -> None:
    echo(sandbox)
    zygote = sandbox._zygotes[str(GUEST), False]
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    told = set()
    for spare in range(8):
        zygote = sandbox._zygote(str(GUEST), False)
        while zygote._waiting:
            zygote.take().discard()
        before = ours()
        resource.setrlimit(resource.RLIMIT_NOFILE, (_free_descriptor(spare), hard))
        try:
            zygote.take().discard()
        except SandboxError as error:
            told.add(str(error))
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        if zygote.alive:
            assert sorted(ours()["descriptors"]) == sorted(before["descriptors"])
            assert sorted(ours()["cgroups"]) == sorted(before["cgroups"])
    assert told and all("Too many open files" in each for each in told), told
    assert any(each.startswith("can not ask for a box: ") for each in told), told
    assert echo(sandbox) == b"x"


def _free_descriptor(spare: int) -> int:
    """Return the limit under which so many more can be opened."""
    opened = [os.open("/dev/null", os.O_RDONLY) for _ in range(spare + 1)]
    for descriptor in opened:
        os.close(descriptor)
    return opened[-1]


def test_closing_also_ends_the_box_that_another_thread_has_just_asked_for(
    sandbox: ZygoteSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    echo(sandbox)
    zygote = sandbox._zygotes[str(GUEST), False]
    while zygote._waiting:
        zygote.take().discard()
    closer = threading.Thread(target=zygote.close)

    class ClosedMeanwhile(waiting_box.Waiting):
        def __init__(self, connection: socket.socket) -> None:
            super().__init__(connection)
            if closer.ident is None:
                closer.start()
            closer.join(0.2)  # it has to wait for us; if it does not, it comes to its end

    monkeypatch.setattr(client, "Waiting", ClosedMeanwhile)
    zygote.prepare()
    closer.join()
    assert not zygote.alive
    assert not zygote._waiting
    assert ours()["cgroups"] == []


def test_calls_share_one_and_sandboxes_do_not(sandbox: ZygoteSandbox) -> None:
    echo(sandbox)
    first = {zygote.pid for zygote in zygotes()}
    echo(sandbox)
    assert {zygote.pid for zygote in zygotes()} == first
    assert len(first) == 1
    other = ZygoteSandbox(environment=Environment(modules=("numpy",)))
    try:
        echo(other)
        assert len(zygotes()) == 2
    finally:
        other.close()
    assert {zygote.pid for zygote in zygotes()} == first


def test_the_network_is_granted_by_another_one(sandbox: ZygoteSandbox) -> None:
    echo(sandbox)
    with sandbox.open(Job(files={}, guest=str(GUEST), limits=Limits(allow=("network",)))) as box:
        assert box.exchange(b"echo x").payload == b"x"
        assert len(zygotes()) == 2


def ours() -> dict[str, list[str]]:
    """What of this process can be seen on the host, by kind."""
    folders = cgroup.place().folders.values()
    return {
        "processes": [each.name() for each in psutil.Process().children(recursive=True)],
        "cgroups": [str(group) for folder in folders for group in folder.glob(f"{owner.prefix()}*")],
        "mounts": Path("/proc/self/mountinfo").read_text().splitlines(),
        "shared memory": os.listdir("/dev/shm"),
        "folders": os.listdir(tempfile.gettempdir()),
        "descriptors": [_target(name) for name in os.listdir("/proc/self/fd")],
    }


def _target(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}").partition(":[")[0]
    except FileNotFoundError:  # that of the folder that was listed
        return ""


def test_closing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    echo(warm := ZygoteSandbox())  # what is looked up once and kept
    warm.close()
    before = ours()
    sandbox = ZygoteSandbox()
    boxes = [sandbox.open(JOB) for _ in range(3)]
    assert boxes[0].exchange(b"child").status is CallStatus.OK
    between = ours()
    assert len(between["processes"]) >= 2 + 2 * 3
    assert len(between["cgroups"]) >= 3 or not cgroup.place().offered
    assert between["folders"]
    sandbox.close()
    for box in boxes:
        box.close()
    after = ours()
    assert {kind: sorted(found) for kind, found in after.items()} == {
        kind: sorted(found) for kind, found in before.items()
    }


def test_descriptors_and_processes_are_no_more_after_two_hundred_calls(sandbox: ZygoteSandbox) -> None:
    def all_ways() -> None:
        for request in (b"echo x", b"exit 3", b"child leave"):
            with sandbox.open(JOB) as box:
                box.exchange(request)
        sandbox.execute(JOB, ("true",), stdin=b"x", files={"given": b"1"}, produce=("given",))

    def counts() -> dict[str, int]:
        in_zygote = {"in the zygote": len(inside().open_files()) + inside().num_fds()}
        return {kind: len(found) for kind, found in ours().items()} | in_zygote

    all_ways()
    waiting()
    before = counts()
    for _ in range(CALLS // 4):
        all_ways()
    waiting()
    while any(count > before[kind] for kind, count in counts().items()):
        os.sched_yield()  # what a box was made with is given up a moment after it waits; what leaks never is
