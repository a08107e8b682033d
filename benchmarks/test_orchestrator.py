"""The orchestrator's own CPU time per trial: scripted proposer, trivial objective; sandbox, judge and git excluded.

Wanted: <= 3 ms a trial, and the same at trial 10,000 as at trial 10.
"""

import itertools
import time

import pytest

from selfwright.adapters.blobs.sqlite import SqliteBlobs
from selfwright.adapters.clock import SystemClock
from selfwright.adapters.journals.sqlite import SqliteJournal
from selfwright.core import event as ev
from selfwright.core.lifecycle import CONCLUDED
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.toy import Toy, proposal

TRIALS = 10_000
WINDOW = 1_000


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_cpu_per_trial(tmp_path):
    toy = Toy(tmp_path, holdout=False, cases={"full": ("a",)})
    toy.clock = SystemClock()
    toy.journal = SqliteJournal(tmp_path / "journal.db", clock=toy.clock)
    toy.blobs = SqliteBlobs(tmp_path / "journal.db", tmp_path / "blobs")
    proposer = ScriptedProposer([proposal(200 + number) for number in range(TRIALS)], lag=8)
    toy.open(proposer)
    marks: dict[int, float] = {}

    def mark(event, state):
        if isinstance(event, ev.Moved) and event.to in CONCLUDED and state.verdicts % WINDOW == 10:
            marks.setdefault(state.verdicts, time.process_time())

    toy.drive(proposer, trials=TRIALS, observe=mark)
    points = sorted(marks)
    print()
    for begin, end in itertools.pairwise(points):
        cost_ms = (marks[end] - marks[begin]) / (end - begin) * 1000
        print(f"trials {begin:6} to {end:6}: {cost_ms:.2f} ms of CPU a trial")
    size_mb = (tmp_path / "journal.db").stat().st_size / 1e6
    began = time.process_time()
    toy.state()
    print(f"journal {size_mb:.1f} MB; folded again in {time.process_time() - began:.2f} s")
    toy.blobs.close()
    toy.journal.close()
