"""A deterministic objective of many cases: where is the middle of points, of which some are wrong?"""

from benchmarks.outcome.task import Task

CORE = """\
import math
import random

CASES = ["clean", "few", "many", "one side", "heavy", "small", "two", "rounded"]


def value(call, case, seed):
    chance, rows, middles = random.Random(case), [], []
    for number in range(12):
        middle = chance.uniform(-5, 5)
        count = 9 if case == "small" else 41
        points = [middle + chance.gauss(0, 1) for _ in range(count)]
        wrong = {"few": 0.1, "many": 0.35, "one side": 0.25, "two": 0.2}.get(case, 0.0)
        for index in range(int(wrong * count)):
            points[index] = middle + (chance.uniform(3, 20) if case == "one side" else chance.gauss(0, 15))
        if case == "heavy":
            points = [middle + chance.gauss(0, 1) / math.sqrt(chance.expovariate(1)) for _ in points]
        if case == "rounded":
            points = [float(round(point)) for point in points]
        chance.shuffle(points)
        rows.append(points)
        middles.append(middle)
    found = call("each", rows)
    if not all(type(one) in (int, float) and math.isfinite(one) for one in found):
        raise Wrong(f"{case}: middle must return a finite number")
    return 0.001 + sum(abs(one - middle) for one, middle in zip(found, middles)) / len(rows)
"""
EACH = "\n\ndef each(rows):\n    return [middle(row) for row in rows]\n"
SEED = """\
CUT = 0.0  # tune: 0..0.49
PULL = 0.0  # tune: 0..1


def middle(points):
    ordered = sorted(points)
    cut = int(CUT * len(ordered))
    kept = ordered[cut:len(ordered) - cut]
    return PULL * ordered[len(ordered) // 2] + (1 - PULL) * sum(kept) / len(kept)
"""
STEPS = """\
def middle(points):
    ordered = sorted(points)
    found = ordered[len(ordered) // 2]
    scale = sorted(abs(point - found) for point in points)[len(points) // 2] or 1e-9
    for _ in range({rounds}):
        weights = [{weight} for point in points]
        total = sum(weights)
        if total:
            found = sum(w * point for w, point in zip(weights, points)) / total
    return found
"""
OTHER = (
    "def middle(points):\n    return 0.0\n",
    "def middle(points):\n    return (min(points) + max(points)) / 2\n",
    "def middle(points):\n    return sorted(points)[len(points) // 3]\n",
    "import statistics\n\n\ndef middle(points):\n    return statistics.median(points)\n",
    "import statistics\n\n\ndef middle(points):\n    return statistics.mode(points)\n",
    "def middle(points):\n    return sorted(points)[len(points)]\n",
    "def middle(points):\n    return float('nan')\n",
    "def middle(points):\n    s = sorted(points)\n"
    "    m = [(s[i] + s[j]) / 2 for i in range(len(s)) for j in range(i, len(s))]\n"
    "    return sorted(m)[len(m) // 2]\n",
)
TEXTS = (
    *(SEED.replace("CUT = 0.0", f"CUT = {cut}") for cut in (0.05, 0.1, 0.2, 0.3, 0.4)),
    *(SEED.replace("PULL = 0.0", f"PULL = {pull}") for pull in (0.5, 0.9)),
    *(STEPS.format(rounds=rounds, weight=f"max(0.0, 1 - ((point - found) / ({wide} * scale)) ** 2) ** 2")
      for rounds, wide in ((1, 4), (5, 4), (10, 6), (10, 9))),
    *(STEPS.format(rounds=10, weight=f"min(1.0, {wide} * scale / max(1e-9, abs(point - found)))")
      for wide in (1.0, 2.0)),
    *OTHER,
)  # fmt: skip
TASK = Task(
    name="location", description="Find the middle of points of which some are wrong; value is the mean error.",
    core=CORE, seed=SEED + EACH, texts=tuple(text + EACH for text in TEXTS), tunable=True,
)  # fmt: skip
