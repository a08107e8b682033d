"""What the gate says of a trial."""

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """The three answers of the gate."""

    ADOPT = "adopt"
    REJECT = "reject"
    INDECISIVE = "indecisive"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedGain:
    """By how much a candidate is better than its incumbent, by pairs of measurements made one after the other.

    Attributes:
        pairs: In which both ran.
        gain: By the median of the pairs' ratios, as a fraction of the incumbent's value; negative where it is worse.
        low: Least end of an interval that holds the true median in 95 of 100 cases.
        high: Greatest end of it.
    """

    pairs: int
    gain: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision, the numbers behind it and a sentence that a person can read.

    Attributes:
        sentence: ``adopted: bitrate_mbps 2.10, 34 % better than v2 (3.18)``.
        metric: The objective's name.
        candidate: The candidate's aggregate of it; None where it never got that far, and for pairs, which may be of
            different cases.
        incumbent: The incumbent's.
        gain: What the pairs say that decided, as in ``PairedGain``; None for an exact comparison.
        pairs: Pairs that were measured; 0 for an exact comparison.
        evidence: E-value of "better" for noisy metrics, else 0.
    """

    decision: Decision
    sentence: str
    metric: str
    candidate: float | None = None
    incumbent: float | None = None
    gain: float | None = None
    pairs: int = 0
    evidence: float = 0.0
