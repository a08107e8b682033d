"""Metrics, effects and conditions: directions, aggregates, and texts that are read."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.metric import Aggregate, Better, Condition, Effect, Metric

NUMBERS = st.floats(-1e9, 1e9)
POSITIVE = st.floats(1e-6, 1e9)
DIRECTIONS = st.sampled_from(Better)


def metric(better: Better = Better.LOWER, aggregate: Aggregate = Aggregate.MEAN) -> Metric:
    return Metric(name="size", better=better, aggregate=aggregate)


@given(DIRECTIONS, NUMBERS, NUMBERS)
def test_better_is_a_positive_gain(better: Better, value: float, than: float) -> None:
    measured = metric(better)
    assert measured.is_better(value, than) == (measured.gain(value, over=than) > 0)
    assert measured.gain(value, over=than) == -measured.gain(than, over=value)
    assert not (measured.is_better(value, than) and measured.is_better(than, value))


def test_directions() -> None:
    assert metric(Better.LOWER).gain(2.0, over=3.0) == 1.0
    assert metric(Better.HIGHER).gain(2.0, over=3.0) == -1.0
    assert not metric().is_better(2.0, 2.0)


@pytest.mark.parametrize(
    ("better", "aggregate", "expected"),
    [
        (Better.LOWER, Aggregate.MEAN, 7.0),
        (Better.LOWER, Aggregate.GEOMEAN, 4.0),
        (Better.HIGHER, Aggregate.GEOMEAN, 4.0),
        (Better.LOWER, Aggregate.WORST, 16.0),
        (Better.HIGHER, Aggregate.WORST, 1.0),
    ],
)
def test_aggregates(better: Better, aggregate: Aggregate, expected: float) -> None:
    assert metric(better, aggregate).combine([1.0, 16.0, 4.0]) == pytest.approx(expected)


@given(DIRECTIONS, st.sampled_from(Aggregate), st.lists(POSITIVE, min_size=1, max_size=20), st.randoms())
def test_an_aggregate_lies_within_and_has_no_order(
    better: Better, aggregate: Aggregate, values: list[float], shuffler: object
) -> None:
    combined = metric(better, aggregate).combine(values)
    assert min(values) * (1 - 1e-9) <= combined <= max(values) * (1 + 1e-9)
    shuffled = values[:]
    shuffler.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert metric(better, aggregate).combine(shuffled) == combined  # fsum: to the bit


@given(st.lists(POSITIVE, min_size=1, max_size=20), st.data())
def test_one_case_that_gets_worse_never_helps(values: list[float], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    worse = [value * 2 if index == place else value for index, value in enumerate(values)]
    for aggregate in Aggregate:
        measured = metric(Better.LOWER, aggregate)
        assert measured.combine(worse) >= measured.combine(values) * (1 - 1e-12)


@pytest.mark.parametrize("aggregate", Aggregate)
def test_nothing_can_not_be_combined(aggregate: Aggregate) -> None:
    with pytest.raises(ValueError, match="size: no value"):
        metric(aggregate=aggregate).combine([])


@pytest.mark.parametrize("values", [[1.0, 0.0], [-1.0]])
def test_a_geomean_needs_positive_values(values: list[float]) -> None:
    with pytest.raises(ValueError, match="size: geomean needs positive values"):
        metric(aggregate=Aggregate.GEOMEAN).combine(values)


@pytest.mark.parametrize(
    ("text", "amount", "relative"),
    [
        ("0.5 %", 0.005, True),
        ("0.5%", 0.005, True),
        (" 10 % ", 0.1, True),
        ("0.1 dB", 0.1, False),
        ("3", 3.0, False),
        ("0", 0.0, False),
        ("1e-3 Mbps", 1e-3, False),
        (".5 s", 0.5, False),
    ],
)
def test_an_effect_is_read(text: str, amount: float, relative: bool) -> None:
    effect = Effect.parse(text)
    assert effect.amount == pytest.approx(amount)
    assert effect.relative is relative
    assert Effect.parse(str(effect)) == effect


@pytest.mark.parametrize("text", ["", "%", "much", "-1 %", "1.2.3 dB", "."])
def test_what_is_no_effect_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011, RUF100 - of several words
        Effect.parse(text)


@pytest.mark.parametrize(
    ("effect", "gain", "incumbent", "reached"),
    [
        ("10 %", 1.0, 10.0, True),
        ("10 %", 0.99, 10.0, False),
        ("10 %", 1.0, -10.0, True),
        ("0 %", 0.0, 10.0, False),
        ("0 %", 1e-12, 10.0, True),
        ("0.1 dB", 0.1, 1e9, True),
        ("0.1 dB", 0.09, 0.0, False),
        ("0.1 dB", -0.2, 0.0, False),
        ("10 %", math.nan, 10.0, False),
    ],
)
def test_an_effect_is_reached(effect: str, gain: float, incumbent: float, reached: bool) -> None:
    assert Effect.parse(effect).reached(gain, incumbent) is reached


@pytest.mark.parametrize(
    ("text", "holds", "fails"),
    [
        ("psnr_db >= 30", 30.0, 29.999),
        ("psnr_db>30", 30.001, 30.0),
        ("size <= -1.5", -1.5, -1.4),
        ("size < 1e3", 999.0, 1000.0),
    ],
)
def test_a_condition_is_read(text: str, holds: float, fails: float) -> None:
    condition = Condition.parse(text)
    assert condition.holds(holds)
    assert not condition.holds(fails)
    assert not condition.holds(math.nan)
    assert Condition.parse(str(condition)) == condition


@pytest.mark.parametrize(
    "text", ["", "30", "psnr_db", "psnr_db = 30", "psnr_db == 30", ">= 30", "1x >= 3", "x >= y", "x >= 1 dB"]
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a condition; write it as 'psnr_db >= 30'"):
        Condition.parse(text)


def test_the_mean_of_huge_numbers_is_a_number() -> None:
    assert Metric(name="m").combine([1.7e308, 1.7e308]) == 1.7e308
