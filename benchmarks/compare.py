"""What the two-sided gate answers on simulated pairs: `python -m benchmarks.compare`, about a minute."""

import math
import random
from collections import Counter

from selfwright.core.metric import Effect, Metric
from selfwright.gate.pairs import Pair
from selfwright.gate.two_sided import Answer, TwoSided

RUNS = 100
MOST = 200
KINDS = ("iid", "bursts", "drift", "heavy tails")
SHIFTS = (0.10, 0.05, 0.02, 0.01, 0.0, -0.10)


def one(shift: float, kind: str, seed: int) -> tuple[TwoSided, int]:
    """Compare until decided; B's log time is less by ``shift``. Return the gate and the number of pairs."""
    rng, gate = random.Random(seed), TwoSided(Metric(name="time", noisy=True), Effect.parse("1 %"))
    for pair in range(MOST):
        logs = [_noise(rng, kind, 2 * pair + place) for place in range(2)]
        a, b = logs if rng.random() < 0.5 else logs[::-1]
        gate.add(Pair(incumbent=math.exp(a), candidate=math.exp(b - shift)))
        if gate.answer is not Answer.UNDECIDED:
            return gate, pair + 1
    return gate, MOST


def _noise(rng: random.Random, kind: str, run: int) -> float:
    if kind == "heavy tails":  # Student's t with two degrees of freedom
        return 0.02 * rng.gauss(0, 1) / math.sqrt(rng.expovariate(1))
    burst = 0.22 if kind == "bursts" and rng.random() < 0.1 else 0.0
    return rng.gauss(0, 0.03) + burst + (0.002 * run if kind == "drift" else 0.0)


if __name__ == "__main__":
    for kind in KINDS:
        for shift in SHIFTS:
            found = [one(shift, kind, seed) for seed in range(RUNS)]
            pairs = sorted(count for _, count in found)
            truth = -math.expm1(-shift)
            gains = [gain for gate, _ in found[:40] if (gain := gate.gain())]
            held = sum(gain.low <= truth <= gain.high for gain in gains)
            answers = ", ".join(
                f"{count} {answer}" for answer, count in Counter(g.answer for g, _ in found).most_common()
            )
            words = f"{kind:12} {shift:6.0%}  {answers:40} pairs {pairs[RUNS // 2]} / {pairs[int(RUNS * 0.9)]}"
            print(f"{words}, interval held {held} of {len(gains)}", flush=True)
