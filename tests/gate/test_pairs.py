"""The sequential test on pairs: no luck is adopted, a real gain is, and the figures of gate.md are reached."""

import math
import random
from statistics import median

import pytest

from selfwright.core.metric import Effect, Metric, Objective
from selfwright.core.verdict import Decision
from selfwright.gate.pairs import Pair, evidence, judge_pairs, threshold

TIME = Metric(name="time_s", unit="s", noisy=True)
ONE_PERCENT = Objective(metric="time_s", minimum_effect=Effect.parse("1 %"))


def pairs(gain: float, count: int, seed: int, noise: float = 0.03) -> list[Pair]:
    """Pairs with log-normal noise of 3 % a run; the candidate is faster by ``gain`` (log ratio)."""
    rng = random.Random(seed)
    return [
        Pair(candidate=math.exp(rng.gauss(-gain, noise)), incumbent=math.exp(rng.gauss(0, noise))) for _ in range(count)
    ]


def decide(all_pairs: list[Pair], needed: float = 8000.0, max_pairs: int = 400):
    for count in range(len(all_pairs) + 1):
        verdict = judge_pairs(TIME, ONE_PERCENT, all_pairs[:count], needed=needed, max_pairs=max_pairs, name="v1")
        if verdict is not None:
            return verdict
    return None


def test_a_real_gain_is_adopted_in_the_pairs_that_the_page_promises():
    counts = []
    for seed in range(15):
        verdict = decide(pairs(math.log(1.10), 60, seed))
        assert verdict is not None and verdict.decision is Decision.ADOPT
        counts.append(verdict.pairs)
    assert 16 <= median(counts) <= 24  # gate.md: 20 pairs in the median for a gain of 10 %
    assert min(counts) >= 16


def test_a_slower_candidate_is_given_up_early():
    verdict = decide(pairs(-math.log(1.10), 100, 1))
    assert verdict.decision is Decision.REJECT and verdict.pairs < 25


def test_noise_alone_reaches_twenty_at_most_as_often_as_one_in_twenty():
    hits = 0
    for seed in range(200):
        rng = random.Random(seed)
        differences = [rng.gauss(0, 0.04) for _ in range(60)]
        hits += any(evidence(differences[:count]) >= 20 for count in range(5, 61, 5))
    assert hits <= 20  # bound 10 in the mean, by Ville's inequality


def test_what_is_undecided_at_the_bound_is_parked():
    verdict = decide(pairs(math.log(1.006), 40, 3), max_pairs=20)
    assert verdict.decision is Decision.INDECISIVE and verdict.pairs == 20 and verdict.sentence.startswith("parked")


def test_no_pairs_are_no_evidence():
    assert evidence([]) == 1.0
    assert judge_pairs(TIME, ONE_PERCENT, [], needed=20, max_pairs=10, name="v0") is None


def test_factors_have_mean_one_under_symmetry():
    for difference in (0.001, 0.03, 0.5):
        assert (evidence([difference]) + evidence([-difference])) / 2 == pytest.approx(1.0)


def test_the_error_budget_of_a_run():
    assert threshold(1, 0) == pytest.approx(8000)
    assert threshold(200, 0) == pytest.approx(8000)
    assert threshold(1, 1) == pytest.approx(4000)
    spent = sum(1 / threshold(number, 0) for number in range(1, 5000))
    assert spent < 0.05
