"""Mends and proposes nothing: for a sitting that only brings to an end what others began."""

from selfwright.core.brief import Failure
from selfwright.core.change import Cost, Proposal
from selfwright.ports.interruptible import Interruptible
from selfwright.ports.priced import Priced
from selfwright.ports.proposer import Ask, Proposer, Repairer


class Mending:
    """Repairs what a proposer proposed, as that would, and has nothing new to say.

    Args:
        proposer: Asked for repairs, where it can repair.
    """

    lag: int | None = None

    def __init__(self, proposer: Proposer) -> None:
        self.name = proposer.name
        self.most: Cost | None = proposer.most if isinstance(proposer, Priced) else None
        self._proposer = proposer

    def ask(self, ask: Ask) -> Proposal | None:
        return None

    def interrupt(self) -> None:
        if isinstance(self._proposer, Interruptible):
            self._proposer.interrupt()

    def repairs(self, proposer: str) -> bool:
        return isinstance(self._proposer, Repairer) and self._proposer.repairs(proposer)

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        return self._proposer.repair(ask, last, failure) if isinstance(self._proposer, Repairer) else None
