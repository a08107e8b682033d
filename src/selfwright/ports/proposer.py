"""Port: the proposer. A model, an agent, a search, a recording, a person: equal before the gate."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from selfwright.core.brief import Brief, Failure, Memory, Past
from selfwright.core.budget import Budget
from selfwright.core.change import Files, Proposal


class Ask(Protocol):
    """A request for proposal number ``trial``: the exact state after verdict ``trial - lag``.

    Attributes:
        trial: 1, 2, 3, ...
        attempt: 0, or which repair this is.
        seed: A draw for exactly this (trial, attempt); seed every generator from it.
        best: The incumbent: ``v0``, ``v1``, ...
        parent: The archive's suggestion of what to start from, the incumbent or another valid trial: ``t12``, ``seed``.
            Which parent policy gains most is learned from the proposals that name it as their parent.
        inspirations: Up to three other good programs, none of them the parent's: to cross it with, or to read.
        start: The seed as it was measured; its name is ``v0``.
        left: What is left of the bounds of the run, what is in flight taken off.
        history: All finished trials up to that verdict, in trial order; a cheap window, not a copy.
    """

    trial: int
    attempt: int
    seed: int
    brief: Brief
    best: str
    parent: str
    inspirations: tuple[str, ...]
    start: Past
    left: Budget
    history: Sequence[Past]

    def program(self, name: str) -> Files:
        """Return the editable files of ``best``, ``seed``, ``v3`` or ``t12``.

        Raises:
            KeyError: Nothing of that name in this state.
        """

    def memory(self, name: str) -> Memory:
        """Return what was deleted on the way to a program, and what failed of late, capped: for a prompt.

        Raises:
            KeyError: Nothing of that name in this state.
        """


@runtime_checkable
class Proposer(Protocol):
    """Proposes changes. Asked from a thread of the proposal pool, at most once at a time per trial.

    Deterministic ones are functions of what ``Ask`` holds, so that a resumed run asks and gets the same.

    Attributes:
        name: As recorded; also the default of ``Proposal.proposer``.
        lag: The lag that it needs (1: it must see every verdict before its next proposal), or None: any.
    """

    name: str
    lag: int | None

    def ask(self, ask: Ask) -> Proposal | None:
        """Return a proposal, or None when there is nothing more to say, now and for every later trial."""


@runtime_checkable
class Repairer(Proposer, Protocol):
    """A proposer that can be told why its change failed, and asked again."""

    def repairs(self, proposer: str) -> bool:
        """Whether it can repair a proposal that was recorded under this label (``Proposal.proposer``)."""

    def repair(self, ask: Ask, last: Proposal, failure: Failure) -> Proposal | None:
        """Return another try, or None to give up."""
