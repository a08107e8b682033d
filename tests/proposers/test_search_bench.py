"""The table in the docstring of `proposers/numeric.py`: `pytest -m bench -s tests/proposers/test_search_bench.py`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from selfwright.proposers.numeric import SEARCHES, make_numeric
from tests.proposers.lab import Lab

SEEDS = 15
KINDS = ("bowl", "rotated", "constraint", "rate", "crash")
Array = NDArray[np.float64]


def make_problem(kind: str, n: int, seed: int) -> tuple[Array, Callable[[Array], tuple[float, float] | None]]:
    """Return a start in [0, 1]^n, and position → (cost, room that must not be negative), None for a crash."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.25, 0.75, n)
    best = np.clip(start + rng.choice([-1, 1], n) * rng.uniform(0.05, 0.5, n), 0, 1)
    weights = np.diag(np.exp(rng.uniform(-1.5, 1.5, n)))
    if kind == "rotated":
        turn, _ = np.linalg.qr(rng.normal(size=(n, n)))
        weights = turn @ weights @ turn.T
    weights = weights * 0.25 / ((start - best) @ weights @ (start - best))
    wall = np.sign(best - start) * np.abs(rng.normal(size=n))
    room = rng.uniform(0.02, 0.15) * np.abs(wall).sum() * 0.5
    pull = np.abs(rng.normal(size=n))
    slope = rng.choice([-1, 1], n, p=[0.3, 0.7]) * pull
    quality = slope * np.roll(np.linspace(0.5, 1.5, n), seed)
    pit, side = int(rng.integers(n)), rng.choice([-1, 1])

    def measure(at: Array) -> tuple[float, float] | None:
        move = at - start
        bend = float((move**2 * pull).sum())
        cost = float(1 + (at - best) @ weights @ (at - best))
        if kind == "crash" and move[pit] * side > 0.08:
            return None
        if kind == "rate":
            return float(np.exp(0.8 * bend - slope @ move)), float(0.05 - quality @ move - 0.6 * bend)
        return cost, float(room - move @ wall - 0.5 * (move**2).sum()) if kind == "constraint" else 1.0

    return start, measure


def make_lab(kind: str, n: int, seed: int) -> Lab:
    """Return a run on such a problem."""
    start, measure = make_problem(kind, n, seed)

    def named(values: Mapping[str, float]) -> Mapping[str, float] | None:
        found = measure(np.array([values[f"X{axis}"] for axis in range(n)]))
        return found and {"cost": found[0], "room": found[1]}

    source = "".join(f"X{axis} = {value:.4f}  # tune: 0.0..1.0\n" for axis, value in enumerate(start))
    return Lab({"p.py": source.encode()}, named, seed=seed)


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_the_default_is_the_best_in_ten_proposals() -> None:
    totals = dict.fromkeys(SEARCHES, 0.0)
    for kind in KINDS:
        for n in (5, 9):
            cells = []
            for search in SEARCHES:
                gains = []
                for seed in range(SEEDS):
                    lab, proposer = make_lab(kind, n, seed), make_numeric(search)
                    lab.play(proposer, 10)
                    gains.append([lab.gain])
                    lab.play(proposer, 20)
                    gains[-1].append(lab.gain)
                few, many = np.median(gains, axis=0) * 100
                totals[search] += few
                cells.append(f"{search} {few:4.1f} / {many:4.1f}")
            sys.stdout.write(f"{kind}, {n}: {'  '.join(cells)}\n")
    assert max(totals, key=lambda search: totals[search]) == "surface"
