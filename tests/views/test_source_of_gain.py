from __future__ import annotations

from dataclasses import replace

import pytest

from selfwright.core.change import Origin
from selfwright.core.metric import Better, Metric
from selfwright.gate.exact import metric_named
from selfwright.views.leaderboard import Row, gain, versions_table
from selfwright.views.source_of_gain import shares
from tests.report.sample import seed_only, whole_run

SIZE = Metric(name="size", unit="B")


def row(version: int, origin: Origin, metric: Metric, value: float, before: float) -> Row:
    first = versions_table(seed_only().state())[0]
    previous = gain(metric, value, before) if version else None
    return replace(first, version=version, origin=origin, previous=previous)


def test_structure_and_tuning_are_told_apart_and_chain_to_the_whole() -> None:
    rows = [
        row(0, Origin.STRUCTURE, SIZE, 100, 0),
        row(1, Origin.STRUCTURE, SIZE, 50, 100),
        row(2, Origin.TUNING, SIZE, 40, 50),
        row(3, Origin.STRUCTURE, SIZE, 30, 40),
    ]
    structure, tuning = shares(rows, SIZE)
    assert (str(structure), str(tuning)) == ("structure +62.5 % (2 versions)", "tuning +20.0 % (1 version)")


def test_amounts_add_up_where_zero_can_be_crossed() -> None:
    rate = Metric(name="rate", unit="dB", better=Better.HIGHER)
    rows = [
        row(0, Origin.STRUCTURE, rate, -1, 0),
        row(1, Origin.TUNING, rate, 0, -1),
        row(2, Origin.TUNING, rate, 0.5, 0),
    ]
    assert [str(each) for each in shares(rows, rate)] == ["tuning +1.5 dB (2 versions)"]


def test_what_is_not_known_is_not_guessed() -> None:
    rows = [row(0, Origin.STRUCTURE, SIZE, 9, 0), replace(row(1, Origin.STRUCTURE, SIZE, 8, 9), previous=None)]
    assert [str(each) for each in shares(rows, SIZE)] == ["structure ? (1 version)"]
    assert shares(rows[:1], SIZE) == []


def test_of_a_whole_run_both_parts_make_the_total() -> None:
    state = whole_run().state()
    rows = versions_table(state)
    parts = shares(rows, metric_named(state.run.metrics, state.run.objective.metric))
    assert {each.origin for each in parts} == set(Origin)
    assert sum(each.versions for each in parts) == len(rows) - 1
    total = 1.0
    for each in parts:
        assert each.gain is not None
        total *= 1 + each.gain.change
    assert rows[-1].total is not None
    assert total == pytest.approx(1 + rows[-1].total.change)
