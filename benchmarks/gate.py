"""A simulated machine, and the gate for many comparisons at once: the arithmetic of ``selfwright.gate`` in numpy.

``tests/gate/test_simulation.py`` shows that it decides what the gate decides. A column is a comparison, a row a pair.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from selfwright.gate.evidence import ENOUGH, GRID
from selfwright.gate.pairs import REJECT_AT

Numbers = NDArray[np.float64]

NOISES = ("iid", "bursts", "drift", "steps", "autocorrelated", "heavy tails")
"""Of log times: 3 % a run, and what the name says."""

ADOPT, REJECT, PARK = 1, -1, 0


def noise(kind: str, count: int, columns: int, rng: np.random.Generator) -> Numbers:
    """Return the log-time noise of measurements made one after the other, shape ``(count, columns)``."""
    shape = (count, columns)
    if kind == "heavy tails":
        return 0.02 * rng.standard_t(2, shape)
    found = rng.normal(0, 0.03, shape)
    if kind == "bursts":
        found += (rng.random(shape) < 0.1) * 0.22
    elif kind == "drift":
        found += np.linspace(0, 0.2, count)[:, None] * rng.choice((-1, 1), columns)
    elif kind == "steps":
        found += np.repeat(rng.random((count // 20 + 1, columns)) < 0.5, 20, axis=0)[:count] * 0.15
    elif kind == "autocorrelated":
        state = np.zeros(columns)
        for row in range(count):
            state = 0.95 * state + rng.normal(0, 0.01, columns)
            found[row] += state
    return found


def differences(kind: str, effect: float, pairs: int, columns: int, rng: np.random.Generator) -> Numbers:
    """Return log ratios of a candidate that is faster by ``effect`` (a log ratio), its place in a pair by a coin."""
    runs = noise(kind, 2 * pairs, columns, rng).reshape(pairs, 2, columns)
    heads = rng.random((pairs, columns)) < 0.5
    return np.where(heads, runs[:, 0] - runs[:, 1], runs[:, 1] - runs[:, 0]) + effect


def log_e(found: Numbers) -> Numbers:
    """Return log E of "shifted above zero" after each row, as ``EProcess`` has it of one stratum."""
    pairs, columns = found.shape
    sizes = np.full((pairs + 1, columns), np.inf)  # in ascending order, of the rows before
    logs = np.zeros((len(GRID), columns))
    paths = np.empty(found.shape)
    slopes = -2 * np.array(GRID)[:, None]
    for row, difference in enumerate(found):
        scale: Numbers | float = 0.05
        if row >= ENOUGH:
            middle = sizes[row // 2] if row % 2 else (sizes[row // 2 - 1] + sizes[row // 2]) / 2
            scale = np.maximum(1.48 * middle, 1e-9)
        x = np.clip(difference / scale, -1.0, 1.0)
        logs -= np.log1p(np.expm1(slopes * x) / 2)
        paths[row] = np.logaddexp.reduce(logs) - math.log(len(GRID))
        size = np.abs(difference)
        sizes[1 : row + 1] = np.maximum(sizes[:row], np.minimum(size, sizes[1 : row + 1]))
        sizes[0] = np.minimum(sizes[0], size) if row else size
    return paths


@dataclass(frozen=True, kw_only=True)
class Paths:
    """How the evidence of many comparisons grew, shape ``(pairs, columns)`` each.

    Attributes:
        found: Log ratios.
        wanted: The minimum effect, as a log ratio.
    """

    found: Numbers
    wanted: float
    better: Numbers
    worse: Numbers
    too_little: Numbers

    @classmethod
    def of(cls, found: Numbers, minimum_effect: float = 0.01) -> "Paths":
        """Weigh log ratios of a metric that is better when lower."""
        wanted = -math.log1p(-minimum_effect)
        return cls(
            found=found, wanted=wanted, better=log_e(found), worse=log_e(-found), too_little=log_e(wanted - found)
        )  # fmt: skip

    def decide(self, needed: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return what ``judge_pairs`` says of each column, and after how many pairs; at the last row it parks."""
        pairs = len(self.found)
        lost = (self.worse >= math.log(REJECT_AT)) | (self.too_little >= math.log(REJECT_AT))
        end = np.where(lost.any(axis=0), lost.argmax(axis=0), pairs)
        decision = np.where(end < pairs, REJECT, PARK)
        for column in np.flatnonzero((self.better >= math.log(needed)).any(axis=0)):
            for row in np.flatnonzero(self.better[: end[column] + 1, column] >= math.log(needed)):
                if np.median(self.found[: row + 1, column]) >= self.wanted:
                    end[column], decision[column] = row, ADOPT
                    break
        return decision, np.minimum(end + 1, pairs)
