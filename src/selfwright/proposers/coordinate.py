"""Search one literal at a time: a step, the other way where it failed, wider after success, narrower after failure.

The pattern is found again by replaying what was tried, so it needs no state. Trials without a verdict count as failed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from selfwright.proposers.space import Landscape, Position

STEP = 0.15
"""The first step, as a share of the range."""


@dataclass(slots=True)
class _Literal:
    """Where the search of one literal stands."""

    step: float
    direction: int = 1
    failed: bool = False
    tries: int = 0

    def learn(self, won: bool, grain: float) -> None:
        """Take in how the last step ended; ``grain`` is the least step."""
        self.tries = 0 if won else self.tries + 1
        if won:
            self.step, self.failed = min(2 * self.step, 0.5), False
            return
        self.direction = -self.direction
        if self.failed:
            self.step = max(0.4 * self.step, 1.05 * grain)
        self.failed = not self.failed


def search(land: Landscape) -> Iterator[Position]:
    """Yield one step in one literal; each further position is what comes next if all before it fail."""
    state = [_Literal(max(STEP, 1.05 * grain)) for grain in land.grains]
    turn = 0
    for won in [*(point.won for point in land.points if point.own), *[False] * land.ahead]:
        state[turn].learn(won, land.grains[turn])
        turn = turn if won else (turn + 1) % len(state)
    for _ in range(8 * len(state)):
        yield _step(land.base, turn, state[turn], land.categories[turn])
        state[turn].learn(False, land.grains[turn])
        turn = (turn + 1) % len(state)


def _step(base: Position, turn: int, literal: _Literal, categories: int) -> Position:
    """Return the base with one literal moved; the other way where the range ends, to the next where it has no order."""
    move = literal.direction * literal.step
    there = base[turn] + move if 0 <= base[turn] + move <= 1 else base[turn] - move
    if categories:
        there = (base[turn] + (1 + literal.tries % max(1, categories - 1)) / categories) % 1
    return (*base[:turn], min(1.0, max(0.0, there)), *base[turn + 1 :])
