"""Packs 26 circles into the unit square."""

COUNT = 26


def pack(seed):
    """Return (x, y, radius) of each circle: equal ones, on a grid of six by six that is not full."""
    places = [((column + 0.5) / 6, (row + 0.5) / 6) for row in range(6) for column in range(6)]
    return [(x, y, 1 / 12 - 1e-9) for x, y in places[:COUNT]]
