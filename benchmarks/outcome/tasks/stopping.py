"""A noisy score: when to take an offer. Each measurement draws 60 rows of offers of its own."""

from benchmarks.outcome.task import Task, variants

CORE = """\
import math
import random

CASES = ["all"]


def value(call, case, seed):
    levels = call("levels", 12)
    if type(levels) is not list or len(levels) != 12 or not all(type(each) in (int, float) for each in levels):
        raise Wrong("levels must return 12 numbers")
    chance, taken = random.Random(seed), 0.0
    for _ in range(60):
        offers = [chance.random() for _ in range(12)]
        taken += next((offer for offer, level in zip(offers, levels) if offer >= level), offers[-1])
    return taken / 60
"""
SEED = """\
START = 0.5  # tune: 0.1..0.99
FALL = 0.0  # tune: 0..1
POWER = 1.0  # tune: 0.3..6


def levels(count):
    return [START - FALL * (n / (count - 1)) ** POWER for n in range(count)]
"""
TEXTS = (
    *variants(
        SEED,
        *({"START = 0.5": f"START = {start}"} for start in (0.3, 0.6, 0.7, 0.8, 0.9, 0.95)),
        *({"START = 0.5": f"START = {start}", "FALL = 0.0": f"FALL = {fall}"}
          for start, fall in ((0.7, 0.2), (0.8, 0.3), (0.85, 0.3), (0.9, 0.2), (0.9, 0.5), (0.95, 0.6))),
        *({"START = 0.5": "START = 0.87", "FALL = 0.0": "FALL = 0.6", "POWER = 1.0": f"POWER = {power}"}
          for power in (2.0, 3.0, 5.0)),
        {"range(count)]": "range(count - 1)]"},
    ),
    "def levels(count):\n    return [0.63] * count\n",
    "def levels(count):\n    return [1.1] * (count // 3) + [0.8] * (count - count // 3)\n",
    "def levels(count):\n    found = [0.0]\n    while len(found) < count:\n"
    "        found.append((1 + found[-1] ** 2) / 2)\n    return found[::-1]\n",
    "def levels(count):\n    return [1 - 1 / (count - n + 1) for n in range(count)]\n",
)  # fmt: skip
TASK = Task(
    name="stopping", description="Say for each of 12 offers the least that is taken; value is what is got on average.",
    core=CORE, seed=SEED, texts=TEXTS, evaluations=240, better="higher", noisy=True, effect="1 %", tunable=True,
)  # fmt: skip
