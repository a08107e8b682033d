"""The diagnosis: category, cause, mend and severity of one failure, by the tables of rules."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from selfwright.core.brief import Failure
from selfwright.core.status import CallStatus, TrialStatus
from selfwright.diagnose.crash import Crash, crash_of
from selfwright.diagnose.evidence import Evidence, Where
from selfwright.diagnose.normal import normalised
from selfwright.diagnose.rule import Category, Rule, Severity, rules

_UNKNOWN = Rule(
    name="unknown", category=Category.OTHER, severity=Severity.MEDIUM, looks="", sure=False,
    cause="no rule knows this failure", mend="read the reason and the log",
)  # fmt: skip
_JUDGE = Rule(
    name="judge-fault", category=Category.JUDGE, severity=Severity.CRITICAL, looks="",
    cause="the judge itself failed, so that nothing is known of the candidate",
    mend="a person must mend the judge, and open a new run",
)  # fmt: skip
_HEAD = re.compile(rf"^(?:rejected: )?(?:{'|'.join(CallStatus)}|{'|'.join(TrialStatus)}) in [^:\n]*: ")
"""What is put before a reason where a trial is told of."""
_MOST = 4000
"""Characters of a reason that are read, and half of those of a log, from its end."""
_LAST = 6
"""Lines of a log: what was said before is not what it ended with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What is the matter with a trial, or with a call.

    Attributes:
        name: Of the cause: ``index-out-of-range``.
        cause: The root cause in a sentence.
        mend: The suggested fix.
        place: The innermost place in the candidate's files: ``codec.py, line 144, in fetch``; or empty.
        sure: Whether a rule is sure of it.
        kind: Equal for failures of one root cause, numbers and quoted text apart; of what no rule is sure of, for
            equal words.
    """

    name: str
    category: Category
    severity: Severity
    cause: str
    mend: str
    place: str
    sure: bool
    kind: str

    def __str__(self) -> str:
        """Return it in a line for a proposer, or a person."""
        place = f" ({self.place})" if self.place else ""
        return f"{self.category}, {self.severity}: {self.cause}{place}; {self.mend}"


def diagnose(evidence: Evidence) -> Diagnosis:
    """Return why something failed, by the first rule that fits. A pure function; never raises for what stands there."""
    reason = _HEAD.sub("", evidence.reason[:_MOST])
    evidence, crash = replace(evidence, reason=reason, log=evidence.log[-2 * _MOST :]), None
    if evidence.where is Where.EXECUTION and evidence.status == TrialStatus.CRASHED:
        crash = crash_of(evidence.reason, evidence.log)
    for text, table in _looks(evidence, crash):
        for rule in table:
            if found := rule.fits(text):
                words = str(crash) if crash else evidence.reason
                groups = defaultdict(str, {name: each or "" for name, each in found.groupdict().items()})
                return _diagnosis(rule, groups, crash, words)
    return _diagnosis(_UNKNOWN, defaultdict(str), crash, evidence.reason)


def advised(failure: Failure) -> Failure:
    """Return a failure whose reason has one line more for its proposer, where a rule is sure: likely cause and mend."""
    evidence = Evidence(
        where=Where(failure.where), status=failure.status or "", reason=failure.reason, log=failure.log
    )  # fmt: skip
    known = diagnose(evidence)
    return replace(failure, reason=f"{failure.reason}\nLikely cause: {known}") if known.sure else failure


def _looks(evidence: Evidence, crash: Crash | None) -> Iterator[tuple[str, Sequence[Rule]]]:
    """Yield texts and the tables to read them by, the most telling first."""
    said = "\n".join([evidence.reason, *evidence.log.splitlines()[-_LAST:]])
    match evidence.where, evidence.status:
        case Where.VALIDATION, _:
            yield evidence.reason, rules("refused")
        case Where.VERDICT, _:
            yield evidence.reason, rules("weighed")
        case _, TrialStatus.UNJUDGED:
            yield "", (_JUDGE,)
        case _, TrialStatus.INERT:
            yield "inert:", rules("weighed")
        case _, TrialStatus.INVALID:
            yield evidence.reason, rules("judged")
        case _ if evidence.reason.startswith("build: "):
            yield evidence.reason, rules("built")
            yield evidence.log, rules("built")
            yield said, rules("denied")
            yield said, rules("ended")
        case _:
            yield evidence.reason, rules("denied")
            if crash:
                yield str(crash), rules("raised")
            yield evidence.reason, rules("ended")
            yield said, rules("denied")
            yield said, rules("ended")
            yield f"status {evidence.status}", rules("ended")


def _diagnosis(rule: Rule, groups: "defaultdict[str, str]", crash: Crash | None, words: str) -> Diagnosis:
    short = defaultdict(str, {name: text[:80] for name, text in groups.items()})
    cause = rule.cause.format_map(short)
    return Diagnosis(
        name=rule.name, category=rule.category, severity=rule.severity, cause=cause, mend=rule.mend.format_map(short),
        place=crash.place if crash else "", sure=rule.sure,
        kind=f"{rule.name}: {normalised(cause if rule.sure else words)}",
    )  # fmt: skip
