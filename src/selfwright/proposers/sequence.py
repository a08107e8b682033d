"""Several proposers in turn: the first until it has nothing more to say, then the next."""

from collections.abc import Sequence as Ordered
from dataclasses import replace

from selfwright.core.brief import Failure
from selfwright.core.change import Proposal
from selfwright.core.errors import BadInput
from selfwright.ports.proposer import Ask, Proposer, Repairer
from selfwright.proposers.label import bears, label


class Sequence:
    """Asks each of its proposers until it is exhausted.

    Who is exhausted is remembered, and found out again after a resume by asking. A failure
    is passed to the one that made the proposal, known by its label, where that one can repair.

    Args:
        proposers: At least one, each with a name of its own.

    Raises:
        BadInput: Two have the same name.
    """

    def __init__(self, proposers: Ordered[Proposer]) -> None:
        names = [proposer.name for proposer in proposers]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise BadInput(
                f"two proposers are called {twice!r}: each would take the other's past for its own; give one"
            )
        self.name = "+".join(names)
        self.lag: int | None = min((each.lag for each in proposers if each.lag is not None), default=None)
        self._proposers = tuple(proposers)
        self._exhausted: dict[str, int] = {}

    def ask(self, ask: Ask) -> Proposal | None:
        for proposer in self._proposers:
            if ask.trial >= self._exhausted.get(proposer.name, ask.trial + 1):
                continue
            proposal = proposer.ask(ask)
            if proposal is not None:
                return _labelled(proposal, proposer)
            self._exhausted[proposer.name] = ask.trial
        return None

    def repairs(self, proposer: str) -> bool:
        return any(isinstance(each, Repairer) and bears(proposer, each.name) for each in self._proposers)

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        for proposer in self._proposers:
            if isinstance(proposer, Repairer) and bears(last.proposer, proposer.name):
                mended = proposer.repair(ask, last, failure)
                return mended and _labelled(mended, proposer)
        return None


def _labelled(proposal: Proposal, proposer: Proposer) -> Proposal:
    return replace(proposal, proposer=label(proposer.name, proposal.proposer))
