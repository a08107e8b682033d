"""Port: the adopter, which turns an adopted trial into a commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from selfwright.core.change import Change, Files
from selfwright.core.limits import DEFAULT, Limits
from selfwright.core.metric import Metric, Objective
from selfwright.core.noise import Noise
from selfwright.core.trial import Archive
from selfwright.core.verdict import PairedGain, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """Everything that a version's commit and certificate say; rendered from stored records only.

    Attributes:
        version: 0 for the seed, which has no verdict, certificate, ``before`` and ``parent`` (the commit before).
        before: Metric → aggregate of the incumbent, where noisy in the pairs that ``fresh`` sums up (else None).
        after: Metric → aggregate of the fresh block (where deterministic, what decided); ``cases``: by case.
        runs: How often it was measured in full; before it, ``compared`` candidates were judged.
        holdout: Whether a holdout was looked at and passed; None where the problem has none.
        journal: ``seq:hash`` of the adoption's intent; ``time_s`` (since the epoch) is from it too.
        evaluator: Hash of the problem; ``sandbox`` ran each call, within ``limits``; ``built`` is what the build step
            left; ``noise`` is the worst of the fresh block.
    """

    name: str
    description: str
    version: int
    parent: str | None
    change: Change
    files: Files
    verdict: Verdict | None
    metrics: tuple[Metric, ...]
    objective: Objective
    before: Mapping[str, float]
    after: Mapping[str, float]
    cases: Mapping[str, Mapping[str, float]]
    runs: int
    holdout: bool | None
    compared: int
    journal: str
    time_s: float
    evaluator: str
    sandbox: str
    limits: Limits = DEFAULT
    noise: Noise | None = None
    built: tuple[Archive, ...] = ()
    fresh: PairedGain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An adopted state: a commit; ``tree`` is the id of its whole tree."""

    version: int
    commit: str
    tree: str
    branch: str


class Adopter(Protocol):
    """Makes the commit of a version and moves the branch; then refreshes ``best/`` and ``versions/``.

    Idempotent, so that an intent is reconciled after ``kill -9``: again is the same commit, and nothing else.
    """

    def adopt(self, adoption: Adoption) -> Revision:
        """Commit.

        Raises:
            BadInput: These files can never be a version; nothing was changed.
            RepoError, Unavailable: Git failed, the branch is elsewhere, the disk is full; tried again after the mend.
        """

    def journal_of(self, commit: str) -> str | None:
        """Return the ``Adoption.journal`` that a commit carries, if any; ``RepoError`` where there is no commit."""
