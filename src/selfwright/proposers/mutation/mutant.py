"""A program on its way to another one: edits drawn, one or a few, applied, with the words for each."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from selfwright.core.change import Files
from selfwright.proposers.bandit import Pull, pick
from selfwright.proposers.mutation.cross import crossings
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.kind import KINDS, SPEED, edits_of, read
from selfwright.proposers.mutation.source import Source

CROSSOVER, SEVERAL, EVERY = "crossover", "several", "every"
ALL_KINDS = (*KINDS, CROSSOVER, SEVERAL, EVERY)

TRIES = 48
"""Draws, before every edit of the program is gone through in turn."""

MOST_EDITS = 3
"""Edits in one proposal."""

MOST_AT_ONCE = 24
"""Edits in one that makes all of a kind."""

_TOGETHER = tuple(kind for kind in SPEED if kind not in ("membership", "binding", "cache", "vectorise"))
"""Kinds whose edits are made all at once first: each gains little, and what is little takes many pairs to be known.

Not those that gain seldom: since CPython 3.11 a method is called as fast as a local name, and a few constants are
compared sooner than one is hashed.
"""

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
        turn: This trial, and into how many shares the edits are cut. Proposals that are in the making at once do not
            see each other: each draws from its own share, so that they do not all propose the same.
    """

    def __init__(
        self, files: Files, *, donors: Mapping[str, Files], modules: frozenset[str], pulls: Sequence[Pull],
        turn: tuple[int, int], chance: random.Random,
    ) -> None:  # fmt: skip
        self._start = Mutant(files=files)
        self._donors, self._modules, self._pulls, self._chance = donors, modules, pulls, chance
        self._turn = turn

    @property
    def files(self) -> Files:
        """The program that is mutated."""
        return self._start.files

    def together(self) -> Iterator[Mutant]:
        """Yield what all edits make together that mean to be faster, and then those of one kind after the other."""
        for name, kinds in ((EVERY, _TOGETHER), *((kind, (kind,)) for kind in _TOGETHER)):
            mutant = self._start
            for kind in kinds:
                mutant = self._closed(mutant, kind, name)
            if len(mutant.words) > 1 or (name != EVERY and mutant.words):
                yield mutant

    def _closed(self, mutant: Mutant, kind: str, name: str) -> Mutant:
        """Return a mutant after all edits of a kind, those that it offers by then too, each once."""
        while len(mutant.words) < MOST_AT_ONCE:
            offers = [offer for offer in self._offers(mutant, kind) if offer[1].words not in mutant.words]
            after = next(filter(None, (self._applied(mutant, name, offer) for offer in offers)), None)
            if after is None:
                break
            mutant = after
        return mutant

    def mutants(self) -> Iterator[Mutant]:
        """Yield mutants: drawn ones; then each that is one edit away, in a drawn order; then some further away."""
        every = [(kind, offer) for kind in (*KINDS, CROSSOVER) for offer in self._offers(self._start, kind)]
        if not every:
            return
        trial, places = self._turn
        shares: dict[str, list[Offer]] = {}
        for kind, offer in every[trial % places :: places] or every:
            shares.setdefault(kind, []).append(offer)
        drawn = (self._drawn(shares) for _ in range(TRIES))
        self._chance.shuffle(every)
        single = (self._applied(self._start, kind, offer) for kind, offer in every)
        further = (self._several() for _ in range(TRIES))
        yield from filter(None, chain(drawn, single, further))

    def _drawn(self, shares: Mapping[str, Sequence[Offer]]) -> Mutant | None:
        """Return a mutant of the kind that the bandit picks, or None where that is none."""
        kind = pick([*shares, SEVERAL], self._pulls, self._chance.getrandbits(32))
        return (
            self._several() if kind == SEVERAL else self._applied(self._start, kind, self._chance.choice(shares[kind]))
        )

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
