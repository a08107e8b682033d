"""The page: gathers what a run has to show and renders it to one HTML file that needs nothing else.

Reasons, logs, names and diffs come from candidates and their proposers, hence are hostile. Everything goes through a
template that escapes, a policy in the page forbids scripts and every address but ``data:`` pictures, and styles are
bound by their hash.
"""

import base64
import hashlib
import os
import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from selfwright.core.errors import JournalCorrupt, Unavailable
from selfwright.core.lifecycle import CONCLUDED, State
from selfwright.core.metric import Metric
from selfwright.core.milestone import Tier
from selfwright.diagnose import clusters
from selfwright.gate.exact import metric_named
from selfwright.report import number
from selfwright.report.blog import entries
from selfwright.report.chart import draw_plane, draw_trend
from selfwright.report.cost import bills
from selfwright.report.difference import Difference, differences
from selfwright.report.facts import Facts
from selfwright.report.loser import losers
from selfwright.report.mark import marks
from selfwright.report.picture import strips
from selfwright.report.template import HERE, render_template
from selfwright.views.leaderboard import Row, versions_table
from selfwright.views.milestones import phase_standings, success_standings, tier_reached
from selfwright.views.run import RunState, own_commits
from selfwright.views.source_of_gain import shares

Load = Callable[[str], bytes]
"""From sha256 to content; ``KeyError`` where there is no such blob."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A metric's column in the table of versions.

    Attributes:
        name: In pieces between which a line may break.
        cells: Version → (exact value, what is shown).
        main: Whether it is the objective.
    """

    metric: Metric
    name: tuple[str, ...]
    cells: dict[int, tuple[str, str]]
    main: bool


