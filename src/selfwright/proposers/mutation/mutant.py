"""A program on its way to another one: edits drawn, one or a few, applied, with the words for each."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from selfwright.core.change import Files
from selfwright.proposers.bandit import Pull, pick
from selfwright.proposers.mutation.cross import crossings
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.kind import KINDS, edits_of, read
from selfwright.proposers.mutation.source import Source

CROSSOVER, SEVERAL = "crossover", "several"
ALL_KINDS = (*KINDS, CROSSOVER, SEVERAL)

TRIES = 48
"""Draws, before every edit of the program is gone through in turn."""

MOST_EDITS = 3
"""Edits in one proposal."""

Offer = tuple[Source, Edit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A program that was edited.

    Attributes:
        files: All of it.
        words: What was done, step by step.
        kind: Of the edits.
    """

    files: Files
    words: tuple[str, ...] = ()
    kind: str = ""


class Mutating:
    """Draws mutants of one program.

    Args:
        donors: Name → program, for crossover.
        modules: Packages that the program may import.
        pulls: What every kind has gained so far.
    """

    def __init__(
        self,
        files: Files,
        *,
        donors: Mapping[str, Files],
        modules: frozenset[str],
        pulls: Sequence[Pull],
        chance: random.Random,
    ) -> None:
        self._start = Mutant(files=files)
        self._donors, self._modules, self._pulls, self._chance = donors, modules, pulls, chance

    def mutants(self) -> Iterator[Mutant]:
        """Yield mutants: drawn ones; then each that is one edit away, in a drawn order; then some further away."""
        for _ in range(TRIES):
            mutant = self._drawn()
            if mutant is not None:
                yield mutant
        offers = [(kind, offer) for kind in (*KINDS, CROSSOVER) for offer in self._offers(self._start, kind)]
        self._chance.shuffle(offers)
        for kind, offer in offers:
            mutant = self._applied(self._start, kind, offer)
            if mutant is not None:
                yield mutant
        for _ in range(TRIES if offers else 0):
            mutant = self._several()
            if mutant is not None:
                yield mutant

    def _drawn(self) -> Mutant | None:
        """Return a mutant of the kind that the bandit picks, among those that have something to offer."""
        left = list(ALL_KINDS)
        while left:
            kind = pick(left, self._pulls, self._chance.getrandbits(32))
            if kind == SEVERAL:
                return self._several()
            if offers := self._offers(self._start, kind):
                return self._applied(self._start, kind, self._chance.choice(offers))
            left.remove(kind)
        return None

    def _several(self) -> Mutant | None:
        """Return a mutant of a few edits, each of any kind that has something to offer."""
        mutant = self._start
        for _ in range(self._chance.randint(2, MOST_EDITS)):
            kinds = [*KINDS, CROSSOVER]
            self._chance.shuffle(kinds)
            offers = next((found for kind in kinds if (found := self._offers(mutant, kind))), ())
            after = self._applied(mutant, SEVERAL, self._chance.choice(offers)) if offers else None
            mutant = after or mutant
        return mutant if len(mutant.words) > 1 else None

    def _offers(self, mutant: Mutant, kind: str) -> Sequence[Offer]:
        sources = [source for path in sorted(mutant.files) if (source := self._read(path, mutant.files))]
        if kind != CROSSOVER:
            return [(source, edit) for source in sources for edit in edits_of(kind, source)]
        return [
            (source, edit)
            for source in sources
            for name, files in self._donors.items()
            if (donor := self._read(source.path, files))
            for edit in crossings(source, donor, name)
        ]

    def _read(self, path: str, files: Files) -> Source | None:
        return read(path, files[path], self._modules) if path.endswith(".py") and path in files else None

    def _applied(self, mutant: Mutant, kind: str, offer: Offer) -> Mutant | None:
        source, edit = offer
        text = source.apply(edit)
        if text is None:
            return None
        files = {**mutant.files, source.path: text.encode()}
        return Mutant(files=files, words=(*mutant.words, edit.words), kind=kind)
