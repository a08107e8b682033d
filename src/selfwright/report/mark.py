"""Marks: each trial with a verdict, as the charts show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from selfwright.core.lifecycle import CONCLUDED
from selfwright.gate.exact import broken_constraint
from selfwright.views.leaderboard import valid_aggregates
from selfwright.views.run import Attempt, RunState


class Kind(StrEnum):
    """How a trial is drawn; also the name of its CSS class."""

    ADOPTED = "adopted"
    VALID = "valid"
    """Measured in full, every constraint holds, not adopted."""
    BROKEN = "broken"
    """Measured in full, but it breaks a constraint."""
    FAILED = "failed"
    """Failed or refused: there is no number to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One trial.

    Attributes:
        values: Metric → aggregate over the last public stage; empty for a failed one.
        since: Of a version: after the verdict on which trial it was adopted; a later one than its own where its
            comparison was resumed.
    """

    trial: int
    kind: Kind
    values: Mapping[str, float]
    version: int | None = None
    since: int = 0

    @property
    def name(self) -> str:
        """Return ``v3 (t12)`` or ``t12``."""
        return f"t{self.trial}" if self.version is None else f"v{self.version} (t{self.trial})"


def marks(state: RunState) -> list[Mark]:
    """Return the seed and every trial that has its verdict, in trial order."""
    seed = [state.last(0)] if state.versions else []
    done = [state.last(trial) for trial in sorted(state.trials) if state.last(trial).state in CONCLUDED]
    return [_mark(state, attempt) for attempt in (*seed, *done)]


def _mark(state: RunState, attempt: Attempt) -> Mark:
    objective, values = state.run.objective, valid_aggregates(state, attempt) or {}
    kind = Kind.VALID
    if objective.metric not in values:
        kind, values = Kind.FAILED, {}
    elif attempt.version is not None:
        kind = Kind.ADOPTED
    elif broken_constraint(objective, values):
        kind = Kind.BROKEN
    since = 0 if attempt.version is None else state.versions[attempt.version].verdicts
    return Mark(trial=attempt.proposed.trial, kind=kind, values=values, version=attempt.version, since=since)
