"""Search by covariance matrix adaptation, replayed over what is known each time (extra ``tune``).

Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, as the package ``cma`` has it. What was tried makes
up the generations, oldest first, whoever proposed it; a generation that is not complete yet waits. Trials that broke a
constraint or crashed rank behind all others.
"""

import math
import warnings
from collections.abc import Iterator, Sequence

import numpy as np

from selfwright.proposers.space import Landscape, Position

WIDTH = 0.12
"""Standard deviation of the first draws, as a share of the range."""

MOST_GENERATIONS = 32
"""The newest generations that are replayed."""

MOST_CATEGORIES = 8
"""Values without an order that have an axis each; more are taken as if they stood in a row."""

LOW, HIGH = 0.4, 0.6
"""Where the axes of these values begin: HIGH for the one that is taken."""

TRIES = 64


def search(land: Landscape) -> Iterator[Position]:
    """Yield draws of the adapted distribution."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses a library for plots, and says so
        import cma

    rng, axes = np.random.default_rng(land.seed), _Axes(land)
    size = 4 + int(3 * math.log(max(axes.dimensions, 2)))
    costs = land.costs()[-size * MOST_GENERATIONS :]
    start = costs[0][0] if costs else land.base
    options = {
        "popsize": size, "verbose": -9, "verb_log": 0, "minstd": axes.least,
        "randn": lambda *shape: rng.standard_normal(shape), "seed": float("nan"),  # else it seeds numpy for everybody
    }  # fmt: skip
    strategy = cma.CMAEvolutionStrategy(axes.spread(start), WIDTH, options)
    for begin in range(0, len(costs) - size + 1, size):
        generation = costs[begin : begin + size]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            strategy.ask()
            strategy.tell([axes.spread(where) for where, _ in generation], [cost for _, cost in generation])
    for _ in range(TRIES):
        for drawn in strategy.ask(number=1):
            yield axes.gather(drawn)


class _Axes:
    """Positions as the strategy sees them: where three values or more have no order, each has an axis of its own.

    It knows no line, so that there are two axes at least; the second of one is for nothing.

    Attributes:
        least: Standard deviation below which an axis does not move to another value.
    """

    def __init__(self, land: Landscape) -> None:
        self._counts = [count if 2 < count <= MOST_CATEGORIES else 1 for count in land.categories]
        least = [
            each for grain, count in zip(land.grains, self._counts, strict=True)
            for each in ([0.5 * grain] if count == 1 else [HIGH - LOW] * count)
        ]  # fmt: skip
        self.least = [*least, *[0.0] * (2 - len(least))]

    @property
    def dimensions(self) -> int:
        """How many numbers the strategy sees."""
        return len(self.least)

    def spread(self, position: Position) -> list[float]:
        """Return a position as the strategy sees it."""
        found: list[float] = []
        for place, count in zip(position, self._counts, strict=True):
            taken = min(int(place * count), count - 1)
            found += [place] if count == 1 else [HIGH if index == taken else LOW for index in range(count)]
        return [*found, *[0.5] * (self.dimensions - len(found))]

    def gather(self, drawn: Sequence[float]) -> Position:
        """Return the position of a draw: of values without an order the highest."""
        found, at = [], 0
        for count in self._counts:
            own = [float(each) for each in drawn[at : at + count]]
            found.append(min(1.0, max(0.0, own[0])) if count == 1 else (own.index(max(own)) + 0.5) / count)
            at += count
        return tuple(found)