def write_report(*, state: RunState, load: Load, facts: Facts, path: Path) -> None:
    """Write the report of a run to ``path``, whole or not at all. A pure function of what it is given.

    Args:
        load: From sha256 to content.

    Raises:
        JournalCorrupt: A blob that the journal names is not there.
        Unavailable: The disk is full or read-only; what was at ``path`` is still there.
    """
    page = render(state=state, load=load, facts=facts)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(new, "wb") as file:
            file.write(page.encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise Unavailable(
            f"can not write the report {path}: {error.strerror}; choose a place that can be written"
        ) from error


def render(*, state: RunState, load: Load, facts: Facts) -> str:
    """Return the page as HTML.

    Raises:
        JournalCorrupt: A blob that the journal names is not there.
    """
    css = "".join((HERE / name).read_text() for name in ("look.css", "page.css"))
    try:
        return render_template(
            "page.html.j2",
            css=Markup(css),  # our own files
            policy=_policy(css),
            run=state.run,
            facts=facts,
            **_story(state, facts, load),
            **_record(state, facts),
        )
    except KeyError as error:
        raise JournalCorrupt(f"the run has no blob {error}, which its journal names; restore it from a copy") from error


def headline(state: RunState, rows: Sequence[Row]) -> str:
    """Return ``9.31 → 1.25 Mbps, 86.6 % lower in 24 trials; 7 adopted``.

    Where the objective is noisy ``seconds 86.6 % lower ...``: the gain is of pairs, and two values of different times
    would show another.
    """
    metric = metric_named(state.run.metrics, state.run.objective.metric)
    counted = f"{state.verdicts} trial{'' if state.verdicts == 1 else 's'}"
    if not rows:
        return f"nothing measured yet; {counted}"
    values = [row.metrics[metric.name] for row in rows if metric.name in row.metrics]
    if len(rows) == 1 or rows[-1].total is None:
        return f"{number.short(values[0])} {metric.unit}".rstrip() + (
            f"; nothing adopted in {counted}" if state.verdicts else "; no trial yet"
        )
    total = rows[-1].total
    amount = f"{abs(total.change) * 100:.1f} %" if total.relative else f"{abs(total.change):.4g} {total.unit}".rstrip()
    way = "higher" if total.change > 0 else "lower"
    ends = f"{number.short(values[0])} → {number.short(values[-1])} {metric.unit}".rstrip() + ","
    return f"{metric.name if metric.noisy else ends} {amount} {way} in {counted}; {len(rows) - 1} adopted"


def _story(state: RunState, facts: Facts, load: Load) -> dict[str, object]:
    """Return what was tried and what came of it."""
    rows, drawn = versions_table(state, facts.tiers), marks(state)
    objective = state.run.objective
    metric = metric_named(state.run.metrics, objective.metric)
    bound = objective.constraints[0] if objective.constraints else None
    other = metric_named(state.run.metrics, bound.metric) if bound else metric
    compared = [metric] if other is metric else [metric, other]
    shown = sorted({0, rows[-1].version}) if rows else []
    return {
        "headline": headline(state, rows),
        "metric": metric,
        "rows": rows,
        "shares": shares(rows, metric),
        "columns": _columns(state, rows),
        "trend": draw_trend(drawn, metric) if rows else None,
        "plane": draw_plane(drawn, metric, other, bound) if rows and bound and other is not metric else None,
        "strips": strips(state, shown, compared, load),
        "tiers": [(tier, _first(tier, rows)) for tier in facts.tiers],
        "steps": _steps(state, rows, load),
        "losers": losers(state),
        "failing": clusters(state),
        "blog": entries(state, load),
        "alerts": [attempt for attempt in state.attempts() if attempt.state is State.NEEDS_PERSON],
    }


def _record(state: RunState, facts: Facts) -> dict[str, object]:
    """Return how it was measured, what it cost and what it has reached."""
    attempts = [state.last(0), *state.attempts()]
    return {
        "phases": phase_standings(state, facts.phases),
        "success": success_standings(state, facts.success),
        "bills": bills(state),
        "control": state.control,
        "trials": state.verdicts,
        "ends": _ends(state),
        "measurements": sum(len(attempt.measured) for attempt in attempts),
        "tip": f"{state.seq}:{state.hash}",
        "as_of": max([state.control.last_s, *(attempt.time_s[1] for attempt in attempts)]),
        "commands": _commands(state, facts),
        "note": facts.note,
    }


def _columns(state: RunState, rows: Sequence[Row]) -> list[Column]:
    columns = []
    for metric in state.run.metrics:
        values = {row.version: row.metrics[metric.name] for row in rows if metric.name in row.metrics}
        places = number.decimals(values.values(), 3 if metric.noisy else 4)
        columns.append(
            Column(
                metric=metric,
                name=tuple(metric.name.replace("_", "_ ").split()) if len(metric.name) > 12 else (metric.name,),
                cells={version: (repr(value), number.number(value, places)) for version, value in values.items()},
                main=metric.name == state.run.objective.metric,
            )
        )
    return columns


def _steps(state: RunState, rows: Sequence[Row], load: Load) -> list[tuple[Row, list[Difference]]]:
    """Return what each version changed against the one before."""
    trees = [state.last(row.trial).proposed.tree for row in rows]
    return [(rows[n], differences(trees[n - 1], trees[n], load)) for n in range(1, len(rows))]


def _first(tier: Tier, rows: Sequence[Row]) -> Row | None:
    """Return the first version that reached a tier."""
    return next((row for row in rows if tier_reached([tier], row.metrics)), None)


def _ends(state: RunState) -> list[tuple[str, int]]:
    """Return how the trials ended, and how many did so; adopted ones first."""
    words = {State.ADOPTED: "adopted", State.REJECTED: "rejected", State.NEEDS_PERSON: "needs a person"}
    counted = Counter(
        words.get(end, end.value) if end in CONCLUDED else "in flight"
        for end in (state.last(trial).state for trial in state.trials) if end is not None
    )  # fmt: skip
    return sorted(counted.items(), key=lambda entry: (entry[0] != "adopted", entry[0] == "in flight", entry[0]))


def _commands(state: RunState, facts: Facts) -> list[tuple[str, str]]:
    """Return commands with which anybody can check the page, and what they show."""
    run = shlex.quote(facts.run)
    where = ["--git-dir", f"{facts.run}/repo.git"] if state.run.target == "run" else ["-C", state.run.target]
    which = own_commits(state) if state.versions else ["HEAD"]
    return [
        (
            shlex.join(["git", *where, "log", "--stat", *which]),
            "every version is a commit that carries its measurements",
        ),
        (f"selfwright log {run}", "every trial with its verdict"),
        (f"selfwright show {run} t1", "one trial: numbers, log, cost"),
        (f"selfwright diff {run} best --against v0", "what changed in all"),
        (f"selfwright status {run}", "where the run stands now"),
    ]


def _policy(css: str) -> str:
    """Return a Content-Security-Policy: no script, no address but ``data:`` pictures, no style but this one."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
