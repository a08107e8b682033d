from __future__ import annotations

import pytest

from selfwright.report.cost import bills
from tests.report.sample import whole_run


def test_all_is_the_sum_of_its_parts() -> None:
    *parts, total, losers = bills(whole_run().state())
    assert [bill.who for bill in parts] == ["seed", "recorded", "numeric", "model", "person"]
    for name in ("attempts", "adopted", "usd", "unknown", "tokens_in", "tokens_out", "measurements", "wall_s", "cpu_s"):
        assert getattr(total, name) == pytest.approx(sum(getattr(bill, name) for bill in parts)), name
    assert losers.adopted == 0
    assert 0 < losers.wall_s < total.wall_s


def test_unknown_is_said() -> None:
    by = {bill.who: bill for bill in bills(whole_run().state())}
    assert by["model"].money == "at least 0.0200 (1 unknown)"
    assert by["person"].money == "0"
