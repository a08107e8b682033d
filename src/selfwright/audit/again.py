"""Measuring again: two programs on a stage, or in interleaved pairs, by the engine that a run has."""

from collections.abc import Mapping

from selfwright.core.change import Files, change_id, tree_of
from selfwright.core.draw import coin, item_seed
from selfwright.core.trial import Block, Item, Outcome
from selfwright.ports.engine import Done, Engine, Order

Sides = Mapping[str, Files]
"""``candidate`` and ``incumbent`` → program."""

_PATIENCE_S = 1.0


class Again:
    """Measures programs of one problem.

    Args:
        subject: ``problem:<name>``.
        seed: Of the run: the draws that the judge sees on a stage are those of the run.
    """

    def __init__(self, *, engine: Engine, subject: str, seed: int) -> None:
        self._engine = engine
        self._subject = subject
        self._seed = seed
        self._cases = engine.cases()
        self._known: dict[tuple[str, str], list[Outcome]] = {}

    def cases(self, stage: str) -> tuple[str, ...]:
        """Return the cases of a stage, as the judge lists them."""
        return self._cases[stage]

    def on_stage(self, sides: Sides, stage: str) -> dict[str, list[Outcome]]:
        """Return the outcomes of each side, in the order of the cases; all workers share the cases.

        A program is measured once on a stage: what a version gave is what the next one is compared with, too.
        """
        seed = item_seed(self._seed, "search", stage, 0, 0)
        keys = {side: (change_id(self._subject, tree_of(files)), stage) for side, files in sides.items()}
        new = {key: side for side, key in keys.items() if key not in self._known}
        for side in new.values():
            for case in self.cases(stage):
                self._engine.submit(self._order(f"{side}/{case}", {side: sides[side]}, stage, case, seed))
        done = self._wait(len(new) * len(self.cases(stage)))
        for key, side in new.items():
            self._known[key] = [done[f"{side}/{case}"].outcomes[0] for case in self.cases(stage)]
        return {side: self._known[key] for side, key in keys.items()}

    def in_pair(self, sides: Sides, stage: str, *, pair: int, key: int) -> tuple[str, dict[str, Outcome]]:
        """Return the case of a pair and the outcome of each side, measured one after the other on one core.

        Args:
            key: Draws follow from it, and are not those of the run; a coin decides who goes first.
        """
        case = self.cases(stage)[pair % len(self.cases(stage))]
        order = ("candidate", "incumbent") if coin(key, "audit", pair=pair) else ("incumbent", "candidate")
        seed = item_seed(key, f"audit:{pair}", stage, 0, 0)
        self._engine.submit(self._order("pair", {side: sides[side] for side in order}, stage, case, seed))
        return case, dict(zip(order, self._wait(1)["pair"].outcomes, strict=True))

    def _order(self, key: str, sides: Sides, stage: str, case: str, seed: int) -> Order:
        programs = {change_id(self._subject, tree_of(files)): files for files in sides.values()}
        items = tuple(
            Item(change=change_id(self._subject, tree_of(files)), stage=stage, case=case, seed=seed)
            for files in sides.values()
        )
        return Order(key=key, block=Block(items=items), files=programs)

    def _wait(self, wanted: int) -> dict[str, Done]:
        done: dict[str, Done] = {}
        while len(done) < wanted:
            done |= {each.key: each for each in self._engine.wait(_PATIENCE_S)}
        return done
