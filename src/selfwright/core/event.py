"""Events: every arrow of the architecture, as data. State is a fold of them.

An event is one frozen dataclass below; ``encode`` gives the bytes that are stored and hashed, ``decode`` the same event
back. Adding a field with a default keeps old journals readable; anything else raises ``VERSION``.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from selfwright.core.budget import Budget
from selfwright.core.change import Cost, Origin
from selfwright.core.errors import JournalCorrupt
from selfwright.core.lifecycle import State
from selfwright.core.limits import DEFAULT, Limits
from selfwright.core.machine import Machine
from selfwright.core.metric import Metric, Objective
from selfwright.core.milestone import Phase, Success, Tier
from selfwright.core.plain import Plain, from_plain, to_plain
from selfwright.core.trial import Outcome
from selfwright.core.verdict import Verdict

VERSION = 1
"""Version of the journal's format; a journal with a greater one is refused."""

GENESIS = "0" * 64
"""The hash "before" the first event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events; its subclasses are listed in ``KINDS``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOpened(Event):
    """The first event of a run: everything that is fixed for its whole life.

    Attributes:
        subject: ``problem:<name>``.
        problem: The problem's folder as it was given, for people.
        problem_hash: Hash of every file of it that counts.
        problem_files: These files, path → sha256, so that a changed one can be named.
        metrics: In the order of the problem file.
        cases: Stage → case ids (one empty id for an ``evaluate`` judge), in order.
        holdout: Names of the stages that are never shown to a proposer.
        lag: Proposal n sees exactly the state after verdict n - lag.
        proposers: Their specifications, in order.
        tree: The seed's editable tree, path → sha256.
        target: Where commits go: ``run`` for the run's own repository, else the path of the surrounding one.
        description: What the problem is, for people and pages.
        limits: Of each call, with the profile and what was allowed on purpose.
        tiers: The problem's milestones, so that a copied run can be looked at without its problem.
        budget: Bounds that hold until a sitting has others.
        max_pairs: Pairs after which a noisy comparison is parked.
        judged: Who says what the metrics are: ``outside``, or which of them are ``self-reported``.
        machine: Where the seed was measured.
        select: The parent policy: ``adaptive``, or one alone.
        source: What the seed's sources say, as in ``Proposed``.
        features: Metric → edges between its bins: the grid of MAP-Elites; empty where no feature is declared.
    """

    version: int
    subject: str
    problem: str
    problem_hash: str
    metrics: tuple[Metric, ...]
    objective: Objective
    cases: Mapping[str, tuple[str, ...]]
    holdout: tuple[str, ...]
    seed: int
    lag: int
    proposers: tuple[str, ...]
    sandbox: str
    tree: Mapping[str, str]
    target: str = "run"
    description: str = ""
    limits: Limits = DEFAULT
    tiers: tuple[Tier, ...] = ()
    phases: tuple[Phase, ...] = ()
    success: tuple[Success, ...] = ()
    budget: Budget = field(default_factory=Budget)
    problem_files: Mapping[str, str] = field(default_factory=dict)
    max_pairs: int = 200
    judged: str = "outside"
    machine: Machine | None = None
    select: str = "adaptive"
    features: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingStarted(Event):
    """An orchestrator took the lease, and measures on ``machine``. A control event."""

    budget: Budget
    workers: int
    host: str
    pid: int
    proposers: tuple[str, ...]
    machine: Machine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SittingEnded(Event):
    """An orchestrator gave the lease back. A control event.

    Attributes:
        why: ``exhausted``, ``budget``, ``stopped``, ``interrupted`` or ``failed``.
        wall_s: How long the sitting took.
        bound: For ``budget``, which kind of bound it was; see ``core.budget.KINDS``.
    """

    why: str
    reason: str
    wall_s: float
    bound: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed(Event):
    """A proposer's change entered the run as trial ``trial``.

    Attributes:
        change: Its id; empty where the proposal did not validate, hence has no resulting tree.
        tree: The resulting editable tree; where the proposal did not validate, the files that it named.
        patch: sha256 of the diff of a proposal that did not validate, else empty.
        submission: Seq of the ``Submitted`` command that it came from, if any.
        source: A hash of what the sources say, layout and local names apart; empty where they did not validate.
        policy: The parent policy whose suggestion it started from; empty where its proposer chose for itself.
        transcript: sha256 of what an agent said while it made the change, else empty.
    """

    trial: int
    attempt: int
    change: str
    tree: Mapping[str, str]
    parents: tuple[str, ...]
    proposer: str
    reason: str
    cost: Cost
    origin: Origin
    retry_of: str | None = None
    submission: int | None = None
    patch: str = ""
    policy: str = ""
    source: str = ""
    transcript: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(Event):
    """A step of the lifecycle that carries nothing but its reason."""

    trial: int
    attempt: int
    to: State
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Event):
    """One item was measured.

    Attributes:
        purpose: ``search``; ``pair:<k>:candidate`` and ``pair:<k>:incumbent``, beside a second incumbent ``pair2:...``;
            ``freshpair:...``, on the holdout ``holdpair:...``; ``holdout``; ``fresh``; ``proof`` (the second run that
            proves a metric deterministic); ``coverage`` (which lines run: advice).
    """

    trial: int
    attempt: int
    purpose: str
    stage: str
    case: str
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged(Event):
    """The gate's word on a trial."""

    trial: int
    attempt: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionIntended(Event):
    """About to become a commit. Durable before the effect; reconciled on start.

    Attributes:
        time_s: Seconds since the epoch, written into the commit, so that doing it again gives the same commit.
    """

    trial: int
    attempt: int
    version: int
    time_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted(Event):
    """A trial became version ``version``: a commit whose editable tree is the measured one."""

    trial: int
    attempt: int
    version: int
    commit: str
    tree: str
    branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposerExhausted(Event):
    """A proposer has nothing more to say. A control event."""

    trial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Event):
    """A command: a person's or an agent's change enters the run; ``cost`` is what it says that it cost to make."""

    files: Mapping[str, str | None]
    patch: str = ""
    parent: str = "best"
    reason: str = ""
    proposer: str = "person"
    cost: Cost = field(default_factory=Cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRequested(Event):
    """A command: begin nothing new until resumed."""

    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRequested(Event):
    """A command: go on after a pause."""

    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested(Event):
    """A command: end after the current trials, or at once.

    Attributes:
        sitting: How many sittings had started when it was given; a later sitting does not obey it.
    """

    sitting: int
    now: bool = False
    by: str = ""


COMMANDS: tuple[type[Event], ...] = (Submitted, PauseRequested, ResumeRequested, StopRequested)
"""Events that others than the holder of the lease may append."""

CONTROL: tuple[type[Event], ...] = (*COMMANDS, SittingStarted, SittingEnded, ProposerExhausted)
"""Events that ``canonical(journal)`` leaves out."""

KINDS: dict[str, type[Event]] = {cls.__name__: cls for cls in (
    RunOpened, Proposed, Moved, Measured, Judged, AdoptionIntended, Adopted, *CONTROL,
)}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event as it lies in the journal.

    Attributes:
        seq: 1 for the first event of the stream, without gaps.
        time_s: Seconds since the epoch when it was appended.
        hash: ``chain(hash before, stored bytes)``, hex.
    """

    seq: int
    time_s: float
    event: Event
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """The end of a stream: the last seq (0 when empty) and its hash."""

    seq: int = 0
    hash: str = field(default=GENESIS)


_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def encode(event: Event) -> bytes:
    """Return the bytes of an event as they are stored and hashed: JSON, no NaN; mappings keep their order."""
    data = {"kind": type(event).__name__, "data": to_plain(event)}
    return _JSON.encode(data).encode()


def decode(stored: bytes) -> Event:
    """Return the event that ``encode`` gave these bytes for.

    Raises:
        JournalCorrupt: The bytes are not an event of a kind that this version knows.
    """
    try:
        data: dict[str, Plain] = json.loads(stored)
        return from_plain(KINDS[str(data["kind"])], data["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise JournalCorrupt(f"not an event of format {VERSION}: {error}; restore the journal from a copy") from error


def chain(before: str, stored: bytes) -> str:
    """Return the hash of an event: sha256 over the hash before it and the stored bytes."""
    return hashlib.sha256(before.encode() + stored).hexdigest()


def chained(events: Sequence[Event], stored: Sequence[bytes], tip: Tip, *, time_s: float) -> list[Record]:
    """Return the records that events become after the end of a stream.

    Args:
        stored: Their bytes.
    """
    records, last = [], tip.hash
    for seq, (event, content) in enumerate(zip(events, stored, strict=True), start=tip.seq + 1):
        last = chain(last, content)
        records.append(Record(seq=seq, time_s=time_s, event=event, hash=last))
    return records
