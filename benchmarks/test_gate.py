"""The gate on a simulated machine: what luck gets past it, how many pairs it needs, and what racing saves."""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import pytest

from benchmarks.gate import ADOPT, NOISES, Numbers, Paths, differences, log_e, noise
from selfwright.core.metric import Effect, Metric, Objective
from selfwright.core.verdict import Decision, Verdict
from selfwright.gate.pairs import Pair, Weighed, judge_pairs, threshold
from selfwright.gate.race import MEMORY, goes_on, holds_on, hope

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

TIME = Metric(name="time_s", unit="s", noisy=True)
ONE_PERCENT = Objective(metric="time_s", minimum_effect=Effect.parse("1 %"))
RUNS, NULLS, MOST = 2000, 60, 200
NEEDED = threshold(1, 0)

# ------------------------------------------------------------------------------------------------------ null candidates


def test_null_candidates():
    """Runs of 60 candidates that are no better: in how many is one adopted?"""
    print(f"\nFalse adoptions: {RUNS} runs of {NULLS} null candidates; share of the runs with one, 99 % upper bound")
    ways = {"plain >": plain, "mean of 5": mean_of_five, "band + confirmation": band, "Selfwright": gate}
    print(f"{'':15}" + "".join(f"{way:>22}" for way in ways))
    for number, kind in enumerate(NOISES):
        cells = []
        for adopts in ways.values():
            rng = np.random.default_rng((number, 1))
            fooled = int(np.count_nonzero(adopts(kind, rng)))
            cells.append(f"{fooled / RUNS:.2%}, <= {upper_bound(fooled, RUNS):.2%}")
        print(f"{kind:15}" + "".join(f"{cell:>22}" for cell in cells), flush=True)
        assert adopts is gate and upper_bound(fooled, RUNS) <= 0.05


def plain(kind: str, rng: np.random.Generator) -> Numbers:
    """Adopt what was faster, once, than what the best took, once."""
    return _climbs(noise(kind, NULLS + 1, RUNS, rng))


def mean_of_five(kind: str, rng: np.random.Generator) -> Numbers:
    """Adopt what was faster in the mean of five."""
    return _climbs(noise(kind, 5 * (NULLS + 1), RUNS, rng).reshape(NULLS + 1, 5, RUNS).mean(axis=1))


def _climbs(times: Numbers) -> Numbers:
    """Return in which runs any candidate was below the seed, which is first: the best so far never gets slower."""
    return (times[1:] < times[0]).any(axis=0)


def band(kind: str, rng: np.random.Generator) -> Numbers:
    """Adopt what is faster than ten runs of the seed by twice their spread, and is so again in a second run."""
    times = noise(kind, 10 + 2 * NULLS, RUNS, rng)
    bar = times[:10].mean(axis=0) - 2 * times[:10].std(axis=0, ddof=1)
    twice = times[10:].reshape(NULLS, 2, RUNS) < bar
    return twice.all(axis=1).any(axis=0)


