"""What a run cost: money, tokens and time of measurement, by proposer; and how much of it went to losers."""

from collections.abc import Iterable
from dataclasses import dataclass

from selfwright.views.comparison import pairs_spent
from selfwright.views.run import Attempt, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What some attempts cost together.

    Attributes:
        attempts: Repairs count.
        adopted: How many of them became versions.
        usd: As far as prices are known.
        unknown: Attempts whose price is unknown, which is never the same as 0.
        tokens_in: Read by models.
        tokens_out: Written by models.
        measurements: Items measured; of paired ones both sides.
        pairs: Pairs measured to decide; not those of a fresh block.
        wall_s: Of the measurements, judge included.
        cpu_s: Of the candidate's processes.
    """

    who: str
    attempts: int
    adopted: int
    usd: float
    unknown: int
    tokens_in: int
    tokens_out: int
    measurements: int
    pairs: int
    wall_s: float
    cpu_s: float

    @property
    def money(self) -> str:
        """Return ``0.0312``, ``at least 0.0312 (2 unknown)`` or ``unknown``."""
        if self.unknown and not self.usd:
            return "unknown"
        known = f"{self.usd:.4f}" if self.usd else "0"
        return f"at least {known} ({self.unknown} unknown)" if self.unknown else known


def bills(state: RunState) -> list[Bill]:
    """Return the seed's bill, one a proposer, all together, and the part of those that were not adopted."""
    attempts = state.attempts()
    proposers = dict.fromkeys(attempt.proposed.proposer for attempt in attempts)
    by = {who: [attempt for attempt in attempts if attempt.proposed.proposer == who] for who in proposers}
    losers = [attempt for attempt in attempts if attempt.version is None]
    return [
        _bill("seed", [state.last(0)]),
        *(_bill(who, theirs) for who, theirs in by.items()),
        _bill("all", [state.last(0), *attempts]),
        _bill("of which not adopted", losers),
    ]


def _bill(who: str, attempts: Iterable[Attempt]) -> Bill:
    attempts = list(attempts)
    costs = [attempt.proposed.cost for attempt in attempts]
    used = [outcome.resources for attempt in attempts for outcome in attempt.measured.values()]
    return Bill(
        who=who,
        attempts=len(attempts),
        adopted=sum(attempt.version is not None for attempt in attempts if attempt.proposed.trial),
        usd=sum(cost.usd or 0.0 for cost in costs) + sum(each.usd for each in used),
        unknown=sum(cost.usd is None for cost in costs),
        tokens_in=sum(cost.tokens_in for cost in costs),
        tokens_out=sum(cost.tokens_out for cost in costs),
        measurements=len(used),
        pairs=sum(map(pairs_spent, attempts)),
        wall_s=sum(each.wall_s for each in used),
        cpu_s=sum(each.cpu_s for each in used),
    )
