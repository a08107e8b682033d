"""Parent policies: what each draws from, as of any number of verdicts."""

from collections import Counter

import pytest

from selfwright.core.draw import draw
from selfwright.evolve.policies.best_of_n import BestOfN
from selfwright.evolve.policies.elite import ELITE, Elite
from selfwright.evolve.policies.grid import Grid
from selfwright.evolve.policies.incumbent import Incumbent
from selfwright.evolve.policies.islands import ISLANDS, MIGRATION, POPULATION, Islands
from selfwright.ports.policy import Policy, Valid

SEED = Valid(trial=0, score=0.0, cell=(0,))


def valid(trial: int, score: float | None = None, **rest) -> Valid:
    return Valid(trial=trial, score=float(trial if score is None else score), **rest)


def told(policy: Policy, *trials: Valid) -> Policy:
    for each in (SEED, *trials):
        policy.add(each)
    return policy


def drawn(policy: Policy, verdicts: int, trial: int = 1, times: int = 200) -> set[int]:
    return {
        policy.parent(verdicts=verdicts, trial=trial, chance=draw(0, "test", trial, pair=pair)) for pair in range(times)
    }


ALL = [lambda: Incumbent(lambda verdicts: verdicts - verdicts % 9), Elite, Islands, Grid, BestOfN]


@pytest.mark.parametrize("make", ALL)
def test_the_past_stays_as_it_was_whatever_comes(make):
    """What a proposal is shown must not depend on how far the run has come meanwhile."""
    policy, then = told(make()), []
    for n in range(1, 200):
        if n % 4:  # each fourth is not valid
            policy.add(valid(n, (n * 7919) % 101, cell=(n % 5,)))
        then.append(drawn(policy, n, trial=n + 1, times=20))
    assert [drawn(policy, n, trial=n + 1, times=20) for n in range(1, 200)] == then


@pytest.mark.parametrize("make", ALL)
def test_before_anything_is_tried_there_is_the_seed(make):
    assert all(drawn(told(make()), 0, trial=trial) == {0} for trial in range(1, 9))


def test_the_incumbent_is_what_was_adopted_last():
    policy = told(Incumbent(lambda verdicts: 2 if verdicts >= 2 else 0), valid(1), valid(2), valid(3))
    assert [drawn(policy, verdicts) for verdicts in range(4)] == [{0}, {0}, {2}, {2}]


def test_the_elite_is_the_best_few_and_an_adoption_is_not_needed():
    policy = told(Elite(), *(valid(n) for n in range(1, 2 * ELITE)))
    assert drawn(policy, 2 * ELITE) == set(range(ELITE, 2 * ELITE))
    assert drawn(policy, 3) == {0, 1, 2, 3}


def test_of_equals_the_earlier_stays():
    policy = told(Elite(), *(valid(n, 1) for n in range(1, 20)))
    assert drawn(policy, 20) == set(range(1, ELITE + 1))


def test_islands_evolve_apart_until_they_lend_each_other_their_best():
    policy = Islands()
    told(policy, *(valid(n) for n in range(1, MIGRATION)))
    for island in range(ISLANDS):
        assert {trial % ISLANDS for trial in drawn(policy, MIGRATION - 1, trial=island)} == {island}
    policy.add(valid(MIGRATION))
    best = {n % ISLANDS: n for n in range(MIGRATION - ISLANDS, MIGRATION)}
    for island in range(ISLANDS):
        strangers = {trial for trial in drawn(policy, MIGRATION, trial=island) if trial % ISLANDS != island}
        assert strangers == {best[(island - 1) % ISLANDS]}
        assert len(drawn(policy, MIGRATION, trial=island)) == POPULATION


def test_the_grid_keeps_the_best_of_every_cell_each_as_likely_as_the_other():
    policy = told(Grid(), valid(1, 5, cell=(0,)), valid(2, 3, cell=(1,)), valid(3, 2, cell=(1,)), valid(4, 9))
    assert [drawn(policy, verdicts) for verdicts in range(4)] == [{0}, {1}, {1, 2}, {1, 2}]
    counted = Counter(policy.parent(verdicts=3, trial=5, chance=draw(1, "even", pair=pair)) for pair in range(1000))
    assert min(counted.values()) > 400


def test_best_of_n_learns_nothing():
    assert drawn(told(BestOfN(), valid(1, 9)), 1) == {0}
