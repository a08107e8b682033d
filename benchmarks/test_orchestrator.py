"""The orchestrator's own price: CPU time a trial, memory, disk, and how soon a long run opens.

Proposer and engine are fakes of ``selfwright.testing``, so that nothing but the orchestrator is measured: no sandbox,
no judge, no model and no git. Journal, blobs, archive, selection, gate and ledger are the real ones. Each test has a
process of its own, whose memory and CPU time are all of it.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from selfwright.adapters.blobs.sqlite import SqliteBlobs
from selfwright.adapters.clock import SystemClock
from selfwright.adapters.journals.sqlite import SqliteJournal
from selfwright.core import event as ev
from selfwright.core.change import Proposal
from selfwright.core.draw import draw
from selfwright.core.lifecycle import CONCLUDED
from selfwright.evolve.shelf import JOURNAL
from selfwright.ports.proposer import Ask
from tests.evolve.toy import Toy

CPU_MS = 3.0
GROWTH = 1.2
PROCESS_MB, FOLDER_MB = 60.0, 5.0
OPENS_S = 2.0
IN_FLIGHT, LATENCY_S, FLIGHT_MB, THROUGHPUT = 64, 2.0, 120.0, 0.98


class Endless:
    """Proposes programs of some 4 KB, now and then a better one, of which a few lines differ; each takes a while."""

    name = "endless"

    def __init__(self, *, lag: int, latency_s: float = 0.0) -> None:
        self.lag: int | None = lag
        self._latency_s = latency_s
        self._lines = [f"VALUE_{number} = {draw(2, 'line', number)}" for number in range(120)]

    def ask(self, ask: Ask) -> Proposal | None:
        if self._latency_s:
            time.sleep(self._latency_s)
        chance = draw(1, "size", ask.trial)
        size = 200.0 + chance % 1000 / 10 if chance % 500 else 100.0 * 0.98 ** (ask.trial.bit_length())
        lines = self._lines.copy()
        lines[chance % 120] = f"VALUE_X = {chance}"
        text = f"SIZE = {size}\nQUALITY = 40\n" + "\n".join(lines) + "\n"
        return Proposal(files={"p.py": text.encode()}, reason="one line", parent=ask.parent, proposer=self.name)


def run(
    folder: Path, trials: int, *, lag: int = 8, latency_s: float = 0.0, every: int = 100,
    clock: Callable[[], float] = time.process_time,
) -> tuple[Toy, dict[int, float]]:  # fmt: skip
    """Return a run of so many trials, and the CPU time in seconds, or that of another clock, at a few of them."""
    toy = Toy(folder, holdout=False, cases={"full": ("a",)})
    toy.clock = SystemClock()
    toy.journal = SqliteJournal(folder / JOURNAL, clock=toy.clock)
    toy.blobs = SqliteBlobs(folder / JOURNAL, folder / "blobs")
    proposer, marks = Endless(lag=lag, latency_s=latency_s), {}
    toy.open(proposer)

    def mark(event, state):
        if isinstance(event, ev.Moved) and event.to in CONCLUDED and state.verdicts % every == 0:
            marks.setdefault(state.verdicts, clock())

    marks[0] = clock()
    toy.drive(proposer, trials=trials, observe=mark)
    return toy, marks


def child(what: str, *arguments: object, timeout_s: float = 1800) -> dict:
    """Call a function of this file in a process of its own, which prints JSON."""
    argv = [sys.executable, "-m", "benchmarks.test_orchestrator", what, *map(str, arguments)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def measured(folder: str, trials: str) -> dict:
    """Run so many trials in a folder."""
    toy, marks = run(Path(folder), int(trials))
    toy.blobs.close()
    toy.journal.close()
    return {"marks": marks, "mb": _mb(), "folder_mb": _size_mb(Path(folder))}


def in_flight(folder: str, waves: str) -> dict:
    """Keep ``IN_FLIGHT`` proposals in the making, each of which takes ``LATENCY_S``; so many one after the other.

    The ideal is that many every so many seconds, from the end of the first on.
    """
    trials = IN_FLIGHT * int(waves)
    toy, marks = run(Path(folder), trials, lag=IN_FLIGHT, latency_s=LATENCY_S, every=IN_FLIGHT, clock=time.monotonic)
    assert toy.state().verdicts == trials
    share = (int(waves) - 1) * LATENCY_S / (marks[trials] - marks[IN_FLIGHT])
    return {"share": share, "mb": _mb(), "cpu_ms": time.process_time() / trials * 1000}


def _mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _size_mb(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6


@pytest.mark.bench
@pytest.mark.timeout(900)
def test_cpu_memory_and_disk(tmp_path):
    """At 300, 1,000 and 10,000 trials."""
    print()
    (tmp_path / "short").mkdir()
    short = child("measured", tmp_path / "short", 1_000)
    print(f"1,000 trials of 4 KB: {short['mb']:.0f} MB of memory, {short['folder_mb']:.1f} MB of disk")
    (tmp_path / "long").mkdir()
    marks = child("measured", tmp_path / "long", 10_000)["marks"]
    costs = [_cost_ms(marks, *span) for span in ((100, 300), (300, 1_000), (9_000, 10_000))]
    for words, cost in zip(("100 to 300", "300 to 1,000", "9,000 to 10,000"), costs, strict=True):
        print(f"trials {words}: {cost:.2f} ms of CPU a trial")
    assert max(costs) <= CPU_MS
    assert short["mb"] <= PROCESS_MB
    assert short["folder_mb"] <= FOLDER_MB


@pytest.mark.bench
@pytest.mark.timeout(3000)
def test_a_hundred_thousand_trials():
    """What a trial costs there beside what it cost at 1,000, and how soon such a run opens."""
    print()
    with tempfile.TemporaryDirectory() as place:
        found = child("measured", place, 100_000, timeout_s=2500)
        first, last = (_cost_ms(found["marks"], *span) for span in ((300, 5_000), (95_000, 99_900)))
        print(f"trials 300 to 5,000: {first:.2f} ms of CPU a trial; 95,000 to 99,900: {last:.2f} ms")
        print(f"growth {last / first:.2f} times; {found['mb']:.0f} MB of memory, {found['folder_mb']:.0f} MB of disk")
        command = str(Path(sys.executable).parent / "selfwright")
        times = {"status, the first time": _opens_s(command, "status", place)}
        times |= {word: _opens_s(command, word, place) for word in ("status", "best")}
        for words, (wall_s, cpu_s) in times.items():
            print(f"selfwright {words}: {wall_s:.2f} s, {cpu_s:.2f} s of CPU")
    assert last / first <= GROWTH
    assert max(times[word][1] for word in ("status", "best")) <= OPENS_S


@pytest.mark.bench
@pytest.mark.timeout(300)
def test_proposals_in_flight(tmp_path):
    found = child("in_flight", tmp_path, 10)
    print(f"\n{IN_FLIGHT} proposals in flight, {LATENCY_S:g} s each: {found['share']:.1%} of the ideal throughput, "
          f"{found['mb']:.0f} MB, {found['cpu_ms']:.2f} ms of CPU a trial")  # fmt: skip
    assert found["share"] >= THROUGHPUT
    assert found["mb"] <= FLIGHT_MB


def _cost_ms(marks: dict[str, float], begin: int, end: int) -> float:
    return (marks[str(end)] - marks[str(begin)]) / (end - begin) * 1000


def _opens_s(command: str, word: str, folder: str) -> tuple[float, float]:
    """Return wall and CPU time of a command, in seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([command, word, folder], check=True, capture_output=True, timeout=600)
    took_s, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    print(json.dumps({"measured": measured, "in_flight": in_flight}[sys.argv[1]](*sys.argv[2:])))
