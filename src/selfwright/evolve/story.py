"""The journal and its fold, kept in step: what is told is appended first and folded after."""

from collections.abc import Callable

from selfwright.core.event import Event, Record
from selfwright.ports.journal import Journal
from selfwright.views.run import RunState

Observer = Callable[[Event, RunState], None]
"""Called after each event is in the journal and folded; for progress, never for decisions."""


class Story:
    """Appends events and folds them, and folds what others (commands) have appended meanwhile.

    Attributes:
        state: The fold so far.
    """

    def __init__(self, *, journal: Journal, observe: Observer) -> None:
        self._journal = journal
        self._observe = observe
        self.state = RunState()
        self.catch_up(quietly=True)

    def tell(self, *events: Event, durable: bool = False) -> None:
        """Append these events together and fold them.

        Args:
            durable: Return only when they would survive a power loss.
        """
        records = self._journal.append(events, durable=durable)
        if records and records[0].seq != self.state.seq + 1:  # somebody's command came between
            self.catch_up()
            return
        for record in records:
            self._fold(record)

    def catch_up(self, *, quietly: bool = False) -> None:
        """Fold what the journal holds beyond the state."""
        if self._journal.tip().seq == self.state.seq:
            return
        for record in self._journal.read(after=self.state.seq):
            self._fold(record, quietly=quietly)

    def _fold(self, record: Record, *, quietly: bool = False) -> None:
        self.state.apply(record)
        if not quietly:
            self._observe(record.event, self.state)


def ignore(event: Event, state: RunState) -> None:
    """Observe nothing."""
