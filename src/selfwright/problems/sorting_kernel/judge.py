"""Times one call on a list that is new each time, and compares what comes back with what is right."""

import random

from selfwright import InvalidCandidate

SIZE = 4000


def cases(stage):
    """Return the one case of a stage: each measurement has all kinds of lists in it."""
    return ["mixed"]


def measure(candidate, case):
    """Sort a list of each kind in one process; their times are one sample, the sum."""
    draw = random.Random(f"{case.stage.name} {case.seed}")
    total_s = 0.0
    with candidate.session() as session:
        session.call("sort", [3, 1, 2]).value  # the first call of a process has more to do
        for kind in (_random, _nearly_sorted, _few_values, _reversed_parts):
            values = kind(draw)
            outcome = session.call("sort", values)
            _check(kind.__name__.strip("_").replace("_", " "), values, outcome.value)
            total_s += outcome.wall_s
    return {"sort_s": total_s}


def _check(kind, values, got):
    wanted = sorted(values)
    if not isinstance(got, list) or not all(type(value) is int for value in got):
        raise InvalidCandidate(f"{kind}: expected a list of integers, got {type(got).__name__}")
    if len(got) != len(wanted):
        raise InvalidCandidate(f"{kind}: expected {len(wanted)} values, got {len(got)}")
    wrong = next((place for place, (a, b) in enumerate(zip(got, wanted)) if a != b), None)
    if wrong is not None:
        raise InvalidCandidate(f"{kind}: at place {wrong} expected {wanted[wrong]}, got {got[wrong]}")


def _random(draw):
    return [draw.randrange(1_000_000) for _ in range(SIZE)]


def _nearly_sorted(draw):
    values = sorted(_random(draw))
    for _ in range(SIZE // 50):
        a, b = draw.randrange(SIZE), draw.randrange(SIZE)
        values[a], values[b] = values[b], values[a]
    return values


def _few_values(draw):
    few = [draw.randrange(1_000_000) for _ in range(16)]
    return draw.choices(few, k=SIZE)


def _reversed_parts(draw):
    values = sorted(_random(draw))
    cut = draw.randrange(SIZE // 4, SIZE // 2)
    return values[:cut][::-1] + values[cut:][::-1]
