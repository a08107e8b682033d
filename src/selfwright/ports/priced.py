"""Port: a proposer that knows the most that one answer costs."""

from typing import Protocol, runtime_checkable

from selfwright.core.change import Cost
from selfwright.ports.proposer import Proposer


@runtime_checkable
class Priced(Proposer, Protocol):
    """Says before it is asked what is then reserved; without it, that is what the dearest answer so far has cost.

    Attributes:
        most: The most that one proposal or repair costs, tokens and money; ``Cost()`` where it is free, None where
            nobody knows.
    """

    most: Cost | None
