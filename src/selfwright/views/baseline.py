"""Where a run stands beside its baselines: what the same budget comes to without what the run has learned."""

from dataclasses import dataclass

from selfwright.gate.exact import metric_named
from selfwright.views.leaderboard import Gain, versions_table
from selfwright.views.run import RunState

WORDS = {"": "this run", "best-of-n": "best of N: every proposal from the seed", "tuning": "tuning alone"}
"""Name of a baseline → what it is; the empty name is the run itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One of them.

    Attributes:
        name: Of the baseline; empty for the run itself.
        trials: With a verdict.
        adopted: Versions beside the seed.
        measured: Items that were measured for its trials, pairs included.
        value: The objective of its best version, in the metric's unit.
        gain: Of that over the seed; None where nothing was adopted.
    """

    name: str
    trials: int
    adopted: int
    measured: int
    value: float
    gain: Gain | None

    @property
    def words(self) -> str:
        """What it is."""
        return WORDS.get(self.name, self.name)


def standing(name: str, state: RunState) -> Standing:
    """Return where a run stands."""
    rows = versions_table(state)
    metric = metric_named(state.run.metrics, state.run.objective.metric)
    return Standing(
        name=name, trials=state.verdicts, adopted=len(rows) - 1,
        measured=sum(len(attempt.measured) for attempt in state.attempts()),
        value=rows[-1].metrics[metric.name], gain=rows[-1].total,
    )  # fmt: skip
