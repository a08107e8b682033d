"""Port: a proposer that waits for others, and can be told to stop waiting."""

from typing import Protocol, runtime_checkable

from selfwright.ports.proposer import Proposer


@runtime_checkable
class Interruptible(Proposer, Protocol):
    """Asked for a proposal, it may take minutes, in which somebody may want to leave."""

    def interrupt(self) -> None:
        """Let go of what is being asked, for good: those calls, and all later ones, may raise. From any thread."""
