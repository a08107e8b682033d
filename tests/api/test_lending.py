"""Our sandbox and judge in other engines' loops: real runs of each that is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import selfwright
from benchmarks import peer_loops
from selfwright.api.lending import Evaluator
from selfwright.core.status import TrialStatus


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    """A problem of two numbers."""
    return peer_loops.make_problem(tmp_path)


@pytest.fixture
def judge(problem: Path) -> Iterator[Evaluator]:
    """The evaluator of it."""
    with selfwright.as_evaluator(problem, workers=1) as made:
        yield made


def test_a_program_is_measured_beside_the_seed_whatever_form_it_comes_in(judge: Evaluator, tmp_path: Path) -> None:
    assert judge.measure(peer_loops.SEED).score == 1.0
    best = judge.measure({"p.py": peer_loops.BEST})
    assert (best.metrics, best.ok) == ({"error": pytest.approx(0.1)}, True)
    assert best.score == pytest.approx(17.1 / 0.1)
    (tmp_path / "program.py").write_text(peer_loops.BEST)
    said = judge.openevolve(str(tmp_path / "program.py"))
    assert said == {"error": pytest.approx(0.1), "combined_score": pytest.approx(171)}
    score, info = judge.gepa(peer_loops.BEST)
    assert (score, info["status"]) == (pytest.approx(171), "ok")


def test_what_fails_or_may_not_run_has_no_score_and_a_reason(judge: Evaluator) -> None:
    crashed = judge.measure("def f(x):\n    return 1 / 0\n")
    assert (crashed.score, crashed.status, crashed.ok) == (0.0, TrialStatus.CRASHED, False)
    assert "ZeroDivisionError" in judge.gepa("def f(x):\n    return 1 / 0\n")[1]["error"]
    assert judge.measure({"judge.py": "def evaluate(*given): return {'error': 0.0}"}).reason.startswith(
        "refused: judge.py is locked"
    )
    assert "imports 'judge'" in judge.measure(peer_loops.ANSWERS[1]).reason


def test_optuna_tunes_the_numbers_that_are_marked(problem: Path) -> None:
    pytest.importorskip("optuna")
    ended = peer_loops.with_optuna(problem, trials=4)
    assert ended.asked == 4
    assert ended.score > 1.0
    assert "p.py:2:9 a" in ended.best


@pytest.mark.slow
@pytest.mark.may_skip("a peer, which is not among our dependencies")
@pytest.mark.parametrize("name", ["gepa", "openevolve"])
@pytest.mark.filterwarnings("ignore")  # theirs
def test_their_loops_find_the_best_and_no_forged_score(name: str, problem: Path) -> None:
    pytest.importorskip(name)
    ended = peer_loops.LOOPS[name](problem)
    assert ended.best.strip() == peer_loops.BEST.strip()
    assert ended.score == pytest.approx(171)
