"""The judge of a function on its owner's own cases, check and score."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench.candidate import Candidate
from selfwright.core.errors import InvalidCandidate, Unfit
from selfwright.core.limits import Limits
from selfwright.oracle.cases import CaseJudge, check_cases, pack_cases

SOURCE = "def f(values):\n    if not values:\n        raise ValueError\n    return sorted(values)\n"


@dataclass(frozen=True)
class Stage:
    seed: int


def candidate(source: str = SOURCE) -> Candidate:
    def made(text: str) -> Candidate:
        return Candidate(
            files={"m.py": text.encode()}, program="m.py", sandbox=LimitsSandbox(), limits=Limits(wall_s=10),
            seed=lambda: made(SOURCE),
        )  # fmt: skip

    return made(source)


def cases(seed: int) -> list[object]:
    rng = random.Random(seed)
    return [([rng.randrange(1000) for _ in range(20)],), [], [2, 1]]


def same_set(output: object, expected: object, values: list[int]) -> object:
    if isinstance(output, list) and set(output) == set(values):
        return True
    return f"{len(values)} values went in"


def test_time_is_taken_of_cases_of_which_no_two_are_alike() -> None:
    times = CaseJudge("f", cases=cases).evaluate(candidate(), Stage(seed=1))["time_us"]
    assert len(times) >= 1 and min(times) > 0


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("def f(values):\n    return list(values)\n", r"f\(\[\d+.*: \["),
        (SOURCE.replace("ValueError", "TypeError"), r"f\(\[\]\): raised TypeError, expected raised ValueError"),
        (SOURCE.replace("return", "values.sort(); return"), "arguments left as"),
    ],
)
def test_without_a_check_it_must_do_what_the_original_does(source: str, words: str) -> None:
    with pytest.raises(InvalidCandidate, match=words):
        CaseJudge("f", cases=cases).evaluate(candidate(source), Stage(seed=1))


def test_a_check_decides_what_is_right() -> None:
    judge = CaseJudge("f", cases=cases, check=same_set)
    assert judge.evaluate(candidate(SOURCE.replace("sorted(values)", "values[::-1]")), Stage(seed=1))["time_us"]
    with pytest.raises(InvalidCandidate, match="20 values went in"):
        judge.evaluate(
            candidate(SOURCE.replace("sorted(values)", "sorted(values)[:3] if values[2:] else []")), Stage(seed=9)
        )
    with pytest.raises(InvalidCandidate, match="the check raised ZeroDivisionError"):
        CaseJudge("f", cases=cases, check=lambda *given: 1 / 0).evaluate(candidate(), Stage(seed=1))
    with pytest.raises(TypeError, match="the check returned None; return whether the output is right"):
        CaseJudge("f", cases=cases, check=lambda *given: None).evaluate(candidate(), Stage(seed=1))


def test_a_score_is_the_mean_over_the_cases(tmp_path: Path) -> None:
    (tmp_path / "cases").write_bytes(pack_cases([([3, 1],), ([5, 4],)]))
    judge = CaseJudge("f", stored=tmp_path / "cases", score=lambda output, values: output[0])
    assert judge.evaluate(candidate(), Stage(seed=1)) == {"score": 2.5}
    assert judge.evaluate(candidate("def f(values):\n    return [max(values)]\n"), Stage(seed=1)) == {"score": 4.0}
    with pytest.raises(InvalidCandidate, match="the score raised IndexError"):
        judge.evaluate(candidate("def f(values):\n    return []\n"), Stage(seed=1))
    with pytest.raises(InvalidCandidate, match="its score is nan"):
        judge.evaluate(candidate("def f(values):\n    return [float('nan')]\n"), Stage(seed=1))


def test_few_cases_can_not_be_timed() -> None:
    with pytest.raises(RuntimeError, match="only 1 distinct cases can be timed"):
        CaseJudge("f", cases=lambda seed: [[2, 1]]).evaluate(candidate(), Stage(seed=1))


@pytest.mark.parametrize(
    ("source", "why", "words"),
    [
        ("import random\ndef f(values):\n    return random.random()\n", "impure", "is not the same twice"),
        ("def f(values):\n    return {1}\n", "uncarried", "returns what can not be carried: set"),
        ("def f(values):\n    raise KeyError\n", "untested", "f raises KeyError in every case"),
        ("def f(values):\n    values.clear()\n", "untimed", "f changes its arguments in every case"),
        ("def f(values):\n    import os; os._exit(1)\n", "impure", "does not do in the sandbox what it does here"),
    ],
)
def test_a_function_that_can_not_be_judged_is_told_so(source: str, why: str, words: str) -> None:
    with pytest.raises(Unfit, match=words) as caught:
        check_cases("f", [([2, 1],), ([3],)], lambda: candidate(source), timed=True)
    assert caught.value.why == why
    check_cases("f", [([2, 1],), ([],)], candidate, timed=True)
