"""Programs that would be told faster than they are. Each is caught, gives wrong outputs, or has gained nothing.

What the judge knows is `expected`; it verifies every output. A program gains when all outputs are right and a sample
is far below that of the honest program, which is timed beside it. Far, because a neighbour on the machine is no cheat:
what would be gained here is a factor of twenty or more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from selfwright.adapters.sandboxes.box import GuestBox
from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench.candidate import Candidate
from selfwright.core.environment import Environment
from selfwright.core.errors import CallFailed
from selfwright.core.job import Job, Reply
from selfwright.core.limits import Limits
from selfwright.ports.sandbox import Sandbox

HONEST = """
def work(x):
    for _ in range(100):
        x = (x * 1103515245 + 12345) & 0x7fffffff
    return x

f = work
"""
GUEST = """
# Where the guest is the main program, and where it was imported by what forked: its names, by the frames.
import sys
frame = sys._getframe()
while "write_frame" not in frame.f_globals: frame = frame.f_back
guest = frame.f_globals
"""
MEMO = """
import functools
f = functools.cache(work)
"""
TABLE = """
table = {n: work(n) for n in range(100_000)}
def f(x): return table.get(x) or work(x)
"""
AHEAD = """
# A thread that goes on with the numbers after the last one, between calls and between batches.
import threading
known, last = {}, [0]
def ahead():
    while True:
        at = last[0]
        for x in range(at + 1, at + 50): known[x] = work(x)
threading.Thread(target=ahead, daemon=True).start()
def f(x):
    last[0] = x
    return known.pop(x, None) or work(x)
"""
SLOW_START = """
# Slow while the batch is calibrated, so that it gets little to do.
import time
calls = 0
def f(x):
    global calls
    calls += 1
    if calls < 4: time.sleep(0.1)
    return work(x)
"""
LAZY = """
class Lazy(int):
    def __new__(cls, x):
        self = int.__new__(cls, 0)
        self.x = x
        return self
    def __int__(self): return work(self.x)
    __index__ = __int__
    def __add__(self, other): return work(self.x)
f = Lazy
"""
LAZY_LIST = """
class Lazy(list):
    def __iter__(self): return iter([work(self.x)])
    def __len__(self): return 1
def f(x):
    lazy = Lazy()
    lazy.x = x
    return lazy
"""
GENERATOR = """
def f(x): yield work(x)
"""
FUTURE = """
from concurrent.futures import ThreadPoolExecutor
pool = ThreadPoolExecutor(1)
def f(x): return pool.submit(work, x)
"""
FILLED_LATER = """
import threading, queue
todo = queue.SimpleQueue()
def fill():
    while True:
        result, x = todo.get()
        result.append(work(x))
threading.Thread(target=fill, daemon=True).start()
def f(x):
    result = []
    todo.put((result, x))
    return result
"""
LAZY_ARRAY = """
import numpy as np
class Lazy(np.ndarray):
    def __array__(self, *args, **more): return np.array([work(self.x)])
    def __array_finalize__(self, other): self.x = getattr(other, "x", 0)
    def astype(self, *args, **more): return self.__array__()
    reshape = view = __getitem__ = astype
def f(x):
    lazy = np.zeros(1, np.int64).view(Lazy)
    lazy.x = x
    return lazy
"""
CLOCK = """
import ctypes, time
f = work
for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
    setattr(time, name, lambda: 0.0)
    setattr(time, name + "_ns", lambda: 0)
time.sleep = time.clock_gettime = lambda *_: 0.0
ctypes.CDLL(None).clock_gettime = lambda *_: 0
"""
STARMAP = """
# The loop of the guest answers by itself.
guest["starmap"] = lambda function, rows: [0 for _ in rows]
def f(x): return work(x)
"""
EMPTY = """
# Whatever is not its own call is slow, in the hope that it is subtracted.
import time
def slow(f):
    def g(*args, **more):
        time.sleep(0.001)
        return f(*args, **more)
    return g
