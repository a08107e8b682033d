"""A run as the tools tell of it: pure functions of its history. Holdout numbers never come here."""

import difflib
from collections.abc import Iterator, Sequence
from typing import TypeVar

from selfwright.core.count import counted
from selfwright.core.errors import BadInput
from selfwright.core.lifecycle import State
from selfwright.core.metric import Metric
from selfwright.core.printable import one_line
from selfwright.diagnose import clusters, diagnosis_of
from selfwright.evolve.history import History
from selfwright.server.mcp.answer import Measurement, MetricLine, Page, Status, TrialLine, Verdict, VersionLine
from selfwright.server.mcp.quote import quote
from selfwright.views.leaderboard import Row, versions_table
from selfwright.views.run import Attempt

T = TypeVar("T")

NOBODY = "not running"
"""The standing of a run that nobody drives."""

STALE = 10
"""Trials since the last adoption after which another direction is suggested."""


def page(items: Sequence[T], offset: int, limit: int) -> Page[T]:
    """Return a part of a list, which says where the next one begins."""
    end = offset + limit
    return Page(items=list(items[offset:end]), total=len(items), next_offset=end if end < len(items) else None)


def standing(history: History) -> str:
    """Return whether anybody drives a run."""
    if not history.holder():
        return NOBODY
    return "paused" if history.state.control.paused else "running"


def metric_line(metric: Metric) -> MetricLine:
    """Return a metric."""
    return MetricLine(name=metric.name, unit=metric.unit, better=metric.better.value, noisy=metric.noisy)


def version_line(row: Row) -> VersionLine:
    """Return an adopted version."""
    return VersionLine(
        version=row.version, trial=f"t{row.trial}" if row.trial else "seed", commit=row.commit,
        metrics=dict(row.metrics), gain=str(row.previous or ""),
    )  # fmt: skip


def trial_line(history: History, attempt: Attempt) -> TrialLine:
    """Return a trial."""
    said = attempt.proposed
    return TrialLine(
        trial=attempt.id if said.trial else "seed", state=attempt.state or "seed", version=attempt.version,
        parents=list(said.parents), change=said.change[:12], metrics=dict(history.metrics(attempt)),
    )  # fmt: skip


def status(history: History) -> Status:
    """Return where a run stands."""
    state, run, ended = history.state, history.state.run, history.state.control.ended
    rows = versions_table(state)
    attempts = state.attempts()
    return Status(
        run=history.folder.name, problem=run.subject.removeprefix("problem:"), standing=standing(history),
        objective=run.objective.metric, constraints=[str(each) for each in run.objective.constraints],
        minimum_effect=str(run.objective.minimum_effect), metrics=[metric_line(each) for each in run.metrics],
        editable=sorted(history.find("best").proposed.tree), best=version_line(rows[-1]) if rows else None,
        total_gain=str(rows[-1].total or "") if rows else "", trials=state.verdicts, waiting=len(state.submissions),
        parked=sum(each.state is State.PARKED for each in attempts),
        needs_person=[each.id for each in attempts if each.state is State.NEEDS_PERSON],
        budget=state.budget.bounds(), used={kind: getattr(state.used, kind) for kind in state.budget.bounds()},
        ended=ended.why if ended else "", sandbox=run.sandbox,
        material=quote("the problem", f"{run.description}\n{f'ended: {ended.reason}' if ended else ''}"),
    )  # fmt: skip


def line_of(attempt: Attempt) -> str:
    """Return what became of a trial and why it was proposed, in a line as ``selfwright log`` has it."""
    said = attempt.proposed
    words = f"{attempt.id} {one_line(attempt.ending)} [{one_line(said.proposer)}: {one_line(said.reason)}]"
    return words if len(words) < 500 else f"{words[:500]} ..."


def measurements(history: History, attempt: Attempt) -> list[Measurement]:
    """Return what was measured of a trial, as far as anybody may see it."""
    hidden = set(history.state.run.holdout)
    return [
        Measurement(
            purpose=purpose, stage=stage, case=case, status=outcome.status,
            metrics={name: list(values) for reading in outcome.readings for name, values in reading.metrics.items()},
        )
        for (purpose, stage, case), outcome in attempt.measured.items() if stage not in hidden
    ]  # fmt: skip


