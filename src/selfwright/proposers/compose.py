"""Several proposers as one: in turn, with fixed shares, or each as often as it pays, learned in the run."""

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from selfwright.core.brief import Failure
from selfwright.core.change import Cost, Proposal, dearest
from selfwright.core.draw import draw
from selfwright.core.errors import BadInput, Unavailable
from selfwright.ports.interruptible import Interruptible
from selfwright.ports.priced import Priced
from selfwright.ports.proposer import Ask, Proposer, Repairer
from selfwright.proposers import bandit
from selfwright.proposers.label import bears, label

logger = logging.getLogger(__name__)

Order = Callable[[Ask], Iterator[str]]
"""Gives the names of proposers in the order in which they are asked, until one of them says something."""


class Compose:
    """Asks one of its proposers, and the next in the order where that one has nothing to say.

    One that is down now is passed over too; where nobody else has anything to say, what it raised is raised. It
    remembers nothing, so that a resumed run asks the same ones. A failure is passed to the one that made the
    proposal, known by its label, where that one can repair.

    Args:
        proposers: At least one, each with a name of its own.
        order: Of their names; a function of what is asked.

    Raises:
        BadInput: Two have the same name.
    """

    def __init__(self, proposers: Sequence[Proposer], *, order: Order) -> None:
        names = [proposer.name for proposer in proposers]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise BadInput(
                f"two proposers are called {twice!r}: each would take the other's past for its own; give one"
            )
        self.name = "+".join(names)
        self.lag: int | None = min((each.lag for each in proposers if each.lag is not None), default=None)
        self.most: Cost | None = dearest([each.most if isinstance(each, Priced) else None for each in proposers])
        self._proposers = {proposer.name: proposer for proposer in proposers}
        self._order = order

    def ask(self, ask: Ask) -> Proposal | None:
        down: Unavailable | None = None
        for name in self._order(ask):
            try:
                proposal = self._proposers[name].ask(ask)
            except Unavailable as error:
                logger.warning("%s has nothing to say now: %s", name, error)
                down = down or error
                continue
            if proposal is not None:
                return _labelled(proposal, name)
        if down is not None:
            raise down  # None would be for good
        return None

    def interrupt(self) -> None:
        for each in self._proposers.values():
            if isinstance(each, Interruptible):
                each.interrupt()

    def repairs(self, proposer: str) -> bool:
        return self._repairer(proposer) is not None

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        repairer = self._repairer(last.proposer)
        try:
            mended = repairer.repair(ask, last, failure) if repairer else None
        except Unavailable as error:  # a run of one would end; here the others go on without this trial
            logger.warning("t%s is not repaired: %s", ask.trial, error)
            mended = None
        return _labelled(mended, repairer.name) if repairer and mended else None

    def _repairer(self, proposer: str) -> Repairer | None:
        found = (each for each in self._proposers.values() if bears(proposer, each.name))
        return next((each for each in found if isinstance(each, Repairer)), None)


def in_turn(orders: Sequence[Order]) -> Order:
    """Return the order in which the next begins where all of the one before have nothing to say."""
    return lambda ask: chain.from_iterable(order(ask) for order in orders)


def weighted(weights: Mapping[str, float]) -> Order:
    """Return the order that draws each name with a share of the proposals in proportion to its weight."""

    def order(ask: Ask) -> Iterator[str]:
        left, chance = dict(weights), random.Random(draw(ask.seed, "compose"))
        while left:
            (name,) = chance.choices(list(left), list(left.values()))
            yield name
            del left[name]

    return order


def learned(names: Sequence[str]) -> Order:
    """Return the order that begins with what gains most per cost, as a bandit draws it from the newest trials."""

    def order(ask: Ask) -> Iterator[str]:
        left, seen = list(names), ask.history[-bandit.WINDOW :]
        pulls = [bandit.pull_of(past, name) for past in seen for name in names if bears(past.proposer, name)]
        while left:
            name = bandit.pick(left, pulls, draw(ask.seed, "compose", pair=len(left)))
            yield name
            left.remove(name)

    return order


def _labelled(proposal: Proposal, name: str) -> Proposal:
    return replace(proposal, proposer=label(name, proposal.proposer))
