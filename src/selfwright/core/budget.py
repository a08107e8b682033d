"""Budgets: the bounds of a run."""

from dataclasses import dataclass

from selfwright.core.count import counted


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
            return f"the budget of {counted(self.trials, 'trial')} is used"
        if self.wall_s is not None and wall_s >= self.wall_s:
            return f"the wall time of {self.wall_s:g} s is used"
        if self.usd is not None and usd >= self.usd:
            return f"the budget of {self.usd:.2f} USD is used"
        return None
