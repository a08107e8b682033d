"""The card: a run as a notebook shows it, its headline, its curve and its versions; the report has the rest."""

import hashlib

from markupsafe import Markup

from selfwright.gate.exact import metric_named
from selfwright.report.chart import draw_trend
from selfwright.report.mark import marks
from selfwright.report.page import headline
from selfwright.report.template import HERE, render_template
from selfwright.views.leaderboard import versions_table
from selfwright.views.run import RunState


def render_card(state: RunState, *, foot: str, diff: str = "") -> str:
    """Return a piece of HTML that stands beside others: its styles are its own.

    Args:
        foot: What is said below: where it lies, what comes next.
        diff: A unified diff to show.
    """
    rows = versions_table(state)
    metric = metric_named(state.run.metrics, state.run.objective.metric)
    name = f"trend-{hashlib.sha256(foot.encode()).hexdigest()[:8]}"
    css = "".join((HERE / each).read_text() for each in ("look.css", "card.css")).replace(":root {", "& {")
    return render_template(
        "card.html.j2", css=Markup(css), name=state.run.subject.removeprefix("problem:"), metric=metric, rows=rows,
        headline=headline(state, rows), trend=draw_trend(marks(state), metric, name=name) if rows else None, foot=foot,
        lines=[(_kind(line), line) for line in diff.splitlines()],
    )  # fmt: skip


def _kind(line: str) -> str:
    """Return how a line of a unified diff is drawn."""
    if line.startswith(("--- ", "+++ ", "@@ ")):
        return "hunk"
    return {"+": "add", "-": "del"}.get(line[:1], "")
