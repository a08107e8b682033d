"""What all versions gained together."""

from __future__ import annotations

import pytest

from selfwright.core.metric import Better, Metric
from selfwright.core.verdict import PairedGain
from selfwright.views.total import TotalGain, chained, total_gain
from tests.report.sample import seed_only, whole_run

TIME = Metric(name="time_us", unit="us", noisy=True)


def gain(amount: float, low: float, high: float, *, relative: bool = True) -> PairedGain:
    return PairedGain(pairs=12, gain=amount, low=low, high=high, relative=relative)


def test_one_step_has_the_interval_of_its_pairs() -> None:
    total = chained(TIME, [gain(0.5, 0.4, 0.6)])
    assert (total.gain, total.low, total.high) == pytest.approx((0.5, 0.4, 0.6))
    assert str(total) == "50 % less time (95 % interval 40 % to 60 %, 12 pairs)"


def test_two_steps_are_less_sure_and_lie_between_the_ends_one_after_the_other() -> None:
    total = chained(TIME, [gain(0.5, 0.4, 0.6), gain(0.2, 0.1, 0.3)])
    assert (total.gain, total.low, total.high) == pytest.approx((0.6, 0.46, 0.72))
    assert str(total) == "60 % less time in 2 steps (90 % interval 46 % to 72 %, 24 pairs)"
    rate = Metric(name="rate", unit="1/s", better=Better.HIGHER, noisy=True)
    up = chained(rate, [gain(1.0, 0.5, 1.5), gain(0.5, 0.4, 0.6)])
    assert (up.gain, up.low, up.high) == pytest.approx((2.0, 1.1, 3.0))
    amounts = chained(
        Metric(name="d", unit="dB", better=Better.HIGHER, noisy=True), [gain(1, 0, 2, relative=False)] * 2
    )
    assert (amounts.gain, str(amounts)) == (2.0, "2 dB higher in 2 steps (90 % interval 0 dB to 4 dB, 24 pairs)")


def test_an_exact_metric_has_an_exact_gain_and_a_run_without_versions_none() -> None:
    total = total_gain(whole_run().state())
    assert isinstance(total, TotalGain)
    assert total.low == total.gain == total.high > 0.8
    assert str(total).endswith("% lower in 11 steps (exact)")
    assert total_gain(seed_only().state()) is None
