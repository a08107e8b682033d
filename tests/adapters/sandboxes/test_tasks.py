"""What processes use, by `/proc`, where no cgroup counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from selfwright.adapters.sandboxes import orphans, tasks

MOST = 1 << 40
SHARING = """
import os
held = bytearray(b"x") * (60 << 20)
for _ in range(4):
    if not os.fork():
        print(flush=True)
        input()
print(flush=True)
input()
"""
UNHEARD = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
(waiting, end), (ended, done) = os.pipe(), os.pipe()
if not os.fork():
    while time.process_time() < 0.5: pass
    print(flush=True)
    os.read(waiting, 1)
    os._exit(0)
os.close(done)
input()
os.write(end, b"x")
os.read(ended, 1)
try:
    os.wait()  # until it is gone: nobody is told how it ended
except ChildProcessError:
    print(flush=True)
input()
"""
ORPHAN = """
import os
if not os.fork():
    if not os.fork():
        while os.getppid() != int(os.environ["ADOPTER"]): pass
        print(os.getpid(), flush=True)
        input()
    os._exit(0)
os.wait()
input()
"""
FAMILY = """
import subprocess, sys, time
held = bytearray(b"x" * (20 << 20))
until = time.process_time() + 0.3
while time.process_time() < until: pass
child = subprocess.Popen([sys.executable, "-c", "held = bytearray(b'x' * (30 << 20)); print(flush=True); input()"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
input()
child.kill()
child.wait()
"""


def test_a_family_is_counted_together() -> None:
    with subprocess.Popen([sys.executable, "-c", FAMILY], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert set(tasks.below(parent.pid)) == {parent.pid, child}
        family = tasks.Family(parent.pid)
        assert 50 << 20 <= family.memory_bytes(MOST) < 200 << 20
        assert tasks.Family(child).memory_bytes(MOST) < 50 << 20
        assert family.cpu_s() >= 0.3
        parent.communicate(b"\n", timeout=30)
    assert tasks.Family(parent.pid).memory_bytes(MOST) == 0
    assert tasks.Family(parent.pid).cpu_s() == 0.0
    assert family.cpu_s() >= 0.3


def test_the_time_of_children_that_were_reaped_is_counted() -> None:
    family = tasks.Family(os.getpid())
    before = family.cpu_s()
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", burn], check=True, timeout=60)
    assert family.cpu_s() - before >= 0.45


def test_a_process_that_ends_while_it_is_counted_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    monkeypatch.setattr(tasks, "below", lambda pid: iter((pid, gone.pid)))
    assert tasks.switches(os.getpid()) == 0


def started(script: str) -> subprocess.Popen[bytes]:
    argv = [sys.executable, "-c", script]
    environment = os.environ | {"ADOPTER": str(os.getpid())}
    pipe = subprocess.PIPE
    return subprocess.Popen(argv, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)


def end(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    with suppress(ChildProcessError):  # its orphans are ours, once this process has declared itself the subreaper
        while True:
            os.waitpid(-process.pid, 0)


def test_memory_that_is_shared_counts_once_where_it_matters() -> None:
    process = started(SHARING)
    assert process.stdout
    for _ in range(5):
        process.stdout.readline()
    family = tasks.Family(process.pid)
    assert family.memory_bytes(MOST) >= 5 * 60 << 20
    assert 60 << 20 <= family.memory_bytes(100 << 20) < 100 << 20
    end(process)


def test_a_process_that_lets_nobody_look_counts_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tasks.Family(os.getpid()).memory_bytes(MOST)
    monkeypatch.setattr(tasks, "sizes", lambda file, *names: [whole] if file.endswith("status") else [])
    assert tasks.Family(os.getpid()).memory_bytes(0) >= whole


def test_the_time_of_a_child_that_nobody_waits_for_is_known_from_an_earlier_look() -> None:
    process = started(UNHEARD)
    assert process.stdin
    assert process.stdout
    family = tasks.Family(process.pid)
    process.stdout.readline()
    assert family.cpu_s() >= 0.5
    process.stdin.write(b"\n")
    process.stdin.flush()
    process.stdout.readline()
    assert list(tasks.below(process.pid)) == [process.pid]
    assert tasks.Family(process.pid).cpu_s() < 0.5
    assert family.cpu_s() >= 0.5
    end(process)


def test_a_child_whose_parent_has_ended_is_of_the_family() -> None:
    orphans.become_subreaper()
    process = started(ORPHAN)
    assert process.stdout
    orphan = int(process.stdout.readline())
    assert orphan not in tasks.below(process.pid)
    assert orphans.of(process.pid) == [orphan]
    assert tasks.Family(process.pid).memory_bytes(MOST) > tasks.Family(orphan).memory_bytes(MOST) > 0
    end(process)
