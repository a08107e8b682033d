"""Islands: several populations that evolve apart, and now and then lend each other their best.

What is good on one island can not crowd out the others before they have come somewhere of their own (Tanese,
"Distributed Genetic Algorithms", ICGA 1989).
"""

from selfwright.evolve.policies.elite import Ranked, ranked
from selfwright.evolve.timeline import Timeline
from selfwright.ports.policy import Valid

ISLANDS = 4
"""How many: trial n is bred on island n modulo this, and lives there."""

POPULATION = 6
"""The best trials that an island keeps."""

MIGRATION = 24
"""Every so many trials the best of each island goes to the next one on the ring as well."""


class Islands:
    """A ring of islands; the seed lives on all of them."""

    def __init__(self) -> None:
        self._populations: list[Timeline[Ranked]] = [Timeline(()) for _ in range(ISLANDS)]
        self._migrated = 0

    def add(self, valid: Valid) -> None:
        if valid.trial // MIGRATION > self._migrated:
            self._migrated = valid.trial // MIGRATION
            self._migrate(valid.trial)
        for number in range(ISLANDS) if valid.trial == 0 else [valid.trial % ISLANDS]:
            self._settle(number, valid.trial, valid)

    def parent(self, *, verdicts: int, trial: int, chance: int) -> int:
        population = self._populations[trial % ISLANDS].at(verdicts)
        return population[chance % len(population)][1]

    def _migrate(self, verdicts: int) -> None:
        best = [population.latest[0] for population in self._populations]
        for number, (score, trial) in enumerate(best):
            self._settle((number + 1) % ISLANDS, verdicts, Valid(trial=trial, score=score))

    def _settle(self, number: int, verdicts: int, valid: Valid) -> None:
        population = self._populations[number]
        if valid.trial not in {trial for _, trial in population.latest}:
            population.set(verdicts, ranked(population.latest, valid, POPULATION))
