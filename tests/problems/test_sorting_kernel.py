"""The judge of the sorting kernel: every kind of list is new, and every wrong one is refused."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from selfwright import InvalidCandidate
from tests.problems.conftest import Import


class Candidate:
    """Runs a function in this process, a tenth of a second a call."""

    def __init__(self, sort: Callable[[list[int]], object]) -> None:
        self.sort = sort
        self.given: list[list[int]] = []

    def session(self) -> "Candidate":
        return self

    def __enter__(self) -> "Candidate":
        return self

    def __exit__(self, *exc: object) -> None:
        pass

    def call(self, function: str, values: list[int]) -> SimpleNamespace:
        assert function == "sort"
        self.given.append(list(values))
        return SimpleNamespace(value=self.sort(list(values)), wall_s=0.1)


def measure(judge: object, sort: Callable[[list[int]], object], seed: int = 1) -> tuple[dict[str, float], Candidate]:
    candidate = Candidate(sort)
    case = SimpleNamespace(id="mixed", seed=seed, stage=SimpleNamespace(name="full", seed=seed))
    return judge.measure(candidate, case), candidate  # type: ignore[attr-defined]  # a module


def test_a_measurement_is_the_time_of_four_lists_after_a_first_call(judge_module: Import) -> None:
    judge = judge_module("sorting_kernel", "judge")
    metrics, candidate = measure(judge, sorted)
    assert metrics == {"sort_s": pytest.approx(0.4)}
    assert [len(values) for values in candidate.given] == [3, 4000, 4000, 4000, 4000]
    assert len(set(candidate.given[3])) <= 16
    assert candidate.given[1:] != measure(judge, sorted, seed=2)[1].given[1:]


@pytest.mark.parametrize(
    ("sort", "words"),
    [
        (lambda values: sorted(set(values)), "random: expected 4000 values, got 39"),
        (lambda values: values, "random: at place 0 expected"),
        (lambda values: tuple(sorted(values)), "expected a list of integers, got tuple"),
        (lambda values: [float(value) for value in sorted(values)], "expected a list of integers"),
        (lambda values: [*sorted(values)[:-1], 10**6], "random: at place 3999"),
    ],
)
def test_what_is_wrong_is_refused(judge_module: Import, sort: Callable[[list[int]], object], words: str) -> None:
    with pytest.raises(InvalidCandidate, match=words):
        measure(judge_module("sorting_kernel", "judge"), sort)
