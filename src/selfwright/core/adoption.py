"""An adoption: everything that a version's commit and certificate say, and the revision that it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass

from selfwright.core.change import Change, Files
from selfwright.core.limits import DEFAULT, Limits
from selfwright.core.machine import Machine
from selfwright.core.metric import Metric, Objective
from selfwright.core.noise import Noise
from selfwright.core.trial import Archive, Reading
from selfwright.core.verdict import PairedGain, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One item that was measured, as it was measured; never of a holdout.

    Attributes:
        side: ``candidate`` or ``incumbent``.
        purpose: ``search``, ``proof``, ``fresh``; for a pair ``pair:<k>`` or ``freshpair:<k>``.
        seed: The draw that the judge saw.
        readings: What it measured; empty where it failed.
    """

    side: str
    purpose: str
    stage: str
    case: str
    seed: int
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """Everything that a version's commit and certificate say; rendered from stored records only.

    Attributes:
        version: 0 for the seed, which has no verdict, certificate, ``before`` and ``parent`` (the commit before).
        before: Metric → aggregate of the incumbent, where noisy in the pairs that ``fresh`` sums up (else None).
        after: Metric → aggregate of the fresh block (where deterministic, what decided); ``cases``: by case.
        runs: How often it was measured in full; before it, ``compared`` candidates were judged.
        holdout: Whether a holdout was looked at and passed; None where the problem has none.
        look: Which look at the holdout of this run it was, from 1; 0 where there was none.
        journal: ``seq:hash`` of the adoption's intent; ``time_s`` (since the epoch) is from it too.
        evaluator: Hash of the problem, and ``evaluator_files``, path → sha256, what it is the hash of; ``sandbox`` ran
            each call, within ``limits``; ``built`` is what the build step left; ``noise`` is the worst of the fresh
            block.
        judged: Who says what the metrics are: ``outside``, or which of them are ``self-reported``.
        seed: Of the run: every draw follows from it.
        samples: Everything measured of it and beside it.
        machines: Where.
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
    evaluator_files: Mapping[str, str]
    sandbox: str
    seed: int
    look: int = 0
    judged: str = "outside"
    limits: Limits = DEFAULT
    noise: Noise | None = None
    built: tuple[Archive, ...] = ()
    fresh: PairedGain | None = None
    samples: tuple[Sample, ...] = ()
    machines: tuple[Machine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """An adopted state: a commit; ``tree`` is the id of its whole tree."""

    version: int
    commit: str
    tree: str
    branch: str
