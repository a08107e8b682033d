"""What a run has spent: pairs, CPU time, tokens and money, folded from its journal."""

from selfwright.core import event as ev
from selfwright.core.budget import Use
from selfwright.core.change import Cost


class Spent:
    """The fold. What was in flight when a sitting was killed is in no journal, and not counted.

    Attributes:
        pairs: Pairs measured, to decide and afresh.
        cpu_s: CPU time of candidates, the seed's included.
        tokens: Tokens that models read and wrote.
        usd: Money spent on proposals and measurements, as far as known.
        dearest: The most tokens, and the most money, that one proposal has cost.
    """

    def __init__(self) -> None:
        self.pairs = 0
        self.cpu_s = 0.0
        self.tokens = 0
        self.usd = 0.0
        self.dearest = Use()

    def measured(self, event: ev.Measured) -> None:
        """Count one measurement."""
        used = event.outcome.resources
        self.usd += used.usd
        self.cpu_s += used.cpu_s
        if event.purpose.startswith(("pair", "freshpair")) and event.purpose.endswith(":candidate"):
            self.pairs += 1

    def proposed(self, cost: Cost) -> None:
        """Count one proposal."""
        tokens, usd = cost.tokens_in + cost.tokens_out, cost.usd or 0.0
        self.tokens += tokens
        self.usd += usd
        self.dearest = Use(tokens=max(self.dearest.tokens, tokens), usd=max(self.dearest.usd, usd))
