"""What the gate says of a trial."""

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """The three answers of the gate."""

    ADOPT = "adopt"
    REJECT = "reject"
    INDECISIVE = "indecisive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A decision, the numbers behind it and a sentence that a person can read.

    Attributes:
        sentence: ``adopted: bitrate_mbps 2.10, 34 % better than v2 (3.18)``.
        metric: The objective's name.
        candidate: The candidate's aggregate of it; None where it never got that far.
        incumbent: The incumbent's.
        pairs: Pairs that were measured; 0 for an exact comparison.
        evidence: E-value of "better" for noisy metrics, else 0.
    """

    decision: Decision
    sentence: str
    metric: str
    candidate: float | None = None
    incumbent: float | None = None
    pairs: int = 0
    evidence: float = 0.0
