"""What a proposer may know: the problem in brief, what was tried, and why its last attempt failed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from selfwright.core.change import Cost, Origin
from selfwright.core.metric import Metric, Objective
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What a proposer may know of the problem.

    Attributes:
        modules: Top-level packages that a candidate may import beyond the standard library.
        beside: Locked files that may be read: path → content. Never of the judge; none where there is a holdout, whose
            cases they might be.
    """

    name: str
    description: str
    editable: tuple[str, ...]
    metrics: tuple[Metric, ...]
    objective: Objective
    modules: tuple[str, ...] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One finished trial, as a proposer sees it.

    Attributes:
        trial: ``t12``: a name that ``Proposal.parent`` and ``Ask.program`` take.
        status: How it ended; None where it never ran (refused, or its proposal did not validate).
        decision: The gate's word, if it came so far.
        version: N where it was adopted as vN.
        metrics: Aggregates over the cases of the last stage that it finished; empty unless ``ok``. Never of a holdout.
        detail: Why it failed or what the gate said; with the judge's feedback.
        alike: The first trial (``v0``: the seed) that answered and measured the same in every case, where no metric is
            noisy; empty where there was none.
        gain: By how much it beat the incumbent that it replaced, as a fraction of its value (an amount, where zero can
            be crossed); 0 where it was not adopted.
        cost: What its proposals cost.
        measured: How many items were measured for it, pairs and repairs included.
        policy: The parent policy whose suggestion it started from; empty where its proposer chose for itself.
    """

    trial: str
    parents: tuple[str, ...]
    proposer: str
    reason: str
    origin: Origin
    status: TrialStatus | None
    decision: Decision | None
    version: int | None
    metrics: Mapping[str, float]
    detail: str
    alike: str = ""
    gain: float = 0.0
    cost: Cost = field(default_factory=Cost)
    measured: int = 0
    policy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """Code that a program on the way had, and that is not there any more.

    Attributes:
        name: The program that took it out: ``v3`` or ``t12``.
        path: The file that it stood in.
        lines: Without the blank ones, indented as they were.
    """

    name: str
    path: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A way in which proposals failed.

    Attributes:
        trial: The last that failed so.
        times: How many did, of the newest.
        words: What it was.
    """

    trial: str
    times: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a prompt should remind of, capped: what was deleted, and what failed, the newest first."""

    deletions: tuple[Deletion, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def __str__(self) -> str:
        """Return it as a prompt has it; nothing where there is nothing."""
        parts = []
        if self.deletions:
            parts.append("Deleted on the way to this program; do not add it again without a new reason:")
            for each in self.deletions:
                parts += [f"- {each.name}, {each.path}:", *(f"    {line}" for line in each.lines)]
        if self.mistakes:
            parts.append("Failed before:")
            for mistake in self.mistakes:
                times = f", {mistake.times} times" if mistake.times > 1 else ""
                parts.append(f"- {mistake.words} ({mistake.trial}{times})")
        return "\n".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong with the last attempt.

    Attributes:
        where: ``validation`` (it does not apply, parse or import what is allowed) or ``execution``.
        status: For execution, how it ended.
        reason: In words, as a person would be told.
        log: What the candidate wrote.
    """

    where: str
    status: TrialStatus | None
    reason: str
    log: str = ""
