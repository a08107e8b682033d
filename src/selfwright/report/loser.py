"""Trials that did not become a version, each with the reason in words."""

from dataclasses import dataclass

from selfwright.core.lifecycle import State
from selfwright.report.number import short
from selfwright.views.comparison import pairs_spent
from selfwright.views.leaderboard import valid_aggregates
from selfwright.views.run import Attempt, RunState, failure_of

_BADGES = {State.REJECTED: "✗ Rejected", State.NEEDS_PERSON: "Needs a person", None: "In flight"}
_MOST_LOG = 4_000
"""Characters of a log that are shown, from its end: that is where a crash speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loser:
    """An attempt that was not adopted, or not yet.

    Attributes:
        badge: ``✗ Rejected``, ``Refused``, ``Parked``, ...
        tone: ``bad``, ``open`` or ``alert``; also the name of a CSS class.
        said: The proposer's own words.
        value: The objective with its unit; empty where it was not measured in full.
        words: The verdict, or why there is none.
        pairs: Measured to decide.
        wall_s: That its measurements took; in a pair, with those of the incumbent.
        log: What the candidate wrote before it failed.
        printed: What the judge printed meanwhile.
    """

    id: str
    badge: str
    tone: str
    proposer: str
    origin: str
    parents: str
    said: str
    value: str
    words: str
    pairs: int
    wall_s: float
    log: str = ""
    printed: str = ""


def losers(state: RunState) -> list[Loser]:
    """Return every attempt that is no version, in trial order."""
    return [_loser(state, attempt) for attempt in state.attempts() if attempt.version is None]


def _loser(state: RunState, attempt: Attempt) -> Loser:
    said, failed = attempt.proposed, failure_of(state, attempt)
    words = attempt.words.removeprefix(f"{attempt.state} ").removeprefix(f"{attempt.state}: ")  # the badge says it
    if failed and not words:
        words = f"{failed[1].status} in {failed[0]}: {failed[1].reason}"
    moving = attempt.state in (State.PROPOSED, State.CHECKED, State.TRIED, State.JUDGED, State.FAILED)
    bad = attempt.state in (State.REJECTED, State.REFUSED)
    return Loser(
        id=attempt.id,
        badge=_BADGES[None] if moving else _BADGES.get(attempt.state, str(attempt.state).capitalize()),
        tone="alert" if attempt.state is State.NEEDS_PERSON else "bad" if bad else "open",
        proposer=said.proposer,
        origin=said.origin.value,
        parents=", ".join(said.parents),
        said=said.reason,
        value=_value(state, attempt),
        words=words,
        pairs=pairs_spent(attempt),
        wall_s=sum(outcome.resources.wall_s for outcome in attempt.measured.values()),
        log=failed[1].log[-_MOST_LOG:] if failed else "",
        printed=failed[1].printed[-_MOST_LOG:] if failed else "",
    )


def _value(state: RunState, attempt: Attempt) -> str:
    name = state.run.objective.metric
    value = (valid_aggregates(state, attempt) or {}).get(name)
    unit = next(metric.unit for metric in state.run.metrics if metric.name == name)
    return "" if value is None else f"{short(value)} {unit}".rstrip()
