"""Budgets: which bound is reached, and that what is in flight counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.budget import Budget, Ledger

MONEY = st.floats(0, 100)


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (Budget(), None),
        (Budget(trials=4, wall_s=11.0, usd=1.5), None),
        (Budget(trials=3), "3 trials are done"),
        (Budget(wall_s=10.0), "the wall time of 10 s is used"),
        (Budget(usd=1.0), "the budget of 1.00 USD is used"),
        (Budget(trials=0), "0 trials are done"),
        (Budget(trials=9, usd=0.5), "the budget of 0.50 USD is used"),
    ],
)
def test_the_bound_that_is_reached_is_said(budget: Budget, said: str | None) -> None:
    assert budget.left(trials=3, wall_s=10.0, usd=1.0) == said


@given(st.floats(0, 200), st.lists(st.tuples(st.booleans(), MONEY, st.floats(0, 1))))
def test_what_is_spent_and_in_flight_stays_within_the_bound(
    bound: float, steps: list[tuple[bool, float, float]]
) -> None:
    ledger = Ledger(bound)
    reserved: dict[str, float] = {}
    spent = 0.0
    for number, (settles, amount, share) in enumerate(steps):
        if settles and reserved:
            key, most = reserved.popitem()
            ledger.settle(key, most * share)
            spent += most * share
        elif ledger.reserve(str(number), amount):
            reserved[str(number)] = amount
        else:
            assert spent + sum(reserved.values()) + amount > bound * (1 - 1e-9)
        assert ledger.spent == pytest.approx(spent)
        assert ledger.in_flight == pytest.approx(sum(reserved.values()))
        assert ledger.spent + ledger.in_flight <= bound * (1 + 1e-9)


def test_what_does_not_fit_reserves_nothing() -> None:
    ledger = Ledger(1.0)
    assert ledger.reserve("a", 0.75)
    assert not ledger.reserve("b", 0.5)
    assert ledger.in_flight == 0.75
    ledger.settle("a", 0.25)
    assert ledger.reserve("b", 0.75)
    assert (ledger.spent, ledger.in_flight) == (0.25, 0.75)


def test_without_a_bound_everything_fits() -> None:
    assert Ledger(None).reserve("a", 1e12)


def test_a_reservation_is_made_once_and_settled_once() -> None:
    ledger = Ledger(None)
    ledger.reserve("a", 1.0)
    with pytest.raises(ValueError, match="'a'"):
        ledger.reserve("a", 1.0)
    with pytest.raises(ValueError, match="negative"):
        ledger.reserve("b", -1.0)
    ledger.settle("a", 1.0)
    with pytest.raises(KeyError):
        ledger.settle("a", 1.0)
