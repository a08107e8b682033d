"""Best-of-N: start from the seed, always. A baseline: whoever follows it learns nothing from what was tried."""

from selfwright.ports.policy import Valid


class BestOfN:
    """The seed."""

    def add(self, valid: Valid) -> None:
        pass

    def parent(self, *, verdicts: int, trial: int, chance: int) -> int:
        return 0
