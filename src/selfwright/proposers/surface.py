"""Search by a response surface: Gaussian processes for the objective and every constraint, expected improvement.

After each trial a surface is laid through what is known (squared exponential kernel, length 0.5 sqrt(n) of the range),
also through trials that broke a constraint, and through crashes as a constraint of their own. Random moves within a box
around the incumbent are ranked by expected improvement times the probability that every constraint holds (Gardner et
al., "Bayesian Optimization with Inequality Constraints", ICML 2014). The box grows with success and shrinks with
failure (Eriksson et al., "TuRBO", NeurIPS 2019). At first only a few literals move at once.

Every fourth proposal, as a coin says, is the best of draws of the whole space instead, by the same score: from the box
alone a better valley is never seen.

Where a loss is rough (each value of a draw gives another, near or not), no surface fits, and the likelihood says so:
what is left of it is the general trend, and half of the proposals are draws of the whole space.
"""

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

APART = 0.5
"""How far values without an order are from each other, as a share of a range."""

NOISE = 0.1
"""Variance of a loss that is measured with noise, as a share of the variance of all losses."""

SHARES = (1e-6, 0.01, 0.1, 0.5, 2.0)
"""The same of one that is measured without: what a surface is too smooth to explain is taken for noise."""

AFAR = 0.25
"""So many proposals are chosen from draws of the whole space rather than from the box around the incumbent."""

ANYWHERE = 0.5
"""Where the losses are rough, so many proposals are drawn from the whole space: a trend needs points to be seen in."""

TRIES = 8

MARGIN = 8.0
"""A share must be likelier than the least by so much (natural logarithm): a smooth one looks rough with few trials."""

ROUGH, LEAST_TO_TELL = 0.5, 8
"""From here on nearness tells little, and the box does not shrink; nobody can tell before so many trials."""


def search(land: Landscape) -> Iterator[Position]:
    """Yield positions around the incumbent, the most promising first."""
    recent = land.points[-MOST_POINTS:]
    known = [point for point in recent if point.loss is not None]
    near = Kernel(unordered=np.array(land.categories) > 0)
    noise = NOISE if land.noisy else roughness(known, near)
    rough, share = noise >= ROUGH and not land.noisy, random.Random(land.seed).random()
    if rough and share < ANYWHERE:
        yield from _anywhere(land)
    far = not rough and share < AFAR
    moves = _draws(land, _most(land)) if far else _moves(land, MOST_RADIUS if rough else _radius(land.points))
    score = _score(moves, recent, known, near, noise=noise, luck=not land.noisy)
    for index in np.argsort(-score, kind="stable"):
        yield tuple(float(each) for each in moves[index])


def _moves(land: Landscape, radius: float) -> Array:
    """Return random positions in the box around the incumbent. Shape ``(m, n)``, m at most ``MOVES``."""
    rng, n = np.random.default_rng(land.seed), len(land.base)
    moves = _most(land)
    most = n if len(land.points) >= n else 1 + len(land.points) // 3
    count = rng.integers(1, most + 1, size=(moves, 1))
    chosen = rng.random((moves, n)).argsort(axis=1).argsort(axis=1) < count
    box = np.maximum(radius, 1.05 * np.array(land.grains))
    places = np.clip(land.base + np.where(chosen, box * rng.uniform(-1, 1, size=(moves, n)), 0.0), 0.0, 1.0)
    for axis in np.flatnonzero(land.categories):
        anywhere = (rng.integers(land.categories[axis], size=moves) + 0.5) / land.categories[axis]
        places[:, axis] = np.where(chosen[:, axis], anywhere, land.base[axis])
    return places


def _anywhere(land: Landscape) -> Iterator[Position]:
    """Yield draws of the whole space, blind to what is known."""
    yield from (tuple(float(each) for each in drawn) for drawn in _draws(land, TRIES))


