"""The e-process: what it is bounded by, and that taking differences one by one changes no bit of it."""

import math
import random
from statistics import mean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.gate.evidence import GRID, EProcess, evidence


def afresh(differences: list[float]) -> float:
    """The formula of gate.md, written down at its simplest: the whole past is looked at for every difference."""
    if not differences:
        return 1.0
    logs = [0.0] * len(GRID)
    for index, difference in enumerate(differences):
        earlier = [abs(value) for value in differences[:index]]
        scale = max(1.48 * median(earlier), 1e-9) if index >= 4 else 0.05
        x = min(1.0, max(-1.0, difference / scale))
        logs = [total - math.log1p(math.expm1(-2 * slope * x) / 2) for total, slope in zip(logs, GRID, strict=True)]
    top = max(logs)
    return math.exp(min(700.0, top + math.log(sum(math.exp(value - top) for value in logs) / len(GRID))))


@given(st.lists(st.floats(-0.5, 0.5), max_size=40))
def test_one_by_one_it_is_the_same_to_the_bit(differences):
    process = EProcess()
    for index, difference in enumerate(differences):
        process.add(difference, "a")
        assert process.e == afresh(differences[: index + 1])
    assert evidence(differences) == process.e == afresh(differences)


def test_the_mean_of_e_is_at_most_one_whatever_is_symmetric():
    """Of each law 4,000 processes with one fixed seed; a mean of 1 has a standard error of about 0.02 here."""
    rng = random.Random(20)
    laws = {
        "normal": lambda index: rng.gauss(0, 0.04),
        "coins": lambda index: rng.choice((-0.1, 0.1)),
        "heavy": lambda index: rng.choice((-1, 1)) * 0.01 * rng.paretovariate(1.1),
        "ever wilder": lambda index: rng.gauss(0, 0.001 * 1.5**index),
        "worse": lambda index: rng.gauss(-0.01, 0.04),
    }
    for name, law in laws.items():
        for count in (3, 8):
            found = mean(evidence([law(index) for index in range(count)]) for _ in range(4000))
            assert found <= 1.06, (name, count)
    assert mean(evidence([rng.gauss(0.01, 0.04) for _ in range(8)]) for _ in range(4000)) > 1.3  # what is not


def test_strata_and_an_unknown_scale_have_no_greater_mean():
    rng = random.Random(21)

    def one() -> float:
        process = EProcess(first_scale=None)
        for index in range(12):
            process.add(rng.gauss(0, (1e-6, 1.0, 1e6)[index % 3]), "abc"[index % 3])
        return process.e

    assert mean(one() for _ in range(4000)) <= 1.06


def test_without_a_scale_the_first_count_by_their_sign_and_none_by_its_unit():
    def e(*differences: float) -> float:
        process = EProcess(first_scale=None)
        for difference in differences:
            process.add(difference)
        return process.e

    assert e(1e-30) == e(5.0) == e(1e200) > 1.0 > e(-1e-30)
    assert e(0.0) == 1.0
    numbers = [0.3, -0.1, 0.2, 0.5, 0.1, 0.7, -0.2, 0.3]
    assert e(*numbers) == pytest.approx(e(*[1e-9 * number for number in numbers]))


def test_a_stratum_has_its_own_scale_once_it_has_four():
    process = EProcess()
    for index in range(40):
        process.add((-1) ** index * 0.5, "loud")
    before = process.e
    for _ in range(4):
        process.add(0.001, "quiet")
    few = process.e / before
    for _ in range(20):
        process.add(0.001, "quiet")
    assert few == pytest.approx(1.0, abs=0.02)  # beside a scale of 0.74 it is next to nothing
    assert process.e > 10 * before


def test_noise_alone_reaches_twenty_at_most_as_often_as_one_in_twenty():
    hits = 0
    for seed in range(200):
        rng = random.Random(seed)
        differences = [rng.gauss(0, 0.04) for _ in range(60)]
        hits += any(evidence(differences[:count]) >= 20 for count in range(5, 61, 5))
    assert hits <= 20  # bound 10 in the mean, by Ville's inequality


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
