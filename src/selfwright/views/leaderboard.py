"""The leaderboard: the adopted versions, v0 first, with what each measures and gains."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selfwright.core.change import Origin
from selfwright.core.metric import Better, Metric
from selfwright.core.milestone import Tier
from selfwright.core.verdict import PairedGain
from selfwright.gate.exact import metric_named
from selfwright.gate.summary import summarise
from selfwright.views.comparison import fresh_gain, version_readings
from selfwright.views.milestones import tier_reached
from selfwright.views.run import Attempt, RunState, failure_of, public_readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """By how much one value of the objective is better than another.

    Attributes:
        amount: Positive is better; a fraction when ``relative``, else in ``unit``.
        relative: Whether both values are positive, so that a ratio means something.
        change: By how much the value itself went up; what a headline says ("86.6 % lower"). Same scale as ``amount``.
    """

    amount: float
    relative: bool
    unit: str
    change: float

    def __str__(self) -> str:
        """Return ``+34.0 %`` or ``-0.31 dB``; positive is better, whichever way the metric runs."""
        return f"{self.amount * 100:+.1f} %" if self.relative else f"{self.amount:+.4g} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An adopted version.

    Attributes:
        trial: 0 for the seed.
        time_s: When it was adopted, seconds since the epoch.
        metrics: Metric → aggregate over the cases of the last public stage; where the objective is noisy, in the pairs
            that the gain is of (v0: as it was beside v1).
        previous: Gain over the version before; None for v0. Where the objective is noisy, what the fresh block of pairs
            says, as the commit does: two unpaired readings show nothing.
        total: Gain over v0; None for v0. Where the objective is noisy, these gains one after the other.
        tier: Name of the last tier whose condition holds, or None.
    """

    version: int
    trial: int
    commit: str
    time_s: float
    proposer: str
    origin: Origin
    reason: str
    metrics: Mapping[str, float]
    previous: Gain | None
    total: Gain | None
    tier: str | None

    @property
    def found_by(self) -> str:
        """Who found it and how: ``recorded, structure``; ``seed`` for v0."""
        return f"{self.proposer}, {self.origin.value}" if self.version else "seed"


def versions_table(state: RunState, tiers: Sequence[Tier] = ()) -> list[Row]:
    """Return one row a version, v0 first."""
    metric = metric_named(state.run.metrics, state.run.objective.metric)
    rows: list[Row] = []
    paired: list[PairedGain | None] = []
    for version in state.versions:
        attempt = state.last(version.trial)
        values = summarise(state.run.metrics, version_readings(state, version.version))
        tier = tier_reached(tiers, values)
        paired += [fresh_gain(state, attempt)] if rows else []
        rows.append(
            Row(
                version=version.version,
                trial=version.trial,
                commit=version.commit,
                time_s=version.time_s,
                proposer=attempt.proposed.proposer,
                origin=attempt.proposed.origin,
                reason=attempt.proposed.reason,
                metrics=values,
                previous=_chained(metric, paired[-1:]) or _between(metric, values, rows[-1:]),
                total=_chained(metric, paired) or _between(metric, values, rows[:1]),
                tier=tier.name if tier else None,
            )
        )
    return rows


def aggregates(state: RunState, attempt: Attempt) -> dict[str, float]:
    """Return metric → aggregate over the cases of the last public stage that this attempt finished."""
    return summarise(state.run.metrics, public_readings(state, attempt))


def valid_aggregates(state: RunState, attempt: Attempt) -> dict[str, float] | None:
    """Return the aggregates of the *last* public stage: what can be compared with a version.

    None where the attempt failed, or did not get so far.
    """
    stage = state.public_stages()[-1]
    done = attempt.outcomes("search", stage, state.run.cases[stage]) is not None
    return aggregates(state, attempt) if done and failure_of(state, attempt) is None else None


def gain(metric: Metric, value: float, over: float) -> Gain:
    """Return by how much ``value`` is better than ``over``: a fraction where both are positive."""
    relative = value > 0 and over > 0
    scale = over if relative else 1.0
    return Gain(
        amount=metric.gain(value, over) / scale, relative=relative, unit=metric.unit, change=(value - over) / scale
    )


def _between(metric: Metric, values: Mapping[str, float], rows: Sequence[Row]) -> Gain | None:
    over = rows[0].metrics.get(metric.name) if rows else None
    return gain(metric, values[metric.name], over) if over is not None and metric.name in values else None


def _chained(metric: Metric, gains: Sequence[PairedGain | None]) -> Gain | None:
    """Return several gains one after the other, or None where there is none, or one had no pairs."""
    known = [each for each in gains if each is not None]
    if not known or len(known) < len(gains):
        return None
    sign = -1.0 if metric.better is Better.LOWER else 1.0
    if known[0].relative:
        return gain(metric, math.prod(1.0 + sign * each.gain for each in known), 1.0)
    amount = math.fsum(each.gain for each in known)
    return Gain(amount=amount, relative=False, unit=metric.unit, change=sign * amount)
