"""Programs that find the inputs of a whole batch, and compute many calls at once. Calls alone show what one takes.

Batches are short at first, and nobody verifies these: a wrong answer at once makes them longer.

The yardstick is the CPU time that the same work takes here: a loaded machine prolongs what is told, and not this.
"""

from __future__ import annotations

import time

import numpy as np
import pytest

from selfwright.bench.candidate import Candidate
from selfwright.bench.stopwatch import Samples, Stopwatch
from selfwright.core.environment import Environment
from selfwright.core.limits import Limits
from selfwright.ports.sandbox import Sandbox

ROUNDS = 12_000
"""About 1 ms."""

HONEST = f"""
def work(x):
    for _ in range({ROUNDS}):
        x = (x * 1103515245 + 12345) & 0x7fffffff
    return x

f = work
"""
TOGETHER = """
known, short = {}, set()
def f(x):
    if x not in known and x not in short:
        batch = find(x)
        if len(batch) < LEAST:
            short.update(batch)
        else:
            known.clear()
            known.update(zip(batch, compute(batch)))
    return known[x] if x in known else work(x) if known else 0
"""
VECTOR = f"""
# The frame of the guest's loop holds the batch; numpy computes all of it at once.
import sys
import numpy as np
LEAST = 1000
def find(x): return sys._getframe(2).f_locals["value"][0]
def compute(batch):
    numbers = np.array(batch, dtype=np.int64)
    for _ in range({ROUNDS}):
        numbers *= 1103515245
        numbers += 12345
        numbers &= 0x7fffffff
    return numbers.tolist()
"""
PACKED = f"""
# The collector knows every list, that of the batch too; one large number holds all of it, 64 bits each.
import gc
LEAST = 400
def is_batch(each, x): return type(each) is list and x in each and set(map(type, each)) == {{int}}
def find(x): return max((each for each in gc.get_objects() if is_batch(each, x)), key=len)
def compute(batch):
    plus, mask = (each * sum(1 << 64 * lane for lane in range(len(batch))) for each in (12345, 0x7fffffff))
    numbers = sum(number << 64 * lane for lane, number in enumerate(batch))
    for _ in range({ROUNDS}):
        numbers = (numbers * 1103515245 + plus) & mask
    return [numbers >> 64 * lane & 0x7fffffff for lane in range(len(batch))]
"""
CHEATS = {"VECTOR": HONEST + VECTOR + TOGETHER, "PACKED": HONEST + PACKED + TOGETHER}


def expected(x: int) -> int:
    for _ in range(ROUNDS):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


def own_s() -> float:
    """Return the CPU time of one call, of this process."""
    taken_s = []
    for x in range(20):
        started_s = time.process_time()
        expected(x)
        taken_s.append(time.process_time() - started_s)
    return min(taken_s)


def timed(program: str, sandbox: Sandbox) -> Samples:
    candidate = Candidate(
        files={"p.py": program.encode()}, program="p.py", sandbox=sandbox, limits=Limits(wall_s=20.0, memory_mb=1024),
        environment=Environment(modules=("numpy",)),
    )  # fmt: skip
    return candidate.time("f", lambda number: number, batches=3)


def assert_right(samples: Samples) -> None:
    assert len(samples.outputs) == len(samples.inputs) > 3
    numbers = np.array(samples.inputs, dtype=np.int64)[:, 0]
    for _ in range(ROUNDS):
        numbers = (numbers * 1103515245 + 12345) & 0x7FFFFFFF
    assert samples.outputs == numbers.tolist()


@pytest.mark.parametrize("cheat", CHEATS)
def test_who_computes_a_batch_at_once_gains_nothing(
    cheat: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = timed(CHEATS[cheat], sandbox)
    assert_right(samples)
    assert min(*samples, *samples.cpu) > 0.5 * own_s()
    monkeypatch.setattr(Stopwatch, "_least_s", lambda stopwatch, samples: 0.0)
    assert min(timed(CHEATS[cheat], sandbox)) < 0.5 * own_s()  # without calls alone it would
