"""The loop that improves a program.

Proposals and measurements finish in any order; verdicts come in trial order, and proposal n sees exactly the state
after verdict n - lag. When nothing more is proposed, parked comparisons are resumed, one after the other. Everything it
knows is a fold of the journal, so killing it costs only what was in flight.
"""

from selfwright.bench.problem import Problem
from selfwright.core import event as ev
from selfwright.core.brief import Failure
from selfwright.core.errors import JudgeFault
from selfwright.core.lifecycle import State
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision, Verdict
from selfwright.evolve.adopting import Adopting
from selfwright.evolve.archive import Archive
from selfwright.evolve.elsewhere import check_elsewhere
from selfwright.evolve.intake import Intake
from selfwright.evolve.judging import judge
from selfwright.evolve.ledger import Ledger, deciding_pair
from selfwright.evolve.library import Library
from selfwright.evolve.measuring import Measuring, Need, unmeasured
from selfwright.evolve.parked import most_promising
from selfwright.evolve.proposing import Proposing
from selfwright.evolve.sitting import Sitting
from selfwright.evolve.story import Story
from selfwright.views.comparison import comparison
from selfwright.views.run import Attempt, failure_of

REPAIRS = 5
"""How often a proposer is told of a validation failure, and how often of an execution failure, in one trial."""

JUDGE_FAULTS = 5
"""So many trials in a row that the judge could not judge end the sitting: then it is the judge."""


