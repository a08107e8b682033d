"""The bandit: it finds the arm that gains most per cost, forgets, and is a function of what it is told."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from selfwright.core.change import Cost
from selfwright.proposers.bandit import WINDOW, Pull, pick, pull_of
from selfwright.testing.proposer import START

Arm = Callable[[random.Random], tuple[float, float]]
"""Gives gain and cost of one pull."""


def play(arms: dict[str, Arm], pulls: int, seed: int, before: list[Pull] | None = None) -> list[Pull]:
    history, chance = list(before or []), random.Random(seed)
    for number in range(pulls):
        arm = pick(tuple(arms), history, seed * 1000 + number)
        gain, cost = arms[arm](chance)
        history.append(Pull(arm=arm, gain=gain, costs=(("usd", cost),)))
    return history


def sometimes(rate: float, gain: float = 1.0, cost: float = 1.0) -> Arm:
    return lambda chance: (gain if chance.random() < rate else 0.0, cost)


def shares(
    arms: dict[str, Arm], pulls: int = 200, runs: int = 10, before: list[Pull] | None = None
) -> dict[str, float]:
    """Return the share of the last half of the pulls that each arm got, over several runs."""
    counted = Counter(pull.arm for seed in range(runs) for pull in play(arms, pulls, seed, before)[-pulls // 2 :])
    return {arm: counted[arm] / (runs * (pulls // 2)) for arm in arms}


def test_the_arm_that_gains_more_often_is_pulled_most() -> None:
    found = shares({"bad": sometimes(0.02), "good": sometimes(0.2), "useless": sometimes(0.0)})
    assert found["good"] > 0.65


def test_rare_and_great_beats_frequent_and_tiny() -> None:
    found = shares({"tiny": sometimes(0.3, gain=0.005), "great": sometimes(0.05, gain=0.3)})
    assert found["great"] > 0.6


def test_a_cheap_arm_is_pulled_rather_than_a_dear_one_that_gains_as_much() -> None:
    found = shares({"cheap": sometimes(0.1, cost=0.1), "dear": sometimes(0.1, cost=1.0)})
    assert found["cheap"] > 0.7


def test_what_paid_long_ago_is_forgotten() -> None:
    then = [Pull(arm="old", gain=1.0) for _ in range(3 * WINDOW)]
    found = shares({"old": sometimes(0.0), "new": sometimes(0.3)}, pulls=2 * WINDOW, runs=3, before=then)
    assert found["new"] > 0.6


def test_before_anything_is_known_every_arm_gets_its_turn() -> None:
    counted = Counter(pick(("a", "b", "c"), [], seed) for seed in range(300))
    assert min(counted.values()) > 60


def test_it_is_a_function_of_the_pulls_and_the_seed_and_of_known_arms_alone() -> None:
    pulls = [Pull(arm="a" if n % 3 else "b", gain=n % 2) for n in range(50)]
    more = [Pull(arm="gone", gain=99.0), *pulls]
    picks = [pick(("a", "b"), pulls, seed) for seed in range(50)]
    assert picks == [pick(("a", "b"), more, seed) for seed in range(50)]
    assert set(picks) == {"a", "b"}


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (Cost(usd=0.5, tokens_in=7), (("trials", 1.0), ("measured", 0.0), ("usd", 0.5))),
        (Cost(usd=None, tokens_in=7, tokens_out=2), (("trials", 1.0), ("measured", 0.0), ("tokens", 9.0))),
    ],
)
def test_a_trial_costs_itself_its_measurements_and_its_price(cost: Cost, expected: object) -> None:
    assert pull_of(replace(START, cost=cost), "a").costs == expected
