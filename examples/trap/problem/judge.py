"""Asks a candidate for the digest of a list of numbers, and times it from outside."""

import random

from selfwright import InvalidCandidate

COUNT = 40_000


def cases(stage):
    """Return the one case."""
    return ["list"]


def measure(candidate, case):
    """Return how long the candidate took, if it is right."""
    numbers = random.Random(case.seed).choices(range(1000), k=COUNT)
    outcome = candidate.call("digest", numbers)
    if outcome.value != expected(numbers):
        raise InvalidCandidate("it is not the digest of the list")
    return {"seconds": outcome.wall_s}


def expected(numbers):
    """Return the right digest."""
    total = 0
    for number in numbers:
        total = (total * 31 + number * number) % 1_000_003
        total = total ^ (number // 7) ^ (total >> 5)
    return [total, len(numbers)]
