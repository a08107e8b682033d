"""What a confined call costs, beside starting a bare Python in the same minute.

Figures are printed with their thresholds and never asserted: a neighbour's load is no failure of ours.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from selfwright.adapters.sandboxes.bubblewrap import BubblewrapSandbox
from selfwright.adapters.sandboxes.landlocked import LandlockSandbox
from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox
from selfwright.bench.candidate import Candidate
from selfwright.bench.judge import Judge
from selfwright.bench.machine import keep_memory
from selfwright.bootstrap import find_problem
from selfwright.core.environment import BARE, Environment
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from selfwright.core.trial import Item
from selfwright.ports.sandbox import Sandbox
from selfwright.testing.sandbox import GUEST

NUMPY = Environment(modules=("numpy",))
LARGE = bytes(4_000_000)
SAME = {"same.py": b"def same(value):\n    return value\n"}
JOB = Job(files={"program.py": b"VALUE = 1\n"}, guest=str(GUEST), limits=Limits())
BARE_NUMPY = [sys.executable, "-c", "import numpy"]
ADAPTERS = (ZygoteSandbox, BubblewrapSandbox, LandlockSandbox, LimitsSandbox)
ROUNDS = 25
MOST_S = 20.0


def clock_ms(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return (time.perf_counter() - began) * 1000


def call(sandbox: Sandbox, content: bytes = b"x" * 100) -> None:
    with sandbox.open(JOB) as box:
        assert box.exchange(b"echo " + content).payload == content


def judge(sandbox: Sandbox, content: bytes) -> None:
    """Do what a judge's ``candidate.call`` does: import, codec and transcript included."""
    candidate = Candidate(
        files=SAME, program="same.py", sandbox=sandbox, limits=Limits(), environment=NUMPY
    )  # fmt: skip
    assert candidate.call("same", content).value == content


def tell(what: str, figure: float, unit: str, most: float | None = None, *, least: float | None = None) -> None:
    """Print a figure, its threshold and what becomes of it."""
    holds = (most is None or figure <= most) and (least is None or figure >= least)
    wanted = f"<= {most:g}" if most is not None else f">= {least:g}" if least is not None else ""
    mark = ("PASS" if holds else "OVER") if wanted else ""
    print(f"{what:62} {figure:10.2f} {unit:4} {wanted:>10} {mark}")


@pytest.fixture(autouse=True)
def load():
    print(f"\nload average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


@pytest.mark.bench
@pytest.mark.timeout(500)
def test_one_confined_call():
    """Median, and the best tenth: what a neighbour does not disturb. In a process that keeps memory, as workers do."""
    keep_memory()
    sandboxes = {each.name: each(environment=NUMPY) for each in ADAPTERS}
    ways: dict[str, Callable[[], object]] = {
        "bare subprocess, import numpy": lambda: subprocess.run(BARE_NUMPY, check=True),
        "bare subprocess": lambda: subprocess.run([sys.executable, "-c", "pass"], check=True),
    }
    for name, sandbox in sandboxes.items():
        ways[f"{name}, 100 bytes"] = lambda sandbox=sandbox: call(sandbox)
        ways[f"{name}, 4 MB in and out"] = lambda sandbox=sandbox: call(sandbox, LARGE)
    for what, content in (("nothing", b""), ("4 MB", LARGE)):
        ways[f"zygote, candidate.call with {what} in and out"] = lambda content=content: judge(
            sandboxes["zygote"], content
        )
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    for _ in range(ROUNDS):  # in turn, so that what else the machine does falls on all alike
        for name, way in ways.items():
            taken[name].append(clock_ms(way))
    for sandbox in sandboxes.values():
        sandbox.close()
    limits = {"zygote, 100 bytes": 10.0, "zygote, 4 MB in and out": 25.0}
    for name, times in taken.items():
        tell(f"{name} (best tenth {statistics.quantiles(times, n=10)[0]:.1f} ms)", statistics.median(times), "ms",
             limits.get(name))  # fmt: skip
    ratios = [
        mine / bare
        for mine, bare in zip(taken["zygote, 100 bytes"], taken["bare subprocess, import numpy"], strict=True)
    ]
    tell("zygote, 100 bytes / bare subprocess, import numpy", statistics.median(ratios), "", 0.15)


@pytest.mark.bench
@pytest.mark.timeout(200)
def test_children_a_second_on_all_cores():
    def work(seconds: float) -> int:
        sandbox = ZygoteSandbox(environment=NUMPY)
        call(sandbox)
        until, done = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            call(sandbox)
            done += 1
        sandbox.close()
        return done

    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        done = sum(pool.map(work, [5.0] * workers))
    tell(f"zygote: children a second, {workers} workers as threads of one process", done / 5, "/s", least=100)


@pytest.mark.bench
def test_start_of_a_zygote():
    for name, environment in (("nothing", BARE), ("numpy", NUMPY)):
        starts = []
        for _ in range(5):
            sandbox = ZygoteSandbox(environment=environment)
            starts.append(clock_ms(lambda sandbox=sandbox: call(sandbox)))
            sandbox.close()
        tell(f"zygote: start with {name} imported, and the first call", statistics.median(starts) / 1000, "s",
             0.5 if environment is BARE else None)  # fmt: skip


@pytest.mark.bench
@pytest.mark.timeout(200)
def test_memory_of_the_thousandth_is_that_of_the_tenth():
    sandbox = ZygoteSandbox(environment=NUMPY)
    marks = {}
    for number in range(1, 1001):
        call(sandbox)
        if number in (10, 1000):
            [init] = psutil.Process().children()[-1].children()
            marks[number] = (psutil.Process().memory_info().rss, init.memory_info().rss)
    sandbox.close()
    for who, tenth, thousandth in zip(("supervisor", "zygote"), marks[10], marks[1000], strict=True):
        tell(f"{who}: memory after 1,000 calls beyond that after 10", (thousandth - tenth) / 1024, "KiB", 512)


@pytest.mark.bench
@pytest.mark.timeout(500)
def test_what_the_codec_loses():
    """Against ``limits``, pair by pair, in turn first and second."""
    problem, _ = find_problem("video_codec")
    judge = Judge(problem)
    stage, cases = next((stage, cases) for stage, cases in judge.cases().items() if cases)
    files = {path: (problem.folder / path).read_bytes() for path in problem.files if problem.is_editable(path)}
    sandboxes = [ZygoteSandbox(environment=problem.environment), LimitsSandbox(environment=problem.environment)]

    def evaluate(sandbox: Sandbox) -> float:
        candidate = Candidate(
            files=files, program=problem.program, sandbox=sandbox, limits=problem.limits,
            environment=problem.environment,
        )  # fmt: skip
        item = Item(change="seed", stage=stage, case=cases[0], seed=1)
        began = time.perf_counter()
        outcome = judge.measure(item, candidate).outcome
        assert outcome.status == "ok", outcome
        return time.perf_counter() - began

    for sandbox in sandboxes:
        evaluate(sandbox)
    ratios, until = [], time.monotonic() + MOST_S
    while time.monotonic() < until or len(ratios) < 5:
        order = sandboxes if len(ratios) % 2 else sandboxes[::-1]
        taken = {sandbox.name: evaluate(sandbox) for sandbox in order}
        ratios.append(taken["zygote"] / taken["limits"] - 1)
    for sandbox in sandboxes:
        sandbox.close()
    tell(f"codec, {stage}/{cases[0]}: zygote takes more than limits by ({len(ratios)} pairs)",
         statistics.median(ratios) * 100, "%", 5)  # fmt: skip
