"""Measuring for a check: the engine that a run has, with a deadline."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from selfwright.bench.coverage import Lines
from selfwright.bench.problem import Problem
from selfwright.core.change import Files, change_id, tree_of
from selfwright.core.draw import draw
from selfwright.core.trial import Block, Item, Outcome
from selfwright.ports.engine import Engine, Order

Say = Callable[[str], None]


class OutOfTime(Exception):
    """The deadline of the check has passed. Never leaves this room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One measurement to make: a program on a case, with what the judge draws from, and which lines are watched."""

    files: Files
    stage: str
    case: str
    seed: int
    watch: Lines = field(default_factory=dict)


class Measurer:
    """Measures programs on the cases of a problem.

    Args:
        engine: Runs the blocks; closed by whoever made it.
        cases: Stage → ids.
        until_s: The deadline, as ``now_s`` counts.
        now_s: A clock that only goes forwards, in seconds.

    Attributes:
        made: Measurements so far.
        usd: What the judge says that they cost.
    """

    def __init__(
        self, *, problem: Problem, engine: Engine, cases: Mapping[str, tuple[str, ...]], until_s: float, seed: int,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self.problem = problem
        self.cases = cases
        self.made = 0
        self.usd = 0.0
        self._engine = engine
        self._until_s = until_s
        self._now_s = now_s
        self._seed = seed
        self._keys = count()

    @property
    def workers(self) -> int:
        """How many measurements run at once."""
        return self._engine.workers

    @property
    def public(self) -> list[str]:
        """The stages that are not held out, in order."""
        return [stage.name for stage in self.problem.stages if not stage.holdout]

    @property
    def holdout(self) -> list[str]:
        """The stages that are."""
        return [stage.name for stage in self.problem.stages if stage.holdout]

    def through(self, engine: Engine) -> "Measurer":
        """Return one that measures the same by another engine."""
        return Measurer(
            problem=self.problem, engine=engine, cases=self.cases, until_s=self._until_s, seed=self._seed,
            now_s=self._now_s,
        )  # fmt: skip

    def shots(self, files: Files, stage: str, *, draw_number: int = 0) -> list[Shot]:
        """Return a shot a case of a stage; by default with the seed that a run of seed 0 has."""
        seed = draw(self._seed + draw_number, f"stage/{stage}")
        return [Shot(files=files, stage=stage, case=case, seed=seed) for case in self.cases[stage]]

    def measure(self, shots: Sequence[Shot], *, tell: Say = lambda words: None) -> list[Outcome]:
        """Return an outcome a shot, measured on all workers at once.

        Raises:
            OutOfTime: The deadline passed.
        """
        return [outcomes[0] for outcomes in self.blocks([[shot] for shot in shots], tell=tell)]

    def blocks(
        self, blocks: Sequence[Sequence[Shot]], *, tell: Say = lambda words: None
    ) -> list[tuple[Outcome, ...]]:  # fmt: skip
        """Return the outcomes of each block, whose shots are measured back to back by one worker.

        Raises:
            OutOfTime: The deadline passed.
        """
        keys = [str(next(self._keys)) for _ in blocks]
        for key, shots in zip(keys, blocks, strict=True):
            self._engine.submit(self._order(key, shots))
        done: dict[str, tuple[Outcome, ...]] = {}
        while len(done) < len(keys):
            left_s = self._until_s - self._now_s()
            if left_s <= 0:
                self._engine.withdraw()
                raise OutOfTime
            for each in self._engine.wait(min(0.5, left_s)):
                done[each.key] = each.outcomes
                self.made += len(each.outcomes)
                self.usd += sum(outcome.resources.usd for outcome in each.outcomes)
            tell(f"{len(done)} of {len(keys)}")
        return [done[key] for key in keys]

    def _order(self, key: str, shots: Sequence[Shot]) -> Order:
        named = [(change_id(self.problem.subject, tree_of(shot.files)), shot) for shot in shots]
        items = (
            Item(change=change, stage=shot.stage, case=shot.case, seed=shot.seed, watch=shot.watch)
            for change, shot in named
        )
        return Order(key=key, block=Block(items=tuple(items)), files={change: shot.files for change, shot in named})