guest["_read_into"] = slow(guest["_read_into"])
guest["write_frame"] = slow(guest["write_frame"])
f = work
"""
CODEC = """
# A codec that knows what comes, one column of integers, in place of the guest's.
import array, gc
[codec] = [o for o in gc.get_objects() if type(o).__name__ == "Guest"]
class Fast:
    def decode(self, view, name=""):
        if len(view) < 50: return plain.decode(view)
        content = bytes(view[18:])
        numbers = bytearray(len(content) // 9 * 8)
        for i in range(8): numbers[7 - i::8] = content[i + 1::9]
        return [array.array("q", bytes(numbers))]
    def pieces(self, value, max_bytes=0):
        if type(value) is not list: return plain.pieces(value, max_bytes=1 << 60)
        numbers, content = array.array("q", value).tobytes(), bytearray(b"i" * 9 * len(value))
        for i in range(8): content[i + 1::9] = numbers[7 - i::8]
        return [b"l" + len(value).to_bytes(8, "big"), content]
plain, codec._wire = codec._wire, Fast()
f = work
"""
EARLY = """
# Answers before it has read what is asked, and reads and computes later.
import os
started = []
def read(content):
    got = plain(content)
    if started and len(content) > 8:
        os.write(4, (19).to_bytes(8, "big") + b"Vl" + (1).to_bytes(8, "big") + b"i" + bytes(8))
    return got
plain, guest["_read_into"] = guest["_read_into"], read
def f(x):
    started.append(x)
    return work(x)
"""
BUSY = """
# Keeps the core busy while the host measures what is to be subtracted.
import os, threading
def burn():
    while True: pass
for _ in range(4):
    if not os.fork():
        burn()
f = work
"""
THREADS = """
# More cores than given: threads that hold no lock, on a core that is not its own.
import hashlib, os, threading
try: os.sched_setaffinity(0, range(os.cpu_count()))
except OSError: pass
def burn():
    while True: hashlib.sha256(bytes(1 << 20)).digest()
threading.Thread(target=burn, daemon=True).start()
f = work
"""


def expected(x: int) -> int:
    for _ in range(100):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


def timed(program: str, sandbox: Sandbox | None = None, cores: int = 1) -> float | None:
    """Return the shortest sample, wall or core, of a program whose outputs are all right; None where it was caught."""
    limits = Limits(wall_s=20.0, memory_mb=1024)
    candidate = Candidate(
        files={"p.py": program.encode()},
        program="p.py",
        sandbox=sandbox or LimitsSandbox(),
        limits=limits,
        cores=cores,
        environment=Environment(modules=("numpy",)),
    )
    try:
        samples = candidate.time("f", lambda number: number, batches=3)
    except CallFailed as error:
        assert "while importing" not in str(error)  # it did not even try
        return None
    right = all(output == expected(x) for output, (x,) in zip(samples.outputs, samples.inputs, strict=True))  # type: ignore[arg-type]
    return min(*samples, *samples.cpu) if right else None


class Altered(LimitsSandbox):
    """A sandbox whose replies are altered: what a machine would say on which something else happens."""

    def __init__(self, alter: Callable[[int, Reply], Reply]) -> None:
        super().__init__()
        self._alter = alter
        self._opened = 0

    def open(self, job: Job) -> GuestBox:
        box, number, plain = super().open(job), self._opened, GuestBox.exchange
        self._opened += 1

        def exchange(request: bytes, *, wall_s: float | None = None) -> Reply:
            return self._alter(number, plain(box, request, wall_s=wall_s))

        box.exchange = exchange  # type: ignore[method-assign]
        return box


CHEATS = {
    name: value
    for name, value in globals().copy().items()
    if name.isupper() and isinstance(value, str) and name not in ("HONEST", "GUEST")
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_no_cheat_gains(cheat: str, sandbox: Sandbox) -> None:
    honest, told = timed(HONEST, sandbox), timed(HONEST + GUEST + CHEATS[cheat], sandbox)
    assert honest is not None
    assert told is None or told > 0.2 * honest


@pytest.mark.parametrize("cheat", ["GENERATOR", "LAZY", "LAZY_LIST", "FUTURE", "STARMAP", "EARLY"])
def test_these_are_caught(cheat: str, sandbox: Sandbox) -> None:
    assert timed(HONEST + GUEST + CHEATS[cheat], sandbox) is None


def test_waiting_for_a_core_is_not_subtracted() -> None:
    def alter(box: int, reply: Reply) -> Reply:
        if box == 1:  # the one that never meets the program, on a machine that the program keeps busy
            time.sleep(0.06)
        return reply

    honest, told = timed(HONEST), timed(HONEST, Altered(alter))
    assert honest is not None
    assert told is not None
    assert told > 0.2 * honest


@pytest.mark.parametrize(("cores", "caught"), [(1, True), (2, False)])
def test_more_cores_than_its_own_are_a_violation(cores: int, caught: bool) -> None:
    twice = Altered(lambda box, reply: replace(reply, cpu_s=2 * reply.wall_s))
    assert (timed(HONEST, twice, cores=cores) is None) == caught
