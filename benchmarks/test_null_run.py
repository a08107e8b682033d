"""A real run of candidates that change nothing, with other work beside it: nothing may be adopted."""

import json
import multiprocessing
import os
import re
import shutil
from pathlib import Path

import pytest

import selfwright
from selfwright.core.verdict import Decision

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]

PROBLEM = Path(__file__).parents[1] / "examples" / "trap" / "problem"
NULLS, MOST_PAIRS = 50, 24


def burn() -> None:
    """Compute and rest by turns, for ever."""
    while True:
        sum(range(2_000_000))
        multiprocessing.Event().wait(0.03)


def test_nothing_is_adopted_beside_a_load_generator(tmp_path: Path) -> None:
    """Fifty programs of some 5 ms that differ in a name."""
    problem = shutil.copytree(PROBLEM, tmp_path / "problem")
    settings = problem / "problem.toml"
    settings.write_text(re.sub(r"max_pairs = \d+", f"max_pairs = {MOST_PAIRS}", settings.read_text()))
    source = (problem / "digest.py").read_text()
    nulls = [source.replace("total", f"total_{number}") for number in range(NULLS)]
    session = tmp_path / "session.jsonl"
    session.write_text("".join(json.dumps({"files": {"digest.py": null}}) + "\n" for null in nulls))
    load = [multiprocessing.Process(target=burn, daemon=True) for _ in range(len(os.sched_getaffinity(0)))]
    for process in load:
        process.start()
    try:
        history = selfwright.run(problem, proposer=f"recorded:{session}", dir=tmp_path / "run")
    finally:
        for process in load:
            process.kill()
    verdicts = [history.state.last(trial).verdict for trial in range(1, NULLS + 1)]
    told = [verdict for verdict in verdicts if verdict is not None]
    pairs = sum(verdict.pairs for verdict in told)
    faster = sum(verdict.gain is not None and verdict.gain > 0 for verdict in told)
    print(f"\n{NULLS} null candidates, {pairs} pairs; {faster} looked faster at the end; adopted: ", end="")
    print(sum(verdict.decision is Decision.ADOPT for verdict in told))
    assert len(told) == NULLS
    assert pairs >= NULLS
    assert len(history.state.versions) == 1
