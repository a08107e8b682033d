"""Search by covariance matrix adaptation, replayed over what is known each time (extra ``tune``).

Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, as the package ``cma`` has it. What was tried makes
up the generations, oldest first, whoever proposed it; a generation that is not complete yet waits. Trials that broke a
constraint or crashed rank behind all others.
"""

import math
import warnings
from collections.abc import Iterator

import numpy as np

from selfwright.proposers.space import Landscape, Position

WIDTH = 0.12
"""Standard deviation of the first draws, as a share of the range."""

MOST_GENERATIONS = 32
"""The newest generations that are replayed."""

TRIES = 64


def search(land: Landscape) -> Iterator[Position]:
    """Yield draws of the adapted distribution."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses a library for plots, and says so
        import cma

    rng, n = np.random.default_rng(land.seed), len(land.base)
    size = 4 + int(3 * math.log(max(n, 2)))
    costs = land.costs()[-size * MOST_GENERATIONS :]
    dimensions = max(n, 2)  # it knows no line; the second coordinate of one is for nothing
    start = costs[0][0] if costs else land.base
    grains = [0.5 * grain for grain in land.grains] + [0.0] * (dimensions - n)
    options = {
        "popsize": size, "verbose": -9, "verb_log": 0, "minstd": grains,
        "randn": lambda *shape: rng.standard_normal(shape), "seed": float("nan"),  # else it seeds numpy for everybody
    }  # fmt: skip
    strategy = cma.CMAEvolutionStrategy(_padded(start, dimensions), WIDTH, options)
    for begin in range(0, len(costs) - size + 1, size):
        generation = costs[begin : begin + size]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            strategy.ask()
            strategy.tell([_padded(where, dimensions) for where, _ in generation], [cost for _, cost in generation])
    for _ in range(TRIES):
        for drawn in strategy.ask(number=1):
            yield tuple(min(1.0, max(0.0, float(each))) for each in drawn[:n])


def _padded(position: Position, dimensions: int) -> list[float]:
    return [*position, *[0.5] * (dimensions - len(position))]
