"""Tables of a run as text: the versions, and what is reached."""

import shutil
import sys
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

from selfwright.cli.command import command
from selfwright.core.count import counted
from selfwright.core.event import RunOpened
from selfwright.core.metric import Metric
from selfwright.core.printable import one_line
from selfwright.evolve.history import History
from selfwright.gate.exact import metric_named
from selfwright.report.number import decimals, number
from selfwright.views.leaderboard import versions_table
from selfwright.views.milestones import phase_standings, success_standings
from selfwright.views.source_of_gain import Share, shares

if TYPE_CHECKING:
    from rich.table import Table

    from selfwright.views.baseline import Standing

WIDTH = 120
"""Columns of a page where there is no terminal that says how many it has."""


def versions(history: History) -> str:
    """Return the table v0 → vN: numbers with their units, gain, tier and who found it; as many metrics as fit."""
    run = history.state.run
    first = [run.objective.metric, *(condition.metric for condition in run.objective.constraints)]
    metrics = sorted(run.metrics, key=lambda metric: metric.name not in first)
    width = shutil.get_terminal_size((WIDTH, 24)).columns
    shown = next((count for count in range(len(metrics), 1, -1) if _width(history, metrics[:count]) <= width), 1)
    notes = [f"gained by {part}" for part in gained(history)]
    if any(metric.noisy for metric in metrics[:shown]):
        notes.append(f"* by a clock, in {_where(run) if len(history.state.versions) > 1 else 'the search'}")
    if metrics[shown:]:
        notes.append(f"no room for {', '.join(each.name for each in metrics[shown:])}: see the report")
    return "\n".join([_text(_table(history, metrics[:shown]), width), *notes])


def gained(history: History) -> list[Share]:
    """Return what structure gained and what tuning gained."""
    run = history.state.run
    return shares(versions_table(history.state), metric_named(run.metrics, run.objective.metric))


def _where(run: RunOpened) -> str:
    if metric_named(run.metrics, run.objective.metric).noisy:
        return "fresh pairs beside the version before, whose gain it is (v0: beside v1)"
    return "the search; a commit carries a second, fresh measurement, which differs a little"


def _table(history: History, metrics: Sequence[Metric]) -> "Table":
    from rich.table import Table

    run, rows = history.state.run, versions_table(history.state, history.state.run.tiers)
    places = {
        metric.name: decimals(
            [row.metrics[metric.name] for row in rows if metric.name in row.metrics], 3 if metric.noisy else 4
        )
        for metric in metrics
    }
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for metric in metrics:
        table.add_column(f"{metric.name}{'*' if metric.noisy else ''}\n{metric.unit}", justify="right", no_wrap=True)
    for title in ("gain", *(["tier"] if run.tiers else []), "found by"):
        table.add_column(title, justify="right" if title == "gain" else "left", no_wrap=title == "gain")
    for row in rows:
        numbers = [
            number(row.metrics[name], places[name]) if name in row.metrics else "-"
            for name in (metric.name for metric in metrics)
        ]
        tier = [row.tier or ""] if run.tiers else []
        table.add_row(f"v{row.version}", *numbers, str(row.previous or ""), *tier, one_line(row.found_by))
    return table


def _width(history: History, metrics: Sequence[Metric]) -> int:
    """Return how many columns the table takes with these metrics."""
    from rich.console import Console
    from rich.measure import Measurement

    console = Console(file=StringIO(), width=10_000, markup=False, emoji=False)
    return Measurement.get(console, console.options, _table(history, metrics)).maximum


def _text(table: "Table", width: int) -> str:
    from rich.console import Console

    page = StringIO()
    Console(
        file=page, width=width, force_terminal=sys.stdout.isatty(), highlight=False, markup=False, emoji=False
    ).print(table)
    return "\n".join(line.rstrip() for line in page.getvalue().splitlines())


def standings_table(standings: Sequence["Standing"]) -> str:
    """Return a run and its baselines, side by side."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for title in ("trials", "adopted", "measurements", "best", "gain over v0"):
        table.add_column(title, justify="right", no_wrap=True)
    places = decimals([each.value for each in standings], 4)
    for each in standings:
        counts = map(str, (each.trials, each.adopted, each.measured))
        table.add_row(each.words, *counts, number(each.value, places), str(each.gain or "-"))
    return _text(table, shutil.get_terminal_size((WIDTH, 24)).columns)


def milestones(history: History) -> str:
    """Return the phase that the run is in and the success criteria, part by part, a line each."""
    run, lines = history.state.run, []
    for phase in phase_standings(history.state, run.phases):
        if phase.current:
            lines.append(f"phase {phase.name}: " + "; ".join(str(part) for part in phase.criteria))
    for success in success_standings(history.state, run.success):
        word = "met" if success.met else "not met"
        lines.append(f"{success.name} {word}: " + "; ".join(str(part) for part in success.criteria))
    return "\n".join(lines)


def waiting_words(history: History) -> str:
    """Return how many submissions have not become trials yet, and who takes them."""
    words = f"{counted(len(history.state.submissions), 'submission')} waiting"
    return words if history.holder() else f"{words}; to measure: {command('resume', history.folder)}"
