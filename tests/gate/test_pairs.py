"""The sequential test on pairs: no luck is adopted, a real gain is, and the figures of gate.md are reached."""

import math
import random
from statistics import median

import pytest

from selfwright.core.metric import Better, Effect, Metric, Objective
from selfwright.core.verdict import Decision
from selfwright.gate.pairs import Pair, evidence, judge_pairs, paired_gain, threshold

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


def test_the_scale_of_the_first_four_is_fixed_and_then_that_of_all_before():
    first = [0.001, 0.04, -0.02, 0.03]
    assert evidence(first) == pytest.approx(evidence(first[::-1]))  # none is measured by another
    assert evidence([0.05] * 4) == evidence([0.5] * 4) > evidence([0.04] * 4)  # more than 0.05 counts as 0.05
    assert evidence([*first, 0.05]) == evidence([*first, 0.5])  # 1.48 times their median of 0.025 is 0.037
    assert evidence([*first, 0.037]) > evidence([*first, 0.036])
    assert evidence([*[0.001] * 4, 0.002]) == evidence([*[0.001] * 4, 0.5])


def test_factors_have_mean_one_under_symmetry():
    for difference in (0.001, 0.03, 0.5):
        assert (evidence([difference]) + evidence([-difference])) / 2 == pytest.approx(1.0)


def test_the_error_budget_of_a_run():
    assert threshold(1, 0) == pytest.approx(8000)
    assert threshold(200, 0) == pytest.approx(8000)
    assert threshold(1, 1) == pytest.approx(4000)
    spent = sum(1 / threshold(number, 0) for number in range(1, 5000))
    assert spent < 0.05


def test_a_gain_is_the_same_fraction_as_in_an_exact_comparison_whatever_the_cases_measure():
    """3.5 times as fast takes 71.4 % less, in a case of 0.2 ms as in one of 2 ms."""
    mixed = [Pair(candidate=case / 3.5, incumbent=case) for _ in range(12) for case in (0.0002, 0.0019)]
    verdict = decide(mixed)
    assert verdict.decision is Decision.ADOPT and verdict.gain == pytest.approx(1 - 1 / 3.5)
    assert verdict.sentence.startswith("adopted: time_s: 71.4 % better than v1, ")
    assert (verdict.candidate, verdict.incumbent) == (None, None)
    rate = Metric(name="rate", better=Better.HIGHER, noisy=True)
    higher = paired_gain(rate, [Pair(candidate=pair.incumbent, incumbent=pair.candidate) for pair in mixed])
    assert higher.gain == pytest.approx(2.5)


def test_the_minimum_effect_is_meant_in_the_same_way():
    """A third less time is 1.5 times as fast: enough for 33 %, too little for 34 %, and for 49 %."""
    mixed = [Pair(candidate=2.0, incumbent=3.0)] * 60
    for effect, decision in (("33 %", Decision.ADOPT), ("34 %", Decision.REJECT), ("49 %", Decision.REJECT)):
        objective = Objective(metric="time_s", minimum_effect=Effect.parse(effect))
        verdict = judge_pairs(TIME, objective, mixed, needed=8000.0, max_pairs=60, name="v1")
        assert verdict.decision is decision, effect
    never = Objective(metric="time_s", minimum_effect=Effect.parse("100 %"))
    assert judge_pairs(TIME, never, mixed, needed=8000.0, max_pairs=60, name="v1").decision is Decision.REJECT


def test_the_interval_of_a_median_lies_between_order_statistics():
    """Of 12 the third and the tenth hold it in 96 of 100 cases (David and Nagaraja, Order Statistics, table of the
    sign test); of 5 no two do in 95, so it is all of them."""
    twelve = [Pair(candidate=math.exp(-number / 100), incumbent=1.0) for number in range(1, 13)]
    told = paired_gain(TIME, twelve)
    assert (told.pairs, told.gain) == (12, pytest.approx(-math.expm1(-0.065)))
    assert (told.low, told.high) == (pytest.approx(-math.expm1(-0.03)), pytest.approx(-math.expm1(-0.10)))
    five = paired_gain(TIME, twelve[:5])
    assert (five.low, five.high) == (pytest.approx(-math.expm1(-0.01)), pytest.approx(-math.expm1(-0.05)))
    assert paired_gain(TIME, []) is None
    rng, held = random.Random(3), 0
    for _ in range(400):
        told = paired_gain(TIME, [Pair(candidate=math.exp(rng.gauss(-0.1, 0.05)), incumbent=1.0) for _ in range(12)])
        held += told.low <= -math.expm1(-0.1) <= told.high
    assert held >= 370
