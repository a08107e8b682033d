"""What a check says: findings worst first, each with the mend, and what was tried beside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How bad it is; the worst comes first."""

    UNTRUSTWORTHY = "untrustworthy"
    """A number that the judge reports may mean nothing."""
    ADVICE = "advice"
    """Worth knowing before money is spent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with the evaluator.

    Attributes:
        name: Of the cheat or the question, e.g. ``nan``.
        says: What was found, in a sentence.
        mend: What to do about it.
        seen: What was measured: the planted program and what the judge made of it.
    """

    name: str
    severity: Severity
    says: str
    mend: str
    seen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The whole of a check.

    Attributes:
        problem: Its name.
        findings: Worst first.
        caught: Names of the cheats that the judge did not fall for.
        undecided: Name → why: cheats of which the clock did not tell whether they gain anything.
        not_tried: Name → why.
        facts: Name → words: noise, pairs, time and cost, for whoever plans a run.
        measurements: How many were made.
        usd: What the judge says that they cost.
        interrupted: Whether a person ended it before its time.
    """

    problem: str
    findings: tuple[Finding, ...] = ()
    caught: tuple[str, ...] = ()
    undecided: Mapping[str, str] = field(default_factory=dict)
    not_tried: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)
    measurements: int = 0
    usd: float = 0.0
    wall_s: float = 0.0
    interrupted: bool = False

    @property
    def is_trustworthy(self) -> bool:
        """Whether nothing was found that makes results untrustworthy."""
        return all(finding.severity is not Severity.UNTRUSTWORTHY for finding in self.findings)


def worst_first(findings: list[Finding]) -> tuple[Finding, ...]:
    """Return them by severity, otherwise in the order in which they were found."""
    return tuple(sorted(findings, key=lambda finding: list(Severity).index(finding.severity)))
