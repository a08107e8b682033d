"""The certificate of a version: everything that was measured of it, as one frozen record and as JSON."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from selfwright.core.adoption import Adoption, Sample
from selfwright.core.change import Cost, tree_of
from selfwright.core.limits import DEFAULT, Limits
from selfwright.core.machine import Machine
from selfwright.core.metric import Metric, Objective
from selfwright.core.noise import Noise
from selfwright.core.plain import from_plain, to_plain
from selfwright.core.trial import Archive
from selfwright.core.verdict import PairedGain, Verdict

VERSION = 2
"""Of the format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was measured, on what, by what, and what it gave.

    It names no commit, because the commit names it, by its hash; it is a function of the journal and of nothing else.

    Attributes:
        sandbox: The adapter that every call ran in.
        judged: Who says what the metrics are: ``outside``, or which of them are ``self-reported``.
        limits: Of each call, with the profile and what was allowed on purpose.
        noise: How noisy the machine was during the fresh measurement, at worst.
        built: What the build step left, by hash: blobs of the run.
        parent: The commit before.
        files: Path → sha256 of the program that was measured.
        before: Metric → aggregate of the version before; for a noisy objective, in the pairs of the fresh block.
        after: Metric → aggregate of the fresh measurement.
        fresh: For a noisy objective, what was gained by these pairs, with its interval; else None.
        cases: Case → metric → value of the fresh measurement; never of a holdout.
        samples: All that was measured of it, and of the version before beside it, as it came; never of a holdout.
        runs: How often it was measured in full.
        compared: How many candidates were judged before it.
        holdout: ``passed``, or None where the problem has none; its numbers are shown to nobody.
        look: Which look of the run at the holdout that was, from 1; 0 where there was none.
        journal: ``seq:hash`` of the adoption's announcement, which fixes everything before it.
        time: ISO 8601.
        evaluator: Hash of the problem.
        evaluator_files: Path → sha256 of what it is the hash of; the program as it was in the seed.
        seed: Of the run: every draw follows from it.
        machines: Where it was measured.
        proposer: As it called itself.
        reason: As it was given; not verified by anybody.
    """

    format: int
    problem: str
    evaluator: str
    sandbox: str
    version: int
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
    judged: str = "outside"
    limits: Limits = DEFAULT
    noise: Noise | None = None
    built: tuple[Archive, ...] = ()
    parent: str | None = None
    look: int = 0
    fresh: PairedGain | None = None
    evaluator_files: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    machines: tuple[Machine, ...] = ()
    samples: tuple[Sample, ...] = ()

    @classmethod
    def of(cls, adoption: Adoption, *, tree: str, branch: str) -> "Certificate":
        """Return the certificate of an adoption.

        Args:
            tree: Id of the whole tree of its commit.
            branch: Where the commit goes.
        """
        return cls(
            format=VERSION,
            problem=adoption.name,
            evaluator=adoption.evaluator,
            evaluator_files=adoption.evaluator_files,
            sandbox=adoption.sandbox,
            noise=adoption.noise,
            judged=adoption.judged,
            limits=adoption.limits,
            built=adoption.built,
            version=adoption.version,
            parent=adoption.parent,
            tree=tree,
            branch=branch,
            change=adoption.change.id,
            parents=adoption.change.parents,
            files=tree_of(adoption.files),
            metrics=adoption.metrics,
            objective=adoption.objective,
            before=adoption.before,
            after=adoption.after,
            cases=adoption.cases,
            fresh=adoption.fresh,
            samples=adoption.samples,
            runs=adoption.runs,
            compared=adoption.compared,
            verdict=adoption.verdict,
            holdout="passed" if adoption.holdout else None,
            look=adoption.look,
            journal=adoption.journal,
            time=timestamp(adoption.time_s),
            seed=adoption.seed,
            machines=adoption.machines,
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
        """Return it as JSON, a field a line; always the same bytes."""
        fields = to_plain(self)
        assert isinstance(fields, dict)  # of a dataclass
        lines = (f" {json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in fields.items())
        return ("{\n" + ",\n".join(lines) + "\n}\n").encode()

    @property
    def sha256(self) -> str:
        """The hash of its bytes, which its commit carries."""
        return hashlib.sha256(self.to_json()).hexdigest()


def timestamp(time_s: float) -> str:
    """Return ISO 8601 in UTC, with milliseconds and ``Z``."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
