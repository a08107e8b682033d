"""What processes use, by `/proc`, where no cgroup counts."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from selfwright.adapters.sandboxes import tasks

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
        assert 50 << 20 <= tasks.memory_bytes(parent.pid) < 200 << 20
        assert tasks.memory_bytes(child) < 50 << 20
        assert tasks.cpu_s(parent.pid) >= 0.3
        parent.communicate(b"\n", timeout=30)
    assert (tasks.memory_bytes(parent.pid), tasks.cpu_s(parent.pid)) == (0, 0.0)


def test_the_time_of_children_that_were_reaped_is_counted() -> None:
    before = tasks.cpu_s(os.getpid())
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    subprocess.run([sys.executable, "-c", burn], check=True, timeout=60)
    assert tasks.cpu_s(os.getpid()) - before >= 0.45


def test_a_process_that_ends_while_it_is_counted_counts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    monkeypatch.setattr(tasks, "below", lambda pid: iter((pid, gone.pid)))
    assert tasks.switches(os.getpid()) == 0
