"""Search by a response surface: Gaussian processes for the objective and every constraint, expected improvement.

After each trial a surface is laid through what is known (squared exponential kernel, length 0.5 sqrt(n) of the range),
also through trials that broke a constraint, and through crashes as a constraint of their own. Random moves within a box
around the incumbent are ranked by expected improvement times the probability that every constraint holds (Gardner et
al., "Bayesian Optimization with Inequality Constraints", ICML 2014). The box grows with success and shrinks with
failure (Eriksson et al., "TuRBO", NeurIPS 2019). At first only a few literals move at once.
"""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from selfwright.proposers.space import Landscape, Point, Position

Array = NDArray[np.float64]

MOVES = 1024
"""Random moves that are ranked for one proposal."""

MOST_NUMBERS = 1 << 16
"""In all these moves together: fewer moves where there are many literals."""

RADIUS, LEAST_RADIUS, MOST_RADIUS = 0.15, 0.02, 0.5
GROW, SHRINK = 1.5, 0.85

MOST_POINTS = 64
"""The newest trials that the surface is laid through."""


def search(land: Landscape) -> Iterator[Position]:
    """Yield positions around the incumbent, the most promising first."""
    moves = _moves(land)
    score = _score(moves, land)
    for index in np.argsort(-score, kind="stable"):
        yield tuple(float(each) for each in moves[index])


def _moves(land: Landscape) -> Array:
    """Return random positions in the box around the incumbent. Shape ``(m, n)``, m at most ``MOVES``."""
    rng, n = np.random.default_rng(land.seed), len(land.base)
    moves = max(64, min(MOVES, MOST_NUMBERS // n))
    most = n if len(land.points) >= n else 1 + len(land.points) // 3
    count = rng.integers(1, most + 1, size=(moves, 1))
    chosen = rng.random((moves, n)).argsort(axis=1).argsort(axis=1) < count
    box = np.maximum(_radius(land.points), 1.05 * np.array(land.grains))
    return np.clip(land.base + np.where(chosen, box * rng.uniform(-1, 1, size=(moves, n)), 0.0), 0.0, 1.0)


def _radius(points: Sequence[Point]) -> float:
    radius, best = RADIUS, math.inf
    for point in points:
        if point.feasible and point.loss is not None and point.loss < best:
            radius = min(radius * GROW, MOST_RADIUS) if best < math.inf else radius
            best = point.loss
        else:
            radius = max(radius * SHRINK, LEAST_RADIUS)
    return radius


def _score(moves: Array, land: Landscape) -> Array:
    """Return expected improvement times the probability of feasibility. Shape ``(m,)``."""
    recent = land.points[-MOST_POINTS:]
    known = [point for point in recent if point.loss is not None]
    if not known:
        return np.ones(len(moves))
    places = np.array([point.position for point in known])
    losses = np.array([point.loss for point in known])
    noise = 0.1 if land.noisy else 1e-6
    mean, deviation = _surface(places, losses, moves, noise)
    best = min(
        (point.loss for point in known if point.feasible and point.loss is not None), default=float(losses.max())
    )
    ahead = (best - mean) / deviation
    score = deviation * (ahead * _below(ahead) + np.exp(-ahead * ahead / 2) / math.sqrt(2 * math.pi))
    for margins in np.array([point.margins for point in known]).T:
        mean, deviation = _surface(places, margins, moves, noise)
        score = score * _below(mean / deviation)
    if len(known) < len(recent):
        ran = np.array([1.0 if point.loss is not None else -1.0 for point in recent])
        mean, deviation = _surface(np.array([point.position for point in recent]), ran, moves, noise, level=1.0)
        score = score * _below(mean / deviation) * np.where(mean > 0, 1.0, 0.05)
    return np.maximum(score, 0.0)


def _surface(
    places: Array, heights: Array, moves: Array, noise: float, level: float | None = None
) -> tuple[Array, Array]:
    """Return mean and standard deviation at the moves of a Gaussian process through the known heights.

    Args:
        places: Shape ``(k, n)``.
        heights: Shape ``(k,)``.
        noise: Variance of a height, as a share of the variance of all heights.
        level: Mean far away from what is known; default: the mean of the heights.
    """
    level = float(heights.mean()) if level is None else level
    spread = float(heights.std()) or 0.05 * abs(level) or 1.0
    near = np.linalg.cholesky(_kernel(places, places) + noise * np.eye(len(places)))
    across = np.linalg.solve(near, _kernel(places, moves))
    mean = level + spread * (across.T @ np.linalg.solve(near, (heights - level) / spread))
    return mean, spread * np.sqrt(np.maximum(1.0 - (across**2).sum(axis=0), 1e-12))


def _kernel(left: Array, right: Array) -> Array:
    length = 0.5 * math.sqrt(left.shape[1])
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None, :]
    distance = np.maximum(squares - 2 * left @ right.T, 0.0)
    kernel: Array = np.exp(-distance / (2 * length * length))
    return kernel


def _below(deviations: Array) -> Array:
    """Return the probability that a standard normal number is below each of these."""
    return np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in deviations])
