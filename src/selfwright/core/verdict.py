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
        relative: Whether these are fractions, or amounts in the metric's unit, where zero can be crossed.
    """

    pairs: int
    gain: float
    low: float
    high: float
    relative: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision, the numbers behind it and a sentence that a person can read.

    Attributes:
        sentence: ``adopted: bitrate_mbps 2.10, 34 % better than v2 (3.18)``; of pairs
            ``adopted: decode_s 4.1 % faster than v1 (3.2 to 5), 31 pairs, E = 9,200 against 8,000``.
        metric: The objective's name.
        candidate: The candidate's aggregate of it; None where it never got that far, and for pairs, which may be of
            different cases.
        incumbent: The incumbent's.
        gain: What the pairs say that decided, as in ``PairedGain``; None for an exact comparison.
        pairs: Pairs that were measured; 0 for an exact comparison.
        evidence: E-value of "better" for noisy metrics, else 0.
        needed: E-value at which it would be adopted.
        inert: Whether it runs as the incumbent or its parent does: that it is no better says nothing of its idea.
    """

    decision: Decision
    sentence: str
    metric: str
    candidate: float | None = None
    incumbent: float | None = None
    gain: float | None = None
    pairs: int = 0
    evidence: float = 0.0
    needed: float = 0.0
    inert: bool = False