def _most(land: Landscape) -> int:
    """Return how many positions are ranked for a proposal."""
    return max(64, min(MOVES, MOST_NUMBERS // len(land.base)))


def _draws(land: Landscape, count: int) -> Array:
    """Return random positions of the whole space. Shape ``(count, n)``."""
    categories = np.array(land.categories)
    places = np.random.default_rng(land.seed).random((count, len(land.base)))
    return np.where(categories > 0, (np.floor(places * categories) + 0.5) / np.maximum(categories, 1), places)


def _radius(points: Sequence[Point]) -> float:
    radius, best = RADIUS, math.inf
    for point in points:
        if point.feasible and point.loss is not None and point.loss < best:
            radius = min(radius * GROW, MOST_RADIUS) if best < math.inf else radius
            best = point.loss
        else:
            radius = max(radius * SHRINK, LEAST_RADIUS)
    return radius


def roughness(known: Sequence[Point], near: "Kernel") -> float:
    """Return which share of the losses no surface explains, as if it were noise: the likeliest of a few.

    Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2006, equation 5.8, with the scale profiled out.
    """
    if len(known) < LEAST_TO_TELL:
        return SHARES[0]
    losses = np.array([point.loss for point in known])
    heights = (losses - losses.mean()) / (losses.std() or 1.0)
    alike = near(np.array([point.position for point in known]), np.array([point.position for point in known]))

    def likelihood(share: float) -> float:
        lower = np.linalg.cholesky(alike + share * np.eye(len(known)))
        fit = float((np.linalg.solve(lower, heights) ** 2).sum())
        return -0.5 * len(known) * math.log(fit or 1e-300) - float(np.log(np.diag(lower)).sum())

    likeliest = max(SHARES, key=likelihood)
    return likeliest if likelihood(likeliest) > likelihood(SHARES[0]) + MARGIN else SHARES[0]


def _score(
    moves: Array, recent: Sequence[Point], known: Sequence[Point], near: "Kernel", *, noise: float, luck: bool
) -> Array:
    """Return expected improvement times the probability of feasibility. Shape ``(m,)``.

    Args:
        luck: Whether what no surface explains can be found again, and so is worth drawing for.
    """
    if not known:
        return np.ones(len(moves))
    places = np.array([point.position for point in known])
    losses = np.array([point.loss for point in known])
    mean, deviation = _surface(places, losses, moves, near, noise, luck=luck)
    best = min(
        (point.loss for point in known if point.feasible and point.loss is not None), default=float(losses.max())
    )
    ahead = (best - mean) / deviation
    score = deviation * (ahead * _below(ahead) + np.exp(-ahead * ahead / 2) / math.sqrt(2 * math.pi))
    for margins in np.array([point.margins for point in known]).T:
        mean, deviation = _surface(places, margins, moves, near, noise)
        score = score * _below(mean / deviation)
    if len(known) < len(recent):
        ran = np.array([1.0 if point.loss is not None else -1.0 for point in recent])
        mean, deviation = _surface(np.array([point.position for point in recent]), ran, moves, near, noise, level=1.0)
        score = score * _below(mean / deviation) * np.where(mean > 0, 1.0, 0.05)
    return np.maximum(score, 0.0)


def _surface(
    places: Array, heights: Array, moves: Array, near: "Kernel", noise: float, *,
    luck: bool = False, level: float | None = None,
) -> tuple[Array, Array]:  # fmt: skip
    """Return mean and standard deviation at the moves of a Gaussian process through the known heights.

    Args:
        places: Shape ``(k, n)``.
        heights: Shape ``(k,)``.
        noise: Variance of a height, as a share of the variance of all heights.
        luck: Whether the deviation is that of a height, noise and all, and not of the surface.
        level: Mean far away from what is known; default: the mean of the heights.
    """
    level = float(heights.mean()) if level is None else level
    spread = float(heights.std()) or 0.05 * abs(level) or 1.0
    lower = np.linalg.cholesky(near(places, places) + noise * np.eye(len(places)))
    across = np.linalg.solve(lower, near(places, moves))
    mean = level + spread * (across.T @ np.linalg.solve(lower, (heights - level) / spread))
    left = 1.0 - (across**2).sum(axis=0) + (noise if luck else 0.0)
    return mean, spread * np.sqrt(np.maximum(left / (1.0 + noise if luck else 1.0), 1e-12))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kernel:
    """How alike two positions are: by the square of their distance.

    Attributes:
        unordered: Axes on which two positions are the same, or ``APART`` from each other. Shape ``(n,)``.
    """

    unordered: NDArray[np.bool_]

    def __call__(self, left: Array, right: Array) -> Array:
        """Return the correlation of each with each. Shape ``(len(left), len(right))``."""
        length = 0.5 * math.sqrt(left.shape[1])
        one, other = left[:, ~self.unordered], right[:, ~self.unordered]
        squares = (one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)[None, :]
        distance = np.maximum(squares - 2 * one @ other.T, 0.0)
        for axis in np.flatnonzero(self.unordered):
            distance += np.where(np.abs(left[:, axis][:, None] - right[:, axis][None, :]) > 1e-9, APART**2, 0.0)
        kernel: Array = np.exp(-distance / (2 * length * length))
        return kernel


def _below(deviations: Array) -> Array:
    """Return the probability that a standard normal number is below each of these."""
    return np.array([0.5 * math.erfc(-each / math.sqrt(2)) for each in deviations])
