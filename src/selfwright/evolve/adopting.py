"""Adoption: the intent, durably, before the effect; then the commit; and the same again after ``kill -9``.

What the adopter refuses for good is given up, and its trial rejected: the run goes on. What a person can mend (a branch
that somebody moved, a full disk) ends the sitting; the intent stays open, and the next sitting tries it again.
"""

from selfwright.core import event as ev
from selfwright.core.errors import BadInput
from selfwright.core.lifecycle import State
from selfwright.evolve.library import Library
from selfwright.evolve.story import Story
from selfwright.ports.adopter import Adopter
from selfwright.ports.clock import Clock
from selfwright.views.adoption import adoption_of
from selfwright.views.run import Attempt


class Adopting:
    """Turns an adopted trial into a version."""

    def __init__(self, *, story: Story, library: Library, adopter: Adopter, clock: Clock) -> None:
        self._story = story
        self._library = library
        self._adopter = adopter
        self._clock = clock

    def reconcile(self) -> None:
        """Finish the adoption that a killed sitting announced; adopt the seed where nothing is adopted yet."""
        self._carry_out()
        if not self._story.state.versions:
            self.adopt(self._story.state.last(0))

    def adopt(self, attempt: Attempt) -> None:
        """Announce the next version, then make it."""
        said = attempt.proposed
        # Whole seconds, kept in the intent: git knows no finer time, and doing it again must give the same commit.
        intent = ev.AdoptionIntended(
            trial=said.trial, attempt=said.attempt, version=len(self._story.state.versions),
            time_s=float(int(self._clock.now_s())),
        )  # fmt: skip
        self._story.tell(intent, durable=True)
        self._carry_out()

    def _carry_out(self) -> None:
        state = self._story.state
        record = state.intent
        if record is None or not isinstance(record.event, ev.AdoptionIntended):
            return
        intent = record.event
        files = self._library.load(state.last(intent.trial).proposed.tree)
        try:
            done = self._adopter.adopt(adoption_of(state, record, files))
        except BadInput as error:
            if not intent.trial:
                raise  # without a seed there is nothing to go on from
            reason = f"rejected: proven better, but it can not be committed: {error}"
            given_up = ev.Moved(trial=intent.trial, attempt=intent.attempt, to=State.REJECTED, reason=reason)
            self._story.tell(given_up, durable=True)
            return
        adopted = ev.Adopted(
            trial=intent.trial, attempt=intent.attempt, version=intent.version, commit=done.commit, tree=done.tree,
            branch=done.branch,
        )  # fmt: skip
        self._story.tell(adopted, durable=True)
