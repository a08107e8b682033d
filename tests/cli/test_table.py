"""The table of versions fits its page, whatever the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.cli import table
from selfwright.core import event as ev
from selfwright.evolve.history import History
from tests.report.sample import Sample, seed_only, whole_run
from tests.views.test_leaderboard import adopted_by_pairs


class Kept:
    """A journal and its blobs, from a sample."""

    def __init__(self, sample: Sample) -> None:
        self.get, self.put, self._sample = sample.load, sample.put, sample

    def read(self, after: int = 0):
        return iter([record for record in self._sample.records() if record.seq > after])

    def holder(self) -> None:
        return None


@pytest.fixture(scope="module")
def history() -> History:
    kept = Kept(whole_run())
    return History(folder=Path("r"), journal=kept, blobs=kept)


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
def test_no_line_is_longer_than_the_page_and_no_number_is_cut(
    columns: int, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    words = table.versions(history)
    rows, _, notes = words.partition("no room for")
    assert max(len(line) for line in rows.splitlines() if not line.startswith("*")) <= columns
    assert "…" not in rows and "e+0" not in rows
    assert all(f"v{version} " in rows for version in range(12))
    named = [metric.name for metric in history.state.run.metrics if metric.name in rows]
    assert named[0] and len(named) + notes.count(",") + bool(notes) == len(history.state.run.metrics)


def test_more_fits_a_wider_page(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    for columns in (60, 100, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        shown.append(table.versions(history).count("_"))
    assert shown[0] < shown[-1] or "no room for" not in table.versions(history)


def test_clocked_numbers_are_marked_and_explained(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    words = table.versions(history)
    assert "encode_s*" in words and "bitrate_mbps*" not in words
    assert "a commit carries a second, fresh measurement" in words


def test_the_legend_is_there_from_the_first_version_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    kept = Kept(seed_only())
    assert table.versions(History(folder=Path("r"), journal=kept, blobs=kept)).endswith("\n* by a clock, in the search")


def test_a_noisy_objective_is_shown_by_what_its_gain_is_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    sample = adopted_by_pairs(seed_only())
    opened = sample.events[0]
    assert isinstance(opened, ev.RunOpened)
    sample.events[0] = replace(opened, metrics=(replace(opened.metrics[0], noisy=True), *opened.metrics[1:]))
    kept = Kept(sample)
    lines = table.versions(History(folder=Path("r"), journal=kept, blobs=kept)).splitlines()
    assert [line.split()[:2] for line in lines[2:5]] == [["v0", "185"], ["v1", "148"], ["v2", "148"]]
    assert "+20.0 %" in lines[3]
    assert lines[-1].startswith("* by a clock, in fresh pairs beside the version before, whose gain it is")
