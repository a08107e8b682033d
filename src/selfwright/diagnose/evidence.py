"""What is known of a failure: where it came, how, and the words that were left."""

import re
from dataclasses import dataclass
from enum import StrEnum

from selfwright.core.lifecycle import State
from selfwright.core.status import TrialStatus
from selfwright.views.run import Attempt, RunState, failure_of


class Where(StrEnum):
    """How far a trial had come."""

    VALIDATION = "validation"
    """It was no change that could be tried."""
    EXECUTION = "execution"
    """It was run, or built, and failed."""
    VERDICT = "verdict"
    """It ran, and what was measured can not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One failure of a trial, or of a call.

    Attributes:
        status: For execution, a ``TrialStatus`` or a ``CallStatus``; else empty.
        reason: As the journal has it.
        log: What the candidate wrote.
    """

    where: Where
    reason: str
    status: str = ""
    log: str = ""


_FAILED_VERDICT = re.compile(
    r"breaks the constraint|can not be checked|not the same in a second run|held-out|inert:|no pair in which"
)


_NOT_TRIED = (State.REFUSED, State.FAILED, State.REPAIRED, State.NEEDS_PERSON)


def evidence_of(state: RunState, attempt: Attempt) -> Evidence | None:
    """Return how an attempt failed; None where it did not, or was merely no better."""
    failed = failure_of(state, attempt)
    if failed is not None:
        outcome = failed[1]
        return Evidence(where=Where.EXECUTION, status=outcome.status, reason=outcome.reason, log=outcome.log)
    if not attempt.measured and attempt.state in _NOT_TRIED:
        return Evidence(where=Where.VALIDATION, reason=attempt.reason)
    if attempt.state is State.REJECTED and attempt.verdict and _FAILED_VERDICT.search(attempt.verdict.sentence):
        return Evidence(where=Where.VERDICT, reason=attempt.verdict.sentence)
    if attempt.state is State.REJECTED and attempt.verdict and _candidate_failed(attempt.verdict.sentence):
        return Evidence(where=Where.EXECUTION, status=TrialStatus.CRASHED, reason=attempt.verdict.sentence)
    return None


def _candidate_failed(sentence: str) -> bool:
    """Whether a verdict says that it failed in a pair, or in a second run."""
    return (
        re.search(r"\b(?:crashed|timed_out|out_of_memory|violated|output_too_large|invalid) in ", sentence) is not None
    )
