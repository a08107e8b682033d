"""The intake: asks for proposals when their past is settled, checks what comes back and enters it as a trial."""

from selfwright.core import event as ev
from selfwright.core.brief import Brief, Failure
from selfwright.core.change import Origin, Proposal, change_id
from selfwright.core.lifecycle import State
from selfwright.diagnose import advised
from selfwright.evolve.admission import Admitted, Refusal, Rules, admit
from selfwright.evolve.archive import Archive
from selfwright.evolve.asking import Asking
from selfwright.evolve.identity import source_id
from selfwright.evolve.ledger import Ledger
from selfwright.evolve.library import Library
from selfwright.evolve.proposing import Answer, Proposing
from selfwright.evolve.sitting import Sitting
from selfwright.evolve.story import Story
from selfwright.proposers.label import label
from selfwright.views.behaviour import judged_blind
from selfwright.views.run import Attempt


class Intake:
    """Turns proposals into trials.

    Args:
        archive: What proposals may see.
        rules: What a change may touch and import.
        brief: What a proposer may know of the problem.
    """

    def __init__(
        self, *, story: Story, archive: Archive, library: Library, proposing: Proposing, sitting: Sitting,
        ledger: Ledger, rules: Rules, brief: Brief,
    ) -> None:  # fmt: skip
        self._story = story
        self._state = story.state
        self._archive = archive
        self._library = library
        self._proposing = proposing
        self._sitting = sitting
        self._ledger = ledger
        self._rules = rules
        self._brief = brief

    def ask(self) -> None:
        """Keep the proposal pool full: ask for every trial whose past is settled, submissions first."""
        state, asking = self._state, self._proposing.trials()
        if state.resumed is not None:
            return  # its verdict may be an adoption, which the next proposal is to see
        for trial in range(state.verdicts + 1, state.verdicts + state.run.lag + 1):
            if trial in state.trials or trial in asking:
                continue
            if self._sitting.stopping(state) or state.control.paused:
                return
            if state.submissions:
                if any(each not in state.trials for each in asking):
                    return  # should there be no answer, a number would be missing, and no verdict would follow
                # A person means the best that there is now; the lag is for proposers.
                self._submitted(self._asking(trial, attempt=0, verdicts=state.verdicts))
            elif self._sitting.may_begin(state, asked=trial - 1) and self._ledger.ask(f"t{trial}.0"):
                self._proposing.ask(self._asking(trial, attempt=0))

    def ask_again(self, attempt: Attempt, failure: Failure) -> None:
        """Tell the proposer what went wrong, unless it thinks about it already or no budget is left for it."""
        said = attempt.proposed
        if said.trial in self._proposing.trials() or self._sitting.stopping(self._state):
            return
        if self._ledger.ask(f"t{said.trial}.{said.attempt + 1}"):
            ask = self._asking(said.trial, said.attempt + 1)
            self._proposing.repair(ask, self._library.proposal(said), advised(failure))

    def check(self, attempt: Attempt) -> bool:
        """Let a program be tried unless an earlier trial has the same; return whether that can be said already.

        It is said when every earlier proposal is there, so that of two equal ones it is always the earlier that is
        tried, whichever came first.
        """
        said = attempt.proposed
        if any(earlier not in self._state.trials for earlier in range(self._state.verdicts + 1, said.trial)):
            return False
        twin = self._twin(said)
        to, reason = (State.REFUSED, f"the same program as {twin}") if twin else (State.CHECKED, "")
        self._story.tell(ev.Moved(trial=said.trial, attempt=said.attempt, to=to, reason=reason))
        return True

    def take(self, timeout_s: float) -> bool:
        """Enter what a proposer has answered, waiting up to ``timeout_s``; return whether there was any."""
        answer = self._proposing.answer(timeout_s)
        if answer is None:
            return False
        self._ledger.settle(f"t{answer.ask.trial}.{answer.ask.attempt}")
        if answer.proposal is not None:
            self._enter(answer, answer.proposal)
        elif answer.ask.attempt:
            self._gave_up(answer.ask)
        elif self._state.exhausted is None:
            self._story.tell(ev.ProposerExhausted(trial=answer.ask.trial))
        return True

    def _asking(self, trial: int, attempt: int, *, verdicts: int | None = None) -> Asking:
        state = self._state
        return Asking(
            archive=self._archive, brief=self._brief, load=self._library.load, seed=state.run.seed, trial=trial,
            attempt=attempt, verdicts=max(0, trial - state.run.lag) if verdicts is None else verdicts,
            left=self._ledger.left(asked=trial - 1),
        )  # fmt: skip

    def _submitted(self, ask: Asking) -> None:
        """A person's change becomes the next trial."""
        seq, command = next(iter(self._state.submissions.items()))
        proposal = Proposal(
            files=self._library.delta(command.files), patch=command.patch, parent=command.parent,
            reason=command.reason, proposer=label("person", command.proposer), cost=command.cost,
        )  # fmt: skip
        self._enter(Answer(ask=ask, proposal=proposal, submission=seq), proposal)

    def _enter(self, answer: Answer, proposal: Proposal) -> None:
        ask = answer.ask
        parent, admitted = self._admit(ask, proposal)
        change, origin, patch, source = "", Origin.STRUCTURE, "", ""
        if isinstance(admitted, Refusal):
            tree = self._library.keep({path: text for path, text in proposal.files.items() if text is not None})
            patch = self._library.keep_text(proposal.patch)
        else:
            tree, origin = self._library.keep(admitted.files), admitted.origin
            change, source = change_id(self._state.run.subject, tree), source_id(admitted.files)
        proposed = ev.Proposed(
            trial=ask.trial, attempt=ask.attempt, change=change, tree=tree, parents=(parent,),
            proposer=proposal.proposer or "unnamed", reason=proposal.reason, cost=proposal.cost, origin=origin,
            retry_of=self._state.last(ask.trial).proposed.change if ask.attempt else None,
            submission=answer.submission, patch=patch,
            policy=ask.policy if proposal.parent == ask.parent and answer.submission is None else "",
            source=source, transcript=self._library.keep_text(proposal.transcript),
        )  # fmt: skip
        repairs = answer.submission is None and self._proposing.can_repair(proposed.proposer)
        events = [*self._repaired(ask), proposed]
        if isinstance(admitted, Refusal):
            to = State.FAILED if repairs and not admitted.inert else State.REFUSED
            events.append(ev.Moved(trial=ask.trial, attempt=ask.attempt, to=to, reason=admitted.reason))
        self._story.tell(*events)
        self._archive.catch_up()

    def _repaired(self, ask: Asking) -> list[ev.Event]:
        """Return the step of the attempt before, which this one repairs."""
        before = ask.attempt - 1
        return [ev.Moved(trial=ask.trial, attempt=before, to=State.REPAIRED)] if ask.attempt else []

    def _admit(self, ask: Asking, proposal: Proposal) -> tuple[str, Admitted | Refusal]:
        try:
            parent = ask.settle(proposal.parent)
        except KeyError as error:
            return proposal.parent, Refusal(reason=f"parent {error.args[0]}")
        return parent, admit(proposal, ask.program(parent), rules=self._rules)

    def _twin(self, said: ev.Proposed) -> str | None:
        """Return which earlier trial has the same content, and what became of it.

        Where the judge is blind to the sources, it need only say the same: it can not be measured to be another. What
        is still in flight is known by its first proposal alone: when a repair comes depends on the machine.
        """
        state, but, source = self._state, "", said.source if judged_blind(self._state) else ""
        settled = state.verdicts if said.submission is not None else max(0, said.trial - state.run.lag)
        trial = self._archive.twin(said.change, settled)
        if trial is None:
            trial = self._archive.paraphrased(source, settled)
            but = " but for layout, comments or local names" if trial is not None else ""
        if trial is not None:
            known = state.last(trial)
            return f"{known.id}{but}, {known.words}" if trial else f"the seed{but}"
        for each in range(settled + 1, said.trial):
            other = state.trials[each][0].proposed
            if other.change == said.change or (source and other.source == source):
                return f"t{each}" + ("" if other.change == said.change else " but for layout, comments or local names")
        return None

    def _gave_up(self, ask: Asking) -> None:
        reason = f"{self._state.last(ask.trial).reason}; its proposer gave up"
        self._story.tell(
            ev.Moved(trial=ask.trial, attempt=ask.attempt - 1, to=State.NEEDS_PERSON, reason=reason)
        )  # fmt: skip
        self._archive.catch_up()
