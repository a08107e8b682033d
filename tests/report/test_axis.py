from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from selfwright.report.axis import Axis

VALUES = st.lists(st.floats(-1e9, 1e9).map(lambda value: round(value, 6)), min_size=1, max_size=20)


@given(values=VALUES)
def test_every_value_and_tick_lies_within(values: list[float]) -> None:
    axis = Axis.over(values, start=400, end=20)
    ticks = axis.ticks()
    assert all(20 <= axis(value) <= 400 for value in [*values, *ticks])
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 9


FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(values=st.lists(FINITE, min_size=1, max_size=5), log=st.booleans())
@example(values=[1000.0, -1.7e308], log=True)
@example(values=[5e-324, 1.7e308], log=True)
@example(values=[0.0, 5e-324], log=True)
@example(values=[0.0, 1e-51], log=True)
@example(values=[1e20, 1e20 + 16384], log=True)
def test_every_finite_number_has_a_place(values: list[float], log: bool) -> None:
    axis = Axis.over(values, start=400, end=20, log=log)
    ticks = axis.ticks()
    assert all(20 <= axis(value) <= 400 for value in [*values, *ticks])
    assert ticks == sorted(set(ticks))
    assert 2 <= len(ticks) <= 9


def test_more_than_a_decade_is_logarithmic() -> None:
    assert not Axis.over([1.0, 10.0], start=0, end=100).log
    axis = Axis.over([0.1, 10.5], start=0, end=100)
    assert axis.log
    assert axis.ticks() == [0.1, 0.2, 0.5, 1, 2, 5, 10]
    assert axis(1.0) - axis(0.1) == pytest.approx(axis(10.0) - axis(1.0))


def test_zero_is_never_logarithmic() -> None:
    assert not Axis.over([0.0, 1000.0], start=0, end=100).log


def test_many_decades_have_few_ticks() -> None:
    assert len(Axis.over([1e-9, 1e9], start=0, end=100).ticks()) <= 7


def test_trials_are_whole_numbers() -> None:
    assert Axis(low=-0.6, high=3.6, start=0, end=100).ticks(whole=True) == [0, 1, 2, 3]
