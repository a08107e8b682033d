"""Better, worse, the same or undecided: luck gets no answer, a difference does, and the interval says the same."""

import math
import random
from collections import Counter
from statistics import median

import pytest

from selfwright.core.metric import Better, Effect, Metric
from selfwright.core.verdict import PairedGain
from selfwright.gate.pairs import Pair
from selfwright.gate.two_sided import LEAST_PAIRS, NEEDED, Answer, TwoSided

TIME = Metric(name="time", unit="s", noisy=True)
RATE = Metric(name="rate", better=Better.HIGHER, noisy=True)


def decide(shift: float, seed: int, *, metric: Metric = TIME, noise: float = 0.03, most: int = 200) -> TwoSided:
    """Compare until decided; B takes ``exp(-shift)`` of what A takes, with log-normal noise a run."""
    rng, gate = random.Random(seed), TwoSided(metric, Effect.parse("1 %"))
    for _ in range(most):
        b, a = math.exp(rng.gauss(-shift, noise)), math.exp(rng.gauss(0, noise))
        gate.add(Pair(candidate=b, incumbent=a))
        if gate.answer is not Answer.UNDECIDED:
            break
    return gate


def told(gate: TwoSided) -> PairedGain:
    gain = gate.gain()
    assert gain is not None
    return gain


def test_a_difference_of_ten_percent_is_found_on_both_sides():
    faster, slower = ([decide(math.log(ratio), seed) for seed in range(20)] for ratio in (1.1, 1 / 1.1))
    assert {gate.answer for gate in faster} == {Answer.BETTER}
    assert {gate.answer for gate in slower} == {Answer.WORSE}
    assert median(told(gate).pairs for gate in faster + slower) <= 12
    assert min(told(gate).pairs for gate in faster + slower) >= LEAST_PAIRS


def test_the_direction_is_that_of_the_metric():
    assert decide(math.log(1.1), 1, metric=RATE).answer is Answer.WORSE
    assert decide(-math.log(1.1), 1, metric=RATE).answer is Answer.BETTER
    assert told(decide(-math.log(2), 1, metric=RATE)).gain == pytest.approx(1, rel=0.1)


def test_equal_programs_are_called_different_in_at_most_one_comparison_of_twenty():
    answers = Counter(decide(0, seed, most=100).answer for seed in range(120))
    assert answers[Answer.BETTER] + answers[Answer.WORSE] <= 6
    assert answers[Answer.UNDECIDED] > 60


def test_where_the_noise_is_small_equal_programs_are_called_the_same():
    gates = [decide(0, seed, noise=0.002) for seed in range(20)]
    assert {gate.answer for gate in gates} == {Answer.SAME}
    assert all(-0.0102 < told(gate).low < 0 < told(gate).high < 0.0101 for gate in gates if gate.same >= NEEDED)
    assert {decide(0, 1, noise=0).answer} == {Answer.SAME}  # numbers without noise


def test_a_difference_that_is_real_and_too_small_is_the_same():
    assert Counter(decide(0.004, seed, noise=0.002).answer for seed in range(10)) == {Answer.SAME: 10}


def test_fewer_pairs_than_the_least_decide_nothing_and_bound_nothing():
    gate = TwoSided(TIME, Effect.parse("1 %"))
    assert (gate.answer, gate.gain()) == (Answer.UNDECIDED, None)
    for number in range(1, LEAST_PAIRS + 1):
        gate.add(Pair(candidate=1.0, incumbent=math.exp(2.0**number)))
        assert (gate.answer is Answer.BETTER) == (number == LEAST_PAIRS)
        assert (told(gate).low > 0) == (number == LEAST_PAIRS)


def test_the_interval_and_the_answer_say_the_same():
    for seed in range(12):
        for shift in (0.05, -0.05):
            gate = decide(shift, seed)
            gain = told(gate)
            assert gain.low <= gain.gain <= gain.high
            assert (gate.better >= NEEDED) == (gain.low >= 0)
            assert (gate.worse >= NEEDED) == (gain.high <= 0)


def test_the_interval_holds_the_truth_although_the_end_was_chosen_by_looking():
    truth = -math.expm1(-0.03)
    held = sum(gain.low <= truth <= gain.high for gain in (told(decide(0.03, seed)) for seed in range(60)))
    assert held >= 57


def test_numbers_at_the_ends_of_the_scale_are_compared_too():
    gate = TwoSided(TIME, Effect.parse("1 %"))
    for number in range(12):
        gate.add(Pair(candidate=1e300 if number % 2 else 1e-300, incumbent=1.0))
    gain = told(gate)
    assert gain.low < -1e299 and gain.high == 1.0 and gate.answer is Answer.UNDECIDED


def test_where_zero_can_be_crossed_differences_are_compared():
    loss = Metric(name="rate", unit="dB", noisy=True)
    for shift, answer in ((0.5, Answer.BETTER), (-0.5, Answer.WORSE), (0, Answer.SAME)):
        rng, gate = random.Random(4), TwoSided(loss, Effect.parse("0.1 dB"))
        while gate.answer is Answer.UNDECIDED:
            gate.add(Pair(candidate=rng.gauss(-shift, 0.03), incumbent=rng.gauss(0, 0.03)))
        gain = told(gate)
        assert gate.answer is answer and not gain.relative
        assert gain.gain == pytest.approx(shift, abs=0.04) and gain.low < shift < gain.high
