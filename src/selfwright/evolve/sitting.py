"""One sitting: what may still be begun, when it is over, and why it ended."""

from selfwright.core.event import SittingEnded
from selfwright.evolve.ledger import Ledger
from selfwright.ports.clock import Clock
from selfwright.views.run import RunState


class Sitting:
    """Budgets, stop requests and Ctrl-C, in one place.

    Args:
        ledger: What may still begin within the bounds of the run.
    """

    def __init__(self, *, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._start_s = clock.monotonic_s()
        self._interrupts = 0

    def interrupt(self) -> int:
        """Count a Ctrl-C (may be called from a signal handler) and return how many there were."""
        self._interrupts += 1
        return self._interrupts

    def elapsed_s(self) -> float:
        """Return how long it has lasted."""
        return self._clock.monotonic_s() - self._start_s

    def stopping(self, state: RunState) -> bool:
        """Whether nothing new is to be begun, because a person said so."""
        return self._interrupts > 0 or state.control.stops > 0

    def measures_no_more(self, state: RunState) -> bool:
        """Whether no measurement is to begin: after Ctrl-C, and while paused."""
        return self._interrupts > 0 or state.control.paused

    def at_once(self, state: RunState) -> bool:
        """Whether to let go of what is in flight as well."""
        return self._interrupts > 1 or state.control.stops > 1

    def may_begin(self, state: RunState, *, asked: int) -> bool:
        """Whether another proposal may be asked for, ``asked`` being the number of the last one."""
        if self.stopping(state) or state.control.paused or state.exhausted:
            return False
        return self._ledger.asking(asked) is None

    def drained(self, state: RunState, *, asking: bool) -> bool:
        """Whether no trial is open and none will come, so that what was parked may be measured as far as budgets allow.

        A sitting that asks no proposer is there for what was handed in, and for that alone.
        """
        started = state.control.started
        if asking or self.stopping(state) or state.control.paused or not (started and started.proposers):
            return False
        if state.submissions or state.verdicts < state.asked or state.resumed is not None:
            return False
        return bool(state.exhausted or self._ledger.asking(state.asked))

    def over(self, state: RunState, *, busy: bool) -> bool:
        """Whether the sitting has come to its end, ``busy`` meaning that something is in flight."""
        if busy:
            return False
        if self._ledger.refused and not state.control.paused:
            return True
        if not self.stopping(state) and (state.submissions or state.control.paused or state.resumed is not None):
            return False
        return bool(self.stopping(state) or state.exhausted or self._ledger.asking(state.asked))

    def end(self, state: RunState, *, promising: bool) -> SittingEnded:
        """Return why it ended. A Ctrl-C that came when nothing was left to do changed nothing.

        Args:
            promising: Whether a comparison that is parked would be resumed.
        """
        reached, bound = self._ledger.refused or self._ledger.asking(state.asked), ""
        left = state.verdicts < state.asked or state.submissions or state.resumed is not None or promising
        if self._interrupts and (left or not (reached or state.exhausted)):
            why, reason = "interrupted", "a person or the system interrupted it"
        elif state.control.stops:
            why, reason = "stopped", "a person asked for it"
        elif reached:
            why, reason, bound = "budget", reached.sentence, reached.kind
        else:
            why, reason = "exhausted", "the proposer has nothing more to say"
        return SittingEnded(why=why, reason=reason, wall_s=self.elapsed_s(), bound=bound)
