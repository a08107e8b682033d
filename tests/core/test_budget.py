"""Budgets: which bound is reached."""

from __future__ import annotations

import pytest

from selfwright.core.budget import Budget


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (Budget(), None),
        (Budget(trials=4, wall_s=11.0, usd=1.5), None),
        (Budget(trials=3), "the budget of 3 trials is used"),
        (Budget(wall_s=10.0), "the wall time of 10 s is used"),
        (Budget(usd=1.0), "the budget of 1.00 USD is used"),
        (Budget(trials=1), "the budget of 1 trial is used"),
        (Budget(trials=9, usd=0.5), "the budget of 0.50 USD is used"),
    ],
)
def test_the_bound_that_is_reached_is_said(budget: Budget, said: str | None) -> None:
    assert budget.left(trials=3, wall_s=10.0, usd=1.0) == said
