"""Budgets: reserved before the work, settled after it, so that what is in flight counts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Upper bounds of a run; None is "no bound".

    Attributes:
        trials: Trials that are asked for; retries and the seed are not counted.
        wall_s: Wall time of all sittings together.
        usd: Money, as far as prices are known.
    """

    trials: int | None = None
    wall_s: float | None = None
    usd: float | None = None

    def left(self, *, trials: int, wall_s: float, usd: float) -> str | None:
        """Return None while everything asked for fits, else a sentence that says which bound is reached."""
        if self.trials is not None and trials >= self.trials:
            return f"{self.trials} trials are done"
        if self.wall_s is not None and wall_s >= self.wall_s:
            return f"the wall time of {self.wall_s:g} s is used"
        if self.usd is not None and usd >= self.usd:
            return f"the budget of {self.usd:.2f} USD is used"
        return None


class Ledger:
    """Money that is spent and money that is in flight; never exceeds the bound.

    Args:
        bound: What may be spent in all; None for no bound.
    """

    def __init__(self, bound: float | None) -> None:
        self.bound = bound
        self.spent = 0.0
        self._reserved: dict[str, float] = {}

    def reserve(self, key: str, amount: float) -> bool:
        """Set ``amount`` aside for ``key``; return False, and reserve nothing, where it does not fit.

        Raises:
            ValueError: ``key`` holds a reservation already, or ``amount`` is negative.
        """
        if key in self._reserved or amount < 0:
            raise ValueError(f"can not reserve {amount} for {key!r}: negative, or reserved already")
        if self.bound is not None and self.spent + self.in_flight + amount > self.bound:
            return False
        self._reserved[key] = amount
        return True

    def settle(self, key: str, amount: float) -> None:
        """Replace the reservation of ``key`` by what it really cost.

        Raises:
            KeyError: ``key`` has no reservation.
        """
        del self._reserved[key]
        self.spent += amount

    @property
    def in_flight(self) -> float:
        """What is reserved and not yet settled."""
        return sum(self._reserved.values())