def gate(kind: str, rng: np.random.Generator) -> Numbers:
    """Adopt what the gate adopts. Only where E gets so far is it asked; racing, which stops earlier, is left out."""
    fooled = np.zeros(RUNS, dtype=bool)
    for run in range(0, RUNS, 50):
        found = differences(kind, 0.0, MOST, 50 * NULLS, rng)
        for column in np.flatnonzero((log_e(found) >= math.log(NEEDED)).any(axis=0)):
            verdict, _ = compare(found[:, column], lambda weighed: True)
            fooled[run + column // NULLS] |= verdict.decision is Decision.ADOPT
    return fooled


def upper_bound(hits: int, tries: int, error: float = 0.01) -> float:
    """Return the bound that holds a rate in 99 of 100 cases (Clopper and Pearson 1934)."""
    low, high = hits / tries, 1.0
    while high - low > 1e-7:
        rate = (low + high) / 2
        logs = [
            math.lgamma(tries + 1) - math.lgamma(k + 1) - math.lgamma(tries - k + 1)
            + k * math.log(rate) + (tries - k) * math.log1p(-rate)
            for k in range(hits + 1)
        ] if hits < tries else [0.0]  # fmt: skip
        low, high = (rate, high) if math.fsum(map(math.exp, logs)) > error else (low, rate)
    return high


# ---------------------------------------------------------------------------------------------------------------- power


def test_power():
    """Pairs until E of 8,000, at a minimum effect of 1 %; and until what is slower is rejected."""
    print(f"\nPairs until E >= {NEEDED:,.0f} (median / 90 %), and until 10 % slower is rejected")
    print(f"{'':15}{'2 %':>12}{'5 %':>12}{'10 %':>12}{'10 % slower':>14}{'within 10':>12}")
    for number, kind in enumerate(NOISES):
        rng, cells = np.random.default_rng((number, 2)), {}
        for gain, most in ((0.02, 450), (0.05, 200), (0.10, 100)):
            decision, pairs = Paths.of(differences(kind, gain, most, 2000, rng)).decide(NEEDED)
            cells[gain] = _quantiles(np.where(decision == ADOPT, pairs, math.inf))
        decision, slower = Paths.of(differences(kind, -0.10, 60, 2000, rng)).decide(NEEDED)
        within = float(np.mean((decision != ADOPT) & (slower <= 10)))
        shown = [f"{middle:.0f} / {late:.0f}" for middle, late in (*cells.values(), _quantiles(slower))]
        print(f"{kind:15}{shown[0]:>12}{shown[1]:>12}{shown[2]:>12}{shown[3]:>14}{within:>11.1%}", flush=True)
        if kind == "iid":
            assert cells[0.02][0] <= 108 and cells[0.02][1] <= 195
            assert cells[0.10][1] <= 21
            assert within >= 0.9


def _quantiles(pairs: Numbers) -> tuple[float, float]:
    return float(np.median(pairs)), float(np.quantile(pairs, 0.9, method="higher"))


# --------------------------------------------------------------------------------------------------------------- racing

SETS = 100
EFFECTS = np.repeat([0.0, -0.05, -0.10, 0.05], [45, 6, 6, 3])


def test_racing():
    """60 candidates: 45 no better, 12 slower by 5 or 10 %, 3 faster by 5 %; each decided, or raced."""
    print(f"\nRacing: {SETS} times 60 candidates; pairs a time")
    print(f"{'':15}{'deciding each':>15}{'racing':>10}{'share':>8}{'gains adopted':>15}{'parked':>8}{'false':>7}")
    for number, kind in enumerate(NOISES):
        rng = np.random.default_rng((number, 3))
        found = differences(kind, 0.0, MOST, SETS * len(EFFECTS), rng) + np.tile(EFFECTS, SETS)
        _, each = Paths.of(found).decide(NEEDED)
        verdicts, spent = [], 0
        for start in range(0, found.shape[1], len(EFFECTS)):
            for effect, verdict, weighed, _ in race(found[:, start : start + len(EFFECTS)], EFFECTS, rng):
                verdicts.append((effect > 0, verdict.decision))
                spent += weighed.tried
        adopted, lost, false = (
            verdicts.count(what) for what in ((True, Decision.ADOPT), (True, Decision.REJECT), (False, Decision.ADOPT))
        )
        gains, share = int(SETS * (EFFECTS > 0).sum()), spent / each.sum()
        print(
            f"{kind:15}{each.sum() / SETS:>15,.0f}{spent / SETS:>10,.0f}{share:>8.1%}{f'{adopted} of {gains}':>15}"
            f"{gains - adopted - lost:>8}{false:>7}", flush=True,
        )  # fmt: skip
        assert share <= 0.15
        assert lost == 0 and adopted >= 0.98 * gains


def race(found: Numbers, effects: Numbers, rng: np.random.Generator) -> Iterator[tuple[float, Verdict, Weighed, int]]:
    """Yield (effect, verdict, pairs, column) of candidates that come in any order, each as the loop compares it."""
    before: list[Weighed] = []
    for column in rng.permutation(found.shape[1]):
        verdict, weighed = compare(found[:, column], lambda weighed: goes_on(weighed, before[-MEMORY:]))
        before.append(weighed)
        yield float(effects[column]), verdict, weighed, column


LITTLE = np.repeat([0.0, -0.05, -0.10, 0.02, 0.05], [42, 6, 6, 3, 3])


def test_resuming():
    """60 candidates: 42 no better, 12 slower, 3 faster by 2 %, 3 by 5 %; raced, then what is parked is resumed."""
    print(f"\nResuming: {SETS} times 60 candidates; pairs a time; gains adopted by racing, then once resumed")
    print(f"{'':15}{'racing':>8}{'resumed':>10}{'of it for gains':>17}{'2 %':>18}{'5 %':>18}{'false':>7}")
    for number, kind in enumerate(NOISES):
        rng = np.random.default_rng((number, 4))
        adopted: Counter[tuple[float, str]] = Counter()
        spent: Counter[str] = Counter()
        for _ in range(SETS):
            found = differences(kind, 0.0, MOST, len(LITTLE), rng) + LITTLE
            for effect, verdict, weighed, column in list(race(found, LITTLE, rng)):
                spent["racing"] += (tried := weighed.tried)
                adopted[effect, "racing"] += verdict.decision is Decision.ADOPT
                if verdict.decision is not Decision.INDECISIVE or tried >= MOST or hope(weighed) < 0:
                    continue
                further, weighed_on = compare(found[:, column], holds_on, weighed)
                spent["resumed"] += weighed_on.tried - tried
                spent["gains"] += (weighed_on.tried - tried) * (effect > 0)
                adopted[effect, "resumed"] += further.decision is Decision.ADOPT
        gains = {
            effect: (adopted[effect, "racing"], adopted[effect, "racing"] + adopted[effect, "resumed"])
            for effect in (0.02, 0.05)
        }
        false = sum(count for (effect, _), count in adopted.items() if effect <= 0)
        told = [f"{before}, {after} of {3 * SETS}" for before, after in gains.values()]
        print(
            f"{kind:15}{spent['racing'] / SETS:>8,.0f}{spent['resumed'] / SETS:>10,.0f}"
            f"{spent['gains'] / spent['resumed']:>17.0%}{told[0]:>18}{told[1]:>18}{false:>7}", flush=True,
        )  # fmt: skip
        assert spent["resumed"] <= 0.7 * spent["racing"]
        assert gains[0.02][1] >= 1.5 * gains[0.02][0]


def compare(
    column: Numbers, going: Callable[[Weighed], bool], weighed: Weighed | None = None
) -> tuple[Verdict, Weighed]:
    """Return the gate's verdict on log ratios, pair by pair, and what it knew then.

    Args:
        weighed: The pairs so far, where it is resumed.
    """
    weighed = weighed or Weighed(TIME, ONE_PERCENT)
    for tried in count(weighed.tried + 1):
        weighed.add(Pair(candidate=math.exp(-column[tried - 1]), incumbent=1.0))
        most = MOST if going(weighed) else tried
        verdict = judge_pairs(weighed, needed=NEEDED, max_pairs=most, name="v1")
        if verdict is not None:
            return verdict, weighed
    raise AssertionError("at the bound there is a verdict")
