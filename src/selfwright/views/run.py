"""The state of a run: a fold of its journal. The loop lives on it, and so does everything that looks."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from selfwright.core import event as ev
from selfwright.core.budget import Budget, Use
from selfwright.core.change import Change
from selfwright.core.errors import JournalCorrupt
from selfwright.core.lifecycle import CONCLUDED, State, move
from selfwright.core.machine import Machine
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.core.verdict import Verdict
from selfwright.gate.pairs import Weighed
from selfwright.views.spent import Spent

Spot = tuple[str, str, str]
"""Where a measurement belongs within its attempt: (purpose, stage, case)."""


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One try at a trial; a repair is the next one.

    Attributes:
        proposed: What was proposed; for the seed (trial 0) a stand-in built from ``RunOpened``.
        state: Where it stands.
        reason: The reason given with the last move; of one that was repaired, why it had failed.
        measured: Everything measured so far.
        rivals: Versions that it was compared with by pairs, in order.
        weighed: The pairs among it by the first part of their purpose; see ``views.comparison``.
        resumed: How often its comparison was taken up again after it was parked.
        machines: Where; several where a run went on elsewhere.
        time_s: When it was proposed and when it last moved, seconds since the epoch.
    """

    proposed: ev.Proposed
    state: State | None = None
    reason: str = ""
    measured: dict[Spot, Outcome] = field(default_factory=dict)
    rivals: list[int] = field(default_factory=list)
    weighed: dict[str, Weighed] = field(default_factory=dict, repr=False)
    resumed: int = 0
    machines: list[Machine] = field(default_factory=list)
    verdict: Verdict | None = None
    version: int | None = None
    time_s: tuple[float, float] = (0.0, 0.0)

    @property
    def id(self) -> str:
        """``t12``, or ``t12.1`` for its first repair."""
        return f"t{self.proposed.trial}" + (f".{self.proposed.attempt}" if self.proposed.attempt else "")

    @property
    def words(self) -> str:
        """What became of it: the reason of its last move, else the verdict; and whether it had to be resumed."""
        said = self.reason or (self.verdict.sentence if self.verdict else "")
        return f"{said}; resumed" if self.resumed and self.state is not State.TRIED else said

    @property
    def ending(self) -> str:
        """The same, beginning with its state: ``rejected: crashed in full/b: ...``; or nothing."""
        state = "needs a person" if self.state is State.NEEDS_PERSON else self.state or ""
        return self.words if self.words.startswith(state) else f"{state}: {self.words}".removesuffix(": ")

    def outcomes(self, purpose: str, stage: str, cases: Iterable[str]) -> list[Outcome] | None:
        """Return the outcomes of these cases, in order, or None while one is missing."""
        found = [self.measured.get((purpose, stage, case)) for case in cases]
        return None if None in found else [outcome for outcome in found if outcome is not None]

    def change(self) -> Change:
        """Return the proposed change as the noun."""
        said = self.proposed
        return Change(
            id=said.change, tree=said.tree, parents=said.parents, proposer=said.proposer, reason=said.reason,
            cost=said.cost, origin=said.origin, retry_of=said.retry_of,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An adopted version.

    Attributes:
        trial: Its trial; a greater version may be of a smaller trial, whose comparison was resumed.
        verdicts: How many trials had their verdict then: who sees the state after so many sees this version.
        journal: ``seq:hash`` of the intent that announced it, as its commit says too; empty where none did.
    """

    version: int
    trial: int
    verdicts: int
    commit: str
    tree: str
    branch: str
    time_s: float
    journal: str


@dataclass(slots=True, kw_only=True)
class Control:
    """What commands have asked for, and how often the run was driven.

    Attributes:
        sittings: How many orchestrators have held the lease.
        stops: Stop requests for the present sitting; two, or one with ``now``, mean at once.
        wall_s: Wall time of all sittings, by the journal's times, so that a killed one counts too.
        last_s: Time of the last record, seconds since the epoch.
    """

    sittings: int = 0
    paused: bool = False
    stops: int = 0
    wall_s: float = 0.0
    running: bool = False
    ended: ev.SittingEnded | None = None
    started: ev.SittingStarted | None = None
    last_s: float = 0.0

    def apply(self, record: ev.Record) -> None:
        """Fold one control event."""
        match record.event:
            case ev.SittingStarted() as started:
                self.sittings, self.stops, self.paused = self.sittings + 1, 0, False
                self.running, self.started, self.ended, self.last_s = True, started, None, record.time_s
            case ev.SittingEnded() as ended:
                self.running, self.ended = False, ended
            case ev.PauseRequested():
                self.paused = True
            case ev.ResumeRequested():
                self.paused = False
            case ev.StopRequested(sitting=sitting, now=now) if sitting == self.sittings:
                self.stops += 2 if now else 1

    def tick(self, time_s: float) -> None:
        """Count the time up to a record that the present sitting wrote; what lies between two sittings is no work."""
        if self.running:
            self.wall_s += max(0.0, time_s - self.last_s)
            self.last_s = time_s


class RunState:
    """The fold. ``apply`` one record after the other; every illegal move raises.

    Attributes:
        opened: The first event.
        seed: The seed as an attempt of trial 0.
        trials: Number → its attempts, the last of which is the one that counts.
        versions: v0, v1, ... in order.
        verdicts: How many trials have had their verdict: trials 1..verdicts, without gaps.
        asked: The greatest trial number that was proposed.
        submissions: Commands that have not become trials yet, seq → command.
        compared: (trial, attempt, version of the incumbent) → number of the comparison by pairs, from 1, in the order
            in which they began.
        resumed: The trial whose parked comparison was taken up again, until it has its further verdict.
        again: Trials in the order in which they had such a further verdict.
        intent: The record of an adoption that was announced and neither done nor given up.
        exhausted: The trial number for which the proposer had nothing more to say in this sitting.
        spent: Pairs, CPU time, tokens and money.
    """

    def __init__(self) -> None:
        self.opened: ev.RunOpened | None = None
        self.seed: Attempt | None = None
        self.trials: dict[int, list[Attempt]] = {}
        self.versions: list[Version] = []
        self.verdicts = 0
        self.asked = 0
        self.submissions: dict[int, ev.Submitted] = {}
        self.compared: dict[tuple[int, int, int], int] = {}
        self.resumed: int | None = None
        self.again: list[int] = []
        self.intent: ev.Record | None = None
        self.exhausted: int | None = None
        self.control = Control()
        self.spent = Spent()
        self.seq = 0
        self.hash = ev.GENESIS

    @property
    def run(self) -> ev.RunOpened:
        """The first event, once it is there.

        Raises:
            JournalCorrupt: There is none.
        """
        if self.opened is None:
            raise JournalCorrupt("the journal has no RunOpened event; restore it from a copy of the run")
        return self.opened

    @property
    def budget(self) -> Budget:
        """The bounds of the run: those of its last sitting, else those that it was opened with."""
        return self.control.started.budget if self.control.started else self.run.budget

    @property
    def used(self) -> Use:
        """What is used of the budget, by what has finished."""
        spent = self.spent
        return Use(
            trials=self.asked, pairs=spent.pairs, wall_s=self.control.wall_s, cpu_s=spent.cpu_s, tokens=spent.tokens,
            usd=spent.usd,
        )  # fmt: skip

    @property
    def turn(self) -> int:
        """The trial whose verdict comes next: what was resumed, else the first that has none."""
        return self.verdicts + 1 if self.resumed is None else self.resumed

    @property
    def begun(self) -> int:
        """How many trials have begun and wait for a verdict, or for a further one."""
        return self.asked - self.verdicts + (self.resumed is not None)

    @property
    def incumbent(self) -> int:
        """N of the newest version vN."""
        return len(self.versions) - 1

    def last(self, trial: int) -> Attempt:
        """Return the attempt that counts; trial 0 is the seed."""
        if trial == 0 and self.seed is not None:
            return self.seed
        return self.trials[trial][-1]

    def named(self, name: str) -> Attempt:
        """Return the attempt of a settled name: ``v3``, or the last one of ``t12``."""
        kind, number = name[0], int(name[1:])
        return self.last(self.versions[number].trial if kind == "v" else number)

    def attempts(self) -> list[Attempt]:
        """Return all attempts of all trials, in trial order."""
        return [attempt for number in sorted(self.trials) for attempt in self.trials[number]]

    def looks(self) -> int:
        """Return how many candidates were measured on the holdout; each tells a search a little of it."""
        return sum(any(stage in self.run.holdout for _, stage, _ in each.measured) for each in self.attempts())

    def public_stages(self) -> list[str]:
        """Return the stages that may be shown, in order."""
        return [stage for stage in self.run.cases if stage not in self.run.holdout]

    def apply(self, record: ev.Record) -> None:
        """Fold one record.

        Raises:
            IllegalMove: The record is a step that the lifecycle table does not know.
            JournalCorrupt: It speaks of something that was never opened or proposed.
        """
        if not isinstance(record.event, (ev.SittingStarted, *ev.COMMANDS)):
            self.control.tick(record.time_s)
        try:
            self._fold(record)
        except KeyError as error:
            raise JournalCorrupt(f"event {record.seq} speaks of trial {error}, which was never proposed") from error
        self.seq, self.hash = record.seq, record.hash

    def _fold(self, record: ev.Record) -> None:
        match record.event:
            case ev.RunOpened() as opened:
                self._open(opened, record.time_s)
            case ev.Proposed() as proposed:
                self._propose(proposed, record.time_s)
            case ev.Measured() as measured:
                attempt = self._attempt(measured.trial, measured.attempt)
                attempt.measured[measured.purpose, measured.stage, measured.case] = measured.outcome
                if (here := self._machine()) and here not in attempt.machines:
                    attempt.machines.append(here)
                self.spent.measured(measured)
                if measured.purpose.startswith("pair"):
                    self._compare(attempt)
            case ev.Moved(trial=trial, attempt=attempt_no, to=to, reason=reason):
                attempt = self._step(trial, attempt_no, to, record.time_s)
                attempt.reason = attempt.reason if to is State.REPAIRED else reason
                self._give_up(trial)
            case ev.Judged(trial=trial, attempt=attempt_no, verdict=verdict):
                attempt = self._step(trial, attempt_no, State.JUDGED, record.time_s)
                attempt.verdict, attempt.reason = verdict, ""
            case ev.AdoptionIntended():
                self.intent = record
            case ev.Adopted() as adopted:
                self._adopt(adopted, record.time_s)
            case ev.Submitted() as submitted:
                self.submissions[record.seq] = submitted
            case ev.ProposerExhausted(trial=trial):
                self.exhausted = trial
            case _:
                if isinstance(record.event, ev.SittingStarted):
                    self.exhausted = None
                self.control.apply(record)

    def _open(self, opened: ev.RunOpened, time_s: float) -> None:
        from selfwright.core.change import Cost, Origin, change_id

        self.opened = opened
        stand_in = ev.Proposed(
            trial=0, attempt=0, change=change_id(opened.subject, opened.tree), tree=opened.tree, parents=(),
            proposer="seed", reason="the program as it was given", cost=Cost(), origin=Origin.STRUCTURE,
            source=opened.source,
        )  # fmt: skip
        self.seed = Attempt(proposed=stand_in, time_s=(time_s, time_s))

    def _propose(self, proposed: ev.Proposed, time_s: float) -> None:
        attempts = self.trials.setdefault(proposed.trial, [])
        if proposed.attempt != len(attempts):
            raise JournalCorrupt(
                f"trial {proposed.trial}: attempt {proposed.attempt} came after {len(attempts)} attempts"
            )
        attempts.append(Attempt(proposed=proposed, state=move(None, State.PROPOSED), time_s=(time_s, time_s)))
        self.asked = max(self.asked, proposed.trial)
        self.spent.proposed(proposed.cost)
        if proposed.submission is not None:
            self.submissions.pop(proposed.submission, None)

    def _attempt(self, trial: int, attempt: int) -> Attempt:
        if trial == 0:
            return self.last(0)
        try:
            return self.trials[trial][attempt]
        except IndexError as error:
            raise JournalCorrupt(f"trial {trial} has no attempt {attempt}") from error

    def _compare(self, attempt: Attempt) -> None:
        """Note with which version a pair compares: comparisons come one at a time, so it is the newest."""
        said = attempt.proposed
        self.compared.setdefault((said.trial, said.attempt, self.incumbent), len(self.compared) + 1)
        if self.incumbent not in attempt.rivals:
            attempt.rivals.append(self.incumbent)

    def _machine(self) -> Machine | None:
        return self.control.started.machine if self.control.started else self.run.machine

    def _step(self, trial: int, attempt_no: int, to: State, time_s: float) -> Attempt:
        attempt = self._attempt(trial, attempt_no)
        before, attempt.state = attempt.state, move(attempt.state, to)
        attempt.time_s = (attempt.time_s[0], time_s)
        if before is State.PARKED:
            self.resumed, attempt.resumed = trial, attempt.resumed + 1
        elif self.resumed == trial and to in CONCLUDED:
            self.resumed = None
            self.again.append(trial)
        while (following := self.trials.get(self.verdicts + 1)) and following[-1].state in CONCLUDED:
            self.verdicts += 1
        return attempt

    def _give_up(self, trial: int) -> None:
        """Close the intent to adopt a trial that went elsewhere."""
        if self.intent and isinstance(self.intent.event, ev.AdoptionIntended) and self.intent.event.trial == trial:
            self.intent = None

    def _adopt(self, adopted: ev.Adopted, time_s: float) -> None:
        intent, self.intent = self.intent, None
        attempt = self._attempt(adopted.trial, adopted.attempt)
        if adopted.trial:
            self._step(adopted.trial, adopted.attempt, State.ADOPTED, time_s)
        attempt.version = adopted.version
        self.versions.append(
            Version(version=adopted.version, trial=adopted.trial, verdicts=self.verdicts, commit=adopted.commit,
                    tree=adopted.tree, branch=adopted.branch, time_s=time_s,
                    journal=f"{intent.seq}:{intent.hash}" if intent else "")
        )  # fmt: skip


def fold(records: Iterable[ev.Record]) -> RunState:
    """Return the state after these records."""
    state = RunState()
    for record in records:
        state.apply(record)
    return state


def readings_of(outcomes: Iterable[Outcome]) -> list[Reading]:
    """Return the readings of several outcomes, in order."""
    return [reading for outcome in outcomes for reading in outcome.readings]


def first_failure(outcomes: Iterable[Outcome]) -> Outcome | None:
    """Return the first outcome, in case order, that is not ``ok``."""
    return next((outcome for outcome in outcomes if outcome.status is not TrialStatus.OK), None)


def public_readings(state: RunState, attempt: Attempt) -> list[Reading]:
    """Return the readings of the last public stage that this attempt finished with every case ``ok``."""
    for stage in reversed(state.public_stages()):
        outcomes = attempt.outcomes("search", stage, state.run.cases[stage])
        if outcomes and first_failure(outcomes) is None:
            return readings_of(outcomes)
    return []


def failure_of(state: RunState, attempt: Attempt) -> tuple[str, Outcome] | None:
    """Return where (``stage/case``) and how an attempt failed on the public stages, or None."""
    for stage in state.public_stages():
        for case in state.run.cases[stage]:
            outcome = attempt.measured.get(("search", stage, case))
            if outcome is not None and outcome.status is not TrialStatus.OK:
                return f"{stage}/{case}" if case else stage, outcome
    return None


def own_commits(state: RunState) -> list[str]:
    """Return the arguments of ``git log`` that name the commits of this run's versions and no others."""
    newest = state.versions[-1]
    if state.run.target == "run":
        return [newest.branch]
    return [newest.commit[:12], "--not", f"{state.versions[0].commit[:12]}^@"]  # all parents of v0


Aggregates = Mapping[str, float]
"""Metric → aggregate over the cases."""