class Evolution:
    """One sitting of a run: from taking the lease to giving it back.

    Args:
        problem: What is improved, as it was when the run opened.
        story: Journal and state.
        measuring: The evaluation pool.
        proposing: The proposal pool.
        intake: Turns proposals into trials.
        adopting: Turns adopted trials into versions.
        sitting: What may still be begun, and when to end.
        ledger: What is reserved and used of the budgets.
        library: The programs.
    """

    def __init__(
        self, *, problem: Problem, story: Story, archive: Archive, measuring: Measuring, proposing: Proposing,
        intake: Intake, adopting: Adopting, sitting: Sitting, ledger: Ledger, library: Library,
    ) -> None:  # fmt: skip
        self._problem = problem
        self._story = story
        self._state = story.state
        self._archive = archive
        self._measuring = measuring
        self._proposing = proposing
        self._intake = intake
        self._adopting = adopting
        self._sitting = sitting
        self._ledger = ledger
        self._library = library

    def run(self) -> ev.SittingEnded:
        """Improve until the proposer is exhausted, a budget is used or somebody stops it; return why it ended."""
        self._adopting.reconcile()
        check_elsewhere(self._state, self._measuring, stopping=lambda: self._sitting.at_once(self._state))
        self._archive.catch_up()
        while not self._sitting.at_once(self._state):
            before = self._state.seq
            self._ledger.retry()
            self._intake.ask()
            self._advance()
            if self._sitting.measures_no_more(self._state) or self._ledger.measured_out():
                self._measuring.withdraw()
            if self._sitting.over(self._state, busy=bool(len(self._proposing) or len(self._measuring))):
                break
            self._wait(block=self._state.seq == before)  # a verdict lets the next proposal be asked for
            self._story.catch_up()
        self._measuring.cancel()
        promising = most_promising(self._state, self._problem) is not None
        return self._sitting.end(self._state, promising=promising)

    def _wait(self, *, block: bool) -> None:
        """Take in what has finished; wait for it only where nothing else can be done."""
        asking, measuring = len(self._proposing), len(self._measuring)
        heard = asking > 0 and self._intake.take(0.2 if block and not measuring else 0.0)
        if measuring or self._state.control.paused:
            self._story.tell(*self._measuring.finished(0.0 if heard or not block else 0.02 if asking else 0.2))

    def _advance(self) -> None:
        """Take every open trial as far as the facts allow, in trial order; what was resumed comes first."""
        resumed = [] if self._state.resumed is None else [self._state.resumed]
        for trial in (*resumed, *range(self._state.verdicts + 1, self._state.asked + 1)):
            while trial in self._state.trials and self._step(self._state.last(trial)):
                pass
        self._archive.catch_up()
        if self._sitting.drained(self._state, asking=len(self._proposing) > 0):
            self._resume()

    def _resume(self) -> None:
        """Take up the parked comparison that promises most, where one promises anything and pairs are left."""
        attempt = most_promising(self._state, self._problem)
        if attempt is not None and self._ledger.measures(deciding_pair(self._state)):
            self._move(
                attempt, State.TRIED, f"resumed: {comparison(self._state, attempt)}, beside v{self._state.incumbent}"
            )

    def _step(self, attempt: Attempt) -> bool:
        """Take one step; return whether there was one to take."""
        match attempt.state:
            case State.PROPOSED:
                return self._intake.check(attempt)
            case State.CHECKED:
                return self._try(attempt)
            case State.TRIED:
                return self._judge(attempt)
            case State.FAILED:
                return self._repair(attempt)
            case State.JUDGED:
                return self._conclude(attempt)
            case _:
                return False

    def _try(self, attempt: Attempt) -> bool:
        need = unmeasured(self._state, attempt)
        if need is not None:
            return self._want(attempt, need)
        return self._move(attempt, State.TRIED)

    def _judge(self, attempt: Attempt) -> bool:
        failed = failure_of(self._state, attempt)
        if failed is not None and self._repairable(attempt, failed[1].status):
            return self._move(attempt, State.FAILED, f"{failed[1].status.value} in {failed[0]}: {failed[1].reason}")
        said = attempt.proposed
        if said.trial != self._state.turn:
            return False  # not its turn
        answer = judge(self._state, self._problem, attempt, load=self._library.load)
        if isinstance(answer, Need):
            return self._want(attempt, answer)
        judged = ev.Judged(trial=said.trial, attempt=said.attempt, verdict=answer)
        self._story.tell(judged, *self._ending(attempt, answer))
        return True

    def _repairable(self, attempt: Attempt, status: TrialStatus) -> bool:
        """Whether the trial fails (and waits for a repair or a person) rather than being judged."""
        return status is TrialStatus.UNJUDGED or self._can_repair(attempt)

    def _can_repair(self, attempt: Attempt) -> bool:
        said = attempt.proposed
        return said.submission is None and self._proposing.can_repair(said.proposer)

    def _repair(self, attempt: Attempt) -> bool:
        failure = self._failure(attempt)
        alike = sum(
            1 for each in self._state.trials[attempt.proposed.trial] if self._failure(each).where == failure.where
        )
        if failure.status is TrialStatus.UNJUDGED or not self._can_repair(attempt):
            self._move(attempt, State.NEEDS_PERSON, attempt.reason)
            self._watch_the_judge()
            return True
        if alike > REPAIRS:
            return self._move(attempt, State.NEEDS_PERSON, f"{attempt.reason} (and {REPAIRS} repairs did not mend it)")
        self._intake.ask_again(attempt, failure)
        return False

    def _failure(self, attempt: Attempt) -> Failure:
        failed = failure_of(self._state, attempt)
        if failed is None:
            return Failure(where="validation", status=None, reason=attempt.reason)
        return Failure(where="execution", status=failed[1].status, reason=attempt.reason, log=failed[1].log)

    def _watch_the_judge(self) -> None:
        """Raise where the judge failed on the last few trials in a row: then it is not the candidates."""
        recent = [self._state.last(number) for number in sorted(self._state.trials)[-JUDGE_FAULTS:]]
        failures = [failure_of(self._state, attempt) for attempt in recent]
        if len(recent) == JUDGE_FAULTS and all(f and f[1].status is TrialStatus.UNJUDGED for f in failures):
            raise JudgeFault(
                f"the judge failed on {JUDGE_FAULTS} trials in a row, lastly: {recent[-1].reason}. "
                "Mend it and open a new run: a changed judge is another problem"
            )

    def _conclude(self, attempt: Attempt) -> bool:
        assert attempt.verdict is not None  # the state is JUDGED
        if attempt.verdict.decision is Decision.ADOPT:
            self._adopting.adopt(attempt)
        else:  # its end was not told with the verdict: an earlier version of Selfwright was killed in between
            self._story.tell(*self._ending(attempt, attempt.verdict))
        return True

    def _ending(self, attempt: Attempt, verdict: Verdict) -> list[ev.Moved]:
        """Return the step that follows from a verdict, with which nothing else has to be done."""
        if verdict.decision is Decision.ADOPT:
            return []
        to = State.REJECTED if verdict.decision is Decision.REJECT else State.PARKED
        said = attempt.proposed
        return [ev.Moved(trial=said.trial, attempt=said.attempt, to=to, reason=verdict.sentence)]

    def _move(self, attempt: Attempt, to: State, reason: str = "") -> bool:
        said = attempt.proposed
        self._story.tell(ev.Moved(trial=said.trial, attempt=said.attempt, to=to, reason=reason))
        return True

    def _want(self, attempt: Attempt, need: Need) -> bool:
        if not self._sitting.measures_no_more(self._state):
            self._measuring.want(attempt, need)
        return False
