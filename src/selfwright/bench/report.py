"""The report: what a judge may return instead of a bare mapping of metrics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Measurement = float | Sequence[float] | Mapping[str, float]
"""A number, a list of repeats, or (from ``evaluate`` alone) case → number."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a judge has to say of a candidate, positional or by name.

    Attributes:
        metrics: Metric → measurement, in the metric's unit.
        feedback: Shown to the proposer. Dropped on holdout, and beyond 4 KB.
        artifacts: File name → content, shown to people. Dropped on holdout, and beyond 8 MB each or 32 MB in all.
        usd: What the measurement cost, in US dollars.
    """

    metrics: Mapping[str, Measurement]
    feedback: str = ""
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    usd: float = 0.0