def told(history: History, attempt: Attempt) -> str:
    """Return all that is said of a trial: verdict, reason, diagnosis, and each text that was printed, once."""
    hidden = set(history.state.run.holdout)
    diagnosis = diagnosis_of(history.state, attempt)
    parts = [attempt.ending or "no verdict", f"proposed by {attempt.proposed.proposer}: {attempt.proposed.reason}"]
    parts += [f"diagnosis: {diagnosis}"] if diagnosis else []
    for (_, stage, case), outcome in attempt.measured.items():
        if stage not in hidden:
            said = (("", outcome.news), ("log of ", outcome.log), ("the judge, of ", outcome.printed))
            parts += [f"{whose}{stage}/{case}:\n{text}" for whose, text in said if text]
    return "\n".join(dict.fromkeys(parts))


def ancestors(history: History, name: str) -> Iterator[Attempt]:
    """Yield a trial, what it was made of, and so on back to the seed."""
    attempt = history.find(name)
    yield attempt
    while attempt.proposed.parents:
        attempt = history.find(attempt.proposed.parents[0])
        yield attempt


def text_of(history: History, name: str, path: str) -> tuple[str, str]:
    """Return path and text of a file of a program; of no path its first file.

    Raises:
        BadInput: There is no such file in it.
    """
    files = history.program(name).files
    wanted = path or min(files)
    if wanted not in files:
        near = difflib.get_close_matches(wanted, files, n=1)
        raise BadInput(
            f"{name} has no file {wanted[:200]!r}: there are {', '.join(sorted(files)[:20])}"
            + (f"; did you mean {near[0]!r}?" if near else "")
        )
    return wanted, files[wanted].decode(errors="replace")


def verdict(history: History, seq: int, attempt: Attempt | None, words: str) -> Verdict:
    """Return what became of a submission: of none is nothing known yet."""
    return Verdict(
        run=history.folder.name, submission=seq, decided=attempt is not None,
        adopted=None if attempt is None else attempt.version is not None, trial=attempt.id if attempt else "",
        version=attempt.version if attempt else None, words=words,
        material=quote(f"verdict on {attempt.id}", attempt.ending) if attempt else None,
    )  # fmt: skip


def suggestions(history: History) -> Iterator[str]:
    """Yield what could be done next, the most pressing first."""
    state, ended, where = history.state, history.state.control.ended, standing(history)
    if where == "paused":
        yield "it is paused: `resume` goes on"
    if where == NOBODY and ended is None:
        yield "it was killed in flight, and nothing is lost: `resume` goes on"
    if where == NOBODY and state.submissions:
        yield f"{counted(len(state.submissions), 'submission')} not measured yet: `resume`, or `submit` another change"
    if ended and ended.why == "budget":
        yield f"its budget ({ended.bound or 'trials'}) is used: `resume` with more trials or time goes on"
    if ended and ended.why == "exhausted":
        yield "its proposer has nothing more to say: `submit` changes of your own"
    for each in state.attempts():
        if each.state is State.NEEDS_PERSON:
            yield f"{each.id} needs a person: `show` says why"
    for cluster in clusters(state)[:3]:
        if len(cluster.trials) > 1:
            yield (
                f"{len(cluster.trials)} trials fail alike ({cluster.diagnosis.name}): `failures` has cause and mend; "
                "avoid it in the next change"
            )
    parked = sum(each.state is State.PARKED for each in state.attempts())
    if parked:
        yield f"{counted(parked, 'trial')} undecided: they are measured further at the end, if pairs and time are left"
    since = state.verdicts - state.last(state.versions[-1].trial).proposed.trial if state.versions else 0
    if since >= STALE:
        yield (
            f"nothing was adopted in the last {since} trials: read `source`, `log` and `failures`, and `submit` a "
            "change of another kind"
        )
    if state.incumbent > 0:
        yield f"v{state.incumbent} is the best: `certificate` has its evidence; a person may `selfwright audit` it"
