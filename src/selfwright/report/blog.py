"""The research blog: an entry for each adoption, written from the record alone.

What was the idea, what was changed, what was measured, what was learned, and what had failed before. A proposer's own
words are shown as its words, and no figure of theirs is a figure of the record.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from selfwright.core.count import counted
from selfwright.core.printable import one_line
from selfwright.core.verdict import PairedGain, Verdict
from selfwright.diagnose import diagnosis_of
from selfwright.report.difference import differences
from selfwright.report.figure import Figure
from selfwright.report.number import short
from selfwright.views.comparison import fresh_gain
from selfwright.views.leaderboard import Row, versions_table
from selfwright.views.run import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One adoption.

    Attributes:
        title: ``v3 (t12)``.
        hypothesis: The proposer's own words, of which nothing is proven.
        change: What it changed, in a line.
        numbers: A line a metric: what it is, and what it was.
        learned: The verdict, and how far it is from the start.
        failed: What had failed since the version before, by its cause.
        figures: Every number of it that was measured or counted.
        names: Every other word of it with digits in it.
        text: The same in the words of a model, all of whose figures are in the record; else empty.
        worded_by: Which model.
    """

    title: str
    hypothesis: str
    change: str
    numbers: tuple[str, ...]
    learned: str
    failed: str
    figures: tuple[Figure, ...]
    names: tuple[str, ...]
    text: str = ""
    worded_by: str = ""

    def __str__(self) -> str:
        """Return it as Markdown."""
        lines = [f"## {self.title}", "", f"Hypothesis: {self.hypothesis}", ""]
        if self.text:
            lines += [self.text, "", f"(Worded by {self.worded_by}; every figure is in the record.)", ""]
        lines += [f"Change: {self.change}", "", *(f"- {line}" for line in self.numbers), ""]
        return "\n".join([*lines, f"Learned: {self.learned}", "", f"Failed before: {self.failed}"])


def entries(state: RunState, load: Callable[[str], bytes]) -> list[Entry]:
    """Return the entries of a run, the oldest first. A pure function of journal and blobs.

    Args:
        load: From sha256 to content.
    """
    rows = versions_table(state)
    return [_entry(state, rows, number, load) for number in range(1, len(rows))]


def _entry(state: RunState, rows: Sequence[Row], number: int, load: Callable[[str], bytes]) -> Entry:
    row, before = rows[number], rows[number - 1]
    attempt = state.last(row.trial)
    verdict = attempt.verdict
    trees = [state.last(each.trial).proposed.tree for each in (before, row)]
    changed = differences(trees[0], trees[1], load)
    causes = _causes(state, number)
    figures = [*_measured(state, (rows[0], before, row)), *_decided(row, verdict, fresh_gain(state, attempt))]
    for each in changed:
        figures.append(Figure(name=f"lines added to {each.path}", value=each.added))
        figures.append(Figure(name=f"lines removed from {each.path}", value=each.removed))
    figures += [Figure(name=f"trials: {cause}", value=times) for cause, times in causes.items()]
    figures.append(Figure(name="trials that failed", value=sum(causes.values())))
    names = [f"v{each.version}" for each in rows[: number + 1]]
    names += [f"t{trial}" for trial in (*_between(state, number), row.trial)]
    names += [*(metric.name for metric in state.run.metrics), *(each.path for each in changed)]
    lines = ", ".join(f"{each.path} +{each.added} −{each.removed}" for each in changed)
    return Entry(
        title=f"v{row.version} (t{row.trial})", hypothesis=one_line(row.reason) or "none was given",
        change=f"{lines}, by {row.found_by}", numbers=tuple(_numbers(state, before, row)),
        learned="; ".join(filter(None, (verdict.sentence if verdict else "", f"{row.total} over v0 in all"))),
        failed="; ".join(f"{cause} ({counted(times, 'trial')})" for cause, times in causes.most_common())
        or "nothing since the version before",
        figures=tuple(figures), names=tuple(names),
    )  # fmt: skip


def _measured(state: RunState, rows: Sequence[Row]) -> Iterator[Figure]:
    for row in {each.version: each for each in rows}.values():
        for metric in state.run.metrics:
            if metric.name in row.metrics:
                yield Figure(name=metric.name, value=row.metrics[metric.name], unit=metric.unit, ratios=True)


def _decided(row: Row, verdict: Verdict | None, fresh: PairedGain | None) -> Iterator[Figure]:
    """Yield what the gate says, of the pairs that it decided by and of the fresh ones."""
    for gain in (row.previous, row.total):
        if gain:
            yield _share("gain", gain.amount, relative=gain.relative, unit=gain.unit)
    if fresh:
        yield Figure(name="fresh pairs", value=fresh.pairs)
        for amount in (fresh.gain, fresh.low, fresh.high):
            share = _share("gain in fresh pairs", amount, relative=fresh.relative, unit="")
            yield share
            yield replace(share, unit="")  # an interval is told as (17 to 21.8 in 12 fresh pairs)
    if verdict and verdict.pairs:
        yield Figure(name="pairs", value=verdict.pairs)
        yield Figure(name="evidence", value=verdict.evidence)
        yield Figure(name="evidence that is needed", value=verdict.needed)


def _share(name: str, amount: float, *, relative: bool, unit: str) -> Figure:
    return Figure(name=name, value=amount * 100, unit="%") if relative else Figure(name=name, value=amount, unit=unit)


def _numbers(state: RunState, before: Row, row: Row) -> list[str]:
    lines = []
    for metric in state.run.metrics:
        if metric.name in row.metrics:
            was = f", was {short(before.metrics[metric.name])}" if metric.name in before.metrics else ""
            lines.append(f"{metric.name}: {short(row.metrics[metric.name])} {metric.unit}".rstrip() + was)
    if row.previous:
        lines.append(f"gain over v{before.version}: {row.previous}")
    return lines


def _causes(state: RunState, number: int) -> "Counter[str]":
    """Return of what the trials failed that had their verdict between two versions, and how many of each."""
    known = [diagnosis_of(state, state.last(trial)) for trial in _between(state, number)]
    return Counter(each.cause for each in known if each)


def _between(state: RunState, number: int) -> range:
    """Return the trials that had their verdict between two versions."""
    return range(state.versions[number - 1].verdicts + 1, state.versions[number].verdicts + 1)
