"""Mutation: rewrites programs without a model. Every proposal is a program, and its reason says what was done.

A proposal is one edit of a good program, or a few: operators, constants, statements, calls, a function of another
program of the archive, and rewrites that are known to make Python faster. Which kind is tried is learned from what each
has gained so far, by the bandit of ``compose``: a function of the history and the draw. The label of a proposal names
its kind: ``mutate (comprehension)``.
"""

import hashlib
import random
from collections.abc import Iterator
from itertools import chain

from selfwright.core.change import Cost, Files, Proposal
from selfwright.ports.proposer import Ask
from selfwright.proposers.label import label
from selfwright.proposers.mutation.gains import objective_of, pulls
from selfwright.proposers.mutation.kind import SPEED
from selfwright.proposers.mutation.mutant import ALL_KINDS, Mutant, Mutating

LOOK_BACK = 256
"""Trials that a proposal looks back on: its cost does not grow with the run."""

LEAST_PLACES = 8
"""As many proposals as are usually in the making at once."""


class Mutate:
    """Proposes edits of what the archive suggests, else of the incumbent; ends where no edit is left untried."""

    name = "mutate"
    lag: int | None = None
    most: Cost | None = Cost()

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._together: tuple[str, dict[str, Mutant]] = ("", {})

    def ask(self, ask: Ask) -> Proposal | None:
        window = ask.history[-LOOK_BACK:]
        known = {self._key(ask, name) for name in (ask.best, "seed", *(past.trial for past in window))}
        for parent in dict.fromkeys((ask.parent, ask.best)):
            files = ask.program(parent)
            mutating = Mutating(
                files,
                donors={name: ask.program(name) for name in ask.inspirations},
                modules=frozenset(ask.brief.modules),
                pulls=pulls(self.name, ALL_KINDS, SPEED, ask.brief, ask.start, window),
                turn=(ask.trial, _places(ask)),
                chance=random.Random(ask.seed),
            )
            for mutant in chain(self._leading(ask, mutating, known), mutating.mutants()):
                if _key_of(mutant.files) not in known:
                    changed = {path: text for path, text in mutant.files.items() if text != files[path]}
                    reason = "; then ".join(mutant.words)
                    return Proposal(files=changed, parent=parent, reason=reason, proposer=label(self.name, mutant.kind))
        return None

    def _leading(self, ask: Ask, mutating: Mutating, known: set[str]) -> Iterator[Mutant]:
        """Yield what is proposed first where time is the objective; those in the making have taken theirs by then."""
        if not objective_of(ask.brief).noisy:
            return
        taken = ask.trial - 1 - len(ask.history)
        start = _key_of(mutating.files)
        if self._together[0] != start:  # to make them takes seconds where a file is long
            self._together = start, {_key_of(each.files): each for each in mutating.together()}
        yield from [each for key, each in self._together[1].items() if key not in known][max(0, taken) :]

    def _key(self, ask: Ask, name: str) -> str:
        """Return the key of a program; what a finished trial was never changes, so it is read once."""
        if name not in self._keys:
            if len(self._keys) > 4 * LOOK_BACK:
                self._keys.clear()
            try:
                self._keys[name] = _key_of(ask.program(name))
            except KeyError:  # it was refused before it became a program
                self._keys[name] = ""
        return self._keys[name]


def _places(ask: Ask) -> int:
    """Return into how many shares the edits are cut: one where every verdict is known, else one for each in the making.

    At the beginning of a run nobody knows how many that will be; it is the same number for all of them then.
    """
    ahead = ask.trial - 1 - len(ask.history)
    return max(LEAST_PLACES, ahead + 1) if ahead > 0 else 1


def _key_of(files: Files) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(b"\0" + path.encode() + b"\0" + hashlib.sha256(files[path]).digest())
    return digest.hexdigest()
