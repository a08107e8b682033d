"""Budgets: which bound is reached, by what is used and by what comes next."""

from __future__ import annotations

import pytest

from selfwright.core.budget import KINDS, Budget, Reached, Use

USED = Use(trials=3, pairs=20, wall_s=10.0, cpu_s=4.0, tokens=700, usd=1.0)


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (Budget(), None),
        (Budget(trials=4, pairs=21, wall_s=11.0, cpu_s=5.0, tokens=800, usd=1.5), None),
        (Budget(trials=3), ("trials", "the budget of 3 trials is used")),
        (Budget(pairs=20), ("pairs", "the budget of 20 pairs is used")),
        (Budget(wall_s=10.0), ("wall_s", "the wall time of 10 s is used")),
        (Budget(cpu_s=4.0), ("cpu_s", "the budget of 4 s of CPU is used")),
        (Budget(tokens=700), ("tokens", "the budget of 700 tokens is used")),
        (Budget(usd=1.0), ("usd", "the budget of 1.00 USD is used")),
        (Budget(trials=1), ("trials", "the budget of 1 trial is used")),
        (Budget(trials=9, usd=0.5), ("usd", "the budget of 0.50 USD is used")),
    ],
)
def test_the_bound_that_is_reached_is_said(budget: Budget, said: tuple[str, str] | None) -> None:
    assert budget.reached(USED) == (said and Reached(kind=said[0], sentence=said[1]))


def test_what_comes_next_must_fit_beside_what_is_used() -> None:
    budget = Budget(usd=1.5)
    assert budget.reached(USED, Use(usd=0.5)) is None
    refused = budget.reached(USED, Use(usd=0.51))
    assert refused is not None
    assert refused.sentence == "of the budget of 1.50 USD 0.50 USD are left, and what comes next may take 0.51 USD"
    assert budget.reached(USED, Use(tokens=10**9)) is None


def test_only_the_kinds_that_are_asked_for_stand_in_the_way() -> None:
    budget = Budget(trials=3, tokens=700)
    assert budget.reached(USED, kinds=("pairs", "usd")) is None
    refused = budget.reached(USED, kinds=("tokens",))
    assert refused is not None and refused.kind == "tokens"


def test_new_bounds_go_over_those_from_before() -> None:
    assert Budget(trials=9).over(Budget(trials=3, usd=1.0)) == Budget(trials=9, usd=1.0)
    assert set(Budget(trials=1, pairs=1, wall_s=1, cpu_s=1, tokens=1, usd=1).bounds()) == set(KINDS)


def test_uses_add_up() -> None:
    assert USED + Use(pairs=2, usd=0.5) == Use(trials=3, pairs=22, wall_s=10.0, cpu_s=4.0, tokens=700, usd=1.5)
