"""Tables of a run as text: the versions, and what is reached."""

import sys
from io import StringIO

from selfwright.core.event import RunOpened
from selfwright.core.metric import Metric
from selfwright.evolve.history import History
from selfwright.views.leaderboard import versions_table
from selfwright.views.milestones import phase_standings, success_standings

COLUMNS = 7
"""Metrics that the terminal's table has room for; the report shows all."""


def versions(history: History) -> str:
    """Return the table v0 → vN: numbers with their units, gain, tier and who found it."""
    from rich.console import Console
    from rich.table import Table

    run = history.state.run
    metrics = _columns(run)
    rows = versions_table(history.state, run.tiers)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for metric in metrics:
        table.add_column(f"{metric.name}\n{metric.unit}", justify="right")
    for title in ("gain", *(["tier"] if run.tiers else []), "found by"):
        table.add_column(title, justify="right" if title == "gain" else "left", no_wrap=True)
    for row in rows:
        numbers = [f"{row.metrics[metric.name]:.4g}" if metric.name in row.metrics else "-" for metric in metrics]
        gain = str(row.previous) if row.previous else ""
        tier = [row.tier or ""] if run.tiers else []
        table.add_row(f"v{row.version}", *numbers, gain, *tier, row.found_by)
    page = StringIO()
    width = None if sys.stdout.isatty() else 180
    console = Console(file=page, width=width, force_terminal=sys.stdout.isatty(), highlight=False)
    console.print(table)
    return page.getvalue().rstrip()


def _columns(run: RunOpened) -> list[Metric]:
    """Return the metrics that fit a line: the objective's and the constraints' first, then the others."""
    first = [run.objective.metric, *(condition.metric for condition in run.objective.constraints)]
    return sorted(run.metrics, key=lambda metric: metric.name not in first)[:COLUMNS]


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
