"""Adds up radii of circles that do not overlap: each float is the rational number that it is."""

import math
from fractions import Fraction

from selfwright import InvalidCandidate, Report

COUNT = 26
SEEDS = (1, 2, 3, 4)


def evaluate(candidate, stage):
    """Return the best of four packings, each of which must be right; it is kept as ``packing.csv``."""
    outcomes = candidate.map("pack", SEEDS)
    packings = [_checked(seed, outcome.value) for seed, outcome in zip(SEEDS, outcomes)]
    sums = [total(packing) for packing in packings]
    best = max(range(len(SEEDS)), key=sums.__getitem__)
    rows = "".join(f"{x!r},{y!r},{radius!r}\n" for x, y, radius in packings[best])
    said = "\n".join(f"pack({seed}): {value:.9f}" for seed, value in zip(SEEDS, sums))
    return Report(
        {"sum_of_radii": sums[best]}, feedback=said, artifacts={"packing.csv": f"x,y,radius\n{rows}".encode()}
    )


def total(packing):
    """Return the largest float that is not above the sum of the radii."""
    exact = sum(Fraction(radius) for _, _, radius in packing)
    near = float(exact)
    return near if Fraction(near) <= exact else math.nextafter(near, 0)


def check(packing):
    """Refuse what is no packing of 26 circles into the unit square.

    Circles may touch: two of them where the square of the sum of their radii is at most that of their distance.

    Raises:
        InvalidCandidate: It says which circle, or which two.
    """
    _check_form(packing)
    exact = [tuple(map(Fraction, circle)) for circle in packing]
    for number, (x, y, radius) in enumerate(exact):
        if radius > min(x, y, 1 - x, 1 - y):
            raise InvalidCandidate(f"circle {number} is not inside the square: {packing[number]}")
        for other, (x2, y2, radius2) in enumerate(exact[:number]):
            reach, distance_squared = radius + radius2, (x - x2) ** 2 + (y - y2) ** 2
            if reach**2 > distance_squared:
                deep = float(reach**2 - distance_squared) / (float(reach) + math.sqrt(distance_squared))
                raise InvalidCandidate(f"circles {other} and {number} overlap by {deep:.3g}")


def _checked(seed, packing):
    try:
        check(packing)
    except InvalidCandidate as error:
        raise InvalidCandidate(f"pack({seed}): {error}") from error
    return packing


def _check_form(packing):
    if not isinstance(packing, (list, tuple)) or len(packing) != COUNT:
        got = f"{len(packing)} of them" if isinstance(packing, (list, tuple)) else type(packing).__name__
        raise InvalidCandidate(f"expected a list of {COUNT} circles, got {got}")
    for number, circle in enumerate(packing):
        if not isinstance(circle, (list, tuple)) or len(circle) != 3 or any(type(part) is not float for part in circle):
            raise InvalidCandidate(f"circle {number}: expected (x, y, radius), three floats")
        if not all(map(math.isfinite, circle)) or circle[2] <= 0:
            raise InvalidCandidate(f"circle {number}: expected finite numbers and a positive radius, got {circle}")
