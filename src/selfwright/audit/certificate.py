"""The certificate of a version: everything that was measured of it, as one frozen record and as JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from selfwright.audit.message import timestamp
from selfwright.core.change import Cost, tree_of
from selfwright.core.limits import DEFAULT, Limits
from selfwright.core.metric import Metric, Objective
from selfwright.core.noise import Noise
from selfwright.core.plain import from_plain, to_plain
from selfwright.core.trial import Archive
from selfwright.core.verdict import PairedGain, Verdict
from selfwright.ports.adopter import Adoption, Revision

VERSION = 1
"""Of the format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was measured, on what, by what, and what it gave.

    Attributes:
        sandbox: The adapter that every call ran in.
        limits: Of each call, with the profile and what was allowed on purpose.
        noise: How noisy the machine was during the fresh measurement, at worst.
        built: What the build step left, by hash: blobs of the run.
        files: Path → sha256 of the program that was measured.
        before: Metric → aggregate of the version before; for a noisy objective, in the pairs of the fresh block.
        after: Metric → aggregate of the fresh measurement.
        fresh: For a noisy objective, what was gained by these pairs, with its interval; else None.
        cases: Case → metric → value of the fresh measurement; never of a holdout.
        runs: How often it was measured in full.
        compared: How many candidates were judged before it.
        holdout: ``passed``, or None where the problem has none; its numbers are shown to nobody.
        journal: ``seq:hash`` of the adoption's announcement, which fixes everything before it, seeds included.
        time: ISO 8601.
        evaluator: Hash of the problem.
        proposer: As it called itself.
        reason: As it was given; not verified by anybody.
    """

    format: int
    problem: str
    evaluator: str
    sandbox: str
    limits: Limits = DEFAULT
    noise: Noise | None = None
    built: tuple[Archive, ...] = ()
    version: int
    commit: str
    tree: str
    branch: str
    change: str
    parents: tuple[str, ...]
    files: Mapping[str, str]
    metrics: tuple[Metric, ...]
    objective: Objective
    before: Mapping[str, float]
    after: Mapping[str, float]
    cases: Mapping[str, Mapping[str, float]]
    runs: int
    compared: int
    verdict: Verdict | None
    holdout: str | None
    journal: str
    time: str
    proposer: str
    reason: str
    cost: Cost
    fresh: PairedGain | None = None

    @classmethod
    def of(cls, adoption: Adoption, revision: Revision) -> "Certificate":
        """Return the certificate of an adoption that became ``revision``."""
        return cls(
            format=VERSION,
            problem=adoption.name,
            evaluator=adoption.evaluator,
            sandbox=adoption.sandbox,
            noise=adoption.noise,
            limits=adoption.limits,
            built=adoption.built,
            version=adoption.version,
            commit=revision.commit,
            tree=revision.tree,
            branch=revision.branch,
            change=adoption.change.id,
            parents=adoption.change.parents,
            files=tree_of(adoption.files),
            metrics=adoption.metrics,
            objective=adoption.objective,
            before=adoption.before,
            after=adoption.after,
            cases=adoption.cases,
            fresh=adoption.fresh,
            runs=adoption.runs,
            compared=adoption.compared,
            verdict=adoption.verdict,
            holdout="passed" if adoption.holdout else None,
            journal=adoption.journal,
            time=timestamp(adoption.time_s),
            proposer=adoption.change.proposer,
            reason=adoption.change.reason,
            cost=adoption.change.cost,
        )

    @classmethod
    def read(cls, stored: bytes) -> "Certificate":
        """Return what ``to_json`` wrote.

        Raises:
            ValueError: It is something else; the message names the field.
        """
        return from_plain(cls, json.loads(stored))

    def to_json(self) -> bytes:
        """Return it as indented JSON."""
        return json.dumps(to_plain(self), indent=2, allow_nan=False).encode() + b"\n"
