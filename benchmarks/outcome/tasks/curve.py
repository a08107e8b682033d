"""A deterministic numeric objective: the error of a curve whose shape and constants are proposed."""

from benchmarks.outcome.task import Task, variants

CORE = """\
import math

CASES = ["all"]
XS = [i / 10 for i in range(60)]


def value(call, case, seed):
    ys = call("predict", list(XS))
    if type(ys) is not list or len(ys) != len(XS) or not all(type(y) is float and math.isfinite(y) for y in ys):
        raise Wrong("predict must return a finite float for each x")
    truth = [3.1 * math.exp(-0.35 * x) * math.cos(2.2 * x + 0.4) + 0.2 * x for x in XS]
    return 1e-6 + math.sqrt(sum((y - t) ** 2 for y, t in zip(ys, truth)) / len(XS))
"""
SEED = """\
import math

HEIGHT = 2.0  # tune: 0.5..5
DECAY = 0.1  # tune: 0..1
SPEED = 1.5  # tune: 0.5..4
SHIFT = 0.0  # tune: -1..1
SLOPE = 0.0  # tune: -1..1


def predict(xs):
    return [HEIGHT * math.exp(-DECAY * x) * math.cos(SPEED * x + SHIFT) + SLOPE * x for x in xs]
"""
TEXTS = (
    *variants(
        SEED,
        *({"SLOPE = 0.0": f"SLOPE = {slope}"} for slope in (0.1, 0.3, -0.2)),
        *({"SPEED = 1.5": f"SPEED = {speed}"} for speed in (1.0, 2.0, 2.6)),
        *({"SPEED = 1.5": "SPEED = 2.1", "DECAY = 0.1": f"DECAY = {decay}"} for decay in (0.2, 0.4, 0.8)),
        *({"SPEED = 1.5": "SPEED = 2.2", "DECAY = 0.1": "DECAY = 0.3", "SLOPE = 0.0": f"SLOPE = {slope}"}
          for slope in (0.15, 0.21)),
        {"SPEED = 1.5": "SPEED = 2.2", "DECAY = 0.1": "DECAY = 0.3", "SLOPE = 0.0": "SLOPE = 0.2",
         "SHIFT = 0.0": "SHIFT = 0.4"},
        {"SPEED = 1.5": "SPEED = 2.2", "DECAY = 0.1": "DECAY = 0.35", "SLOPE = 0.0": "SLOPE = 0.2",
         "SHIFT = 0.0": "SHIFT = 0.4", "HEIGHT = 2.0": "HEIGHT = 3.0"},
        {"HEIGHT * math.exp(-DECAY * x) * math.cos(SPEED * x + SHIFT) + SLOPE * x": "0.2 * x"},
        {"math.cos": "math.sin"}, {"math.exp(-DECAY * x)": "1 / (1 + DECAY * x)"},
        {"SLOPE * x": "SLOPE * x * x", "SLOPE = 0.0": "SLOPE = 0.03"},
        {"for x in xs]": "for x in xs[1:]]"}, {"math.exp(-DECAY": "math.exp(DECAY / 0"}, {"return [": "return ["[:-1]},
    ),
)  # fmt: skip
TASK = Task(
    name="curve", description="Predict a damped oscillation with a trend; value is the error.", core=CORE, seed=SEED,
    texts=TEXTS, tunable=True,
)  # fmt: skip
