"""Where the gain of a run came from: structure or tuning, told apart by what changed and not by who says so."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from selfwright.core.change import Origin
from selfwright.core.metric import Metric
from selfwright.views.leaderboard import Gain, Row, gain


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What the versions of one origin gained together, each over the one before it.

    Attributes:
        versions: How many of them there are.
        gain: One gain after the other; None where one of them is not known.
    """

    origin: Origin
    versions: int
    gain: Gain | None

    def __str__(self) -> str:
        """Return ``structure +98.8 % (10 versions)``."""
        return f"{self.origin.value} {self.gain or '?'} ({self.versions} version{'' if self.versions == 1 else 's'})"


def shares(rows: Sequence[Row], metric: Metric) -> list[Share]:
    """Return what structure gained and what tuning gained; nothing of an origin that no version has.

    Args:
        rows: The versions, v0 first.
        metric: The objective.
    """
    found = []
    for origin in Origin:
        gains = [row.previous for row in rows[1:] if row.origin is origin]
        if gains:
            found.append(Share(origin=origin, versions=len(gains), gain=_together(gains, metric)))
    return found


def _together(gains: Sequence[Gain | None], metric: Metric) -> Gain | None:
    known = [each for each in gains if each is not None]
    if len(known) < len(gains) or len({each.relative for each in known}) > 1:
        return None
    if known[0].relative:
        return gain(metric, math.prod(1.0 + each.change for each in known), 1.0)
    amounts = (math.fsum(each.amount for each in known), math.fsum(each.change for each in known))
    return Gain(amount=amounts[0], relative=False, unit=metric.unit, change=amounts[1])
