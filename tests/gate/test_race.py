"""Racing: what is no better is parked early, what is better or worse is decided, whatever came before."""

import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from pytest import approx

from selfwright.core.metric import Effect, Metric, Objective
from selfwright.core.verdict import Decision, Verdict
from selfwright.gate.pairs import Pair, Weighed, judge_pairs
from selfwright.gate.race import FEW, GLANCE, goes_on, holds_on, hope, promise

TIME = Metric(name="time_s", unit="s", noisy=True)
ONE_PERCENT = Objective(metric="time_s", minimum_effect=Effect.parse("1 %"))


def raced(
    gain: float, seed: int, *, noise: float = 0.042, before: Sequence[Weighed] = (), cases: str = "a"
) -> tuple[Verdict, Weighed]:
    """Compare as the loop does; ``noise`` is that of a pair's log ratio."""
    rng, weighed = random.Random(seed), Weighed(TIME, ONE_PERCENT)
    while True:
        case = cases[weighed.tried % len(cases)]
        weighed.add(Pair(candidate=math.exp(-rng.gauss(gain, noise)), incumbent=1.0, case=case))
        most = 200 if goes_on(weighed, before) else weighed.tried
        verdict = judge_pairs(weighed, needed=8000.0, max_pairs=most, name="v1")
        if verdict is not None:
            return verdict, weighed


def test_what_is_no_better_is_parked_after_a_few_pairs_and_keeps_its_evidence():
    found = [raced(0.0, seed) for seed in range(60)]
    counts = [verdict.pairs for verdict, _ in found]
    assert min(counts) >= FEW and sum(counts) / len(counts) < 20
    parked = [(verdict, weighed) for verdict, weighed in found if verdict.decision is Decision.INDECISIVE]
    assert len(parked) >= 50
    assert all(verdict.sentence.startswith("parked: time_s ") for verdict, _ in parked)
    assert all(verdict.evidence == weighed.better for verdict, weighed in parked)


def test_what_is_better_is_not_parked_and_what_is_worse_is_rejected():
    better = [raced(0.06, seed)[0].decision for seed in range(60)]
    assert better.count(Decision.ADOPT) >= 59
    slower = [raced(-0.10, seed)[0] for seed in range(60)]
    assert [verdict.decision for verdict in slower].count(Decision.REJECT) >= 58
    assert sum(verdict.pairs <= 10 for verdict in slower) >= 54


def test_what_is_far_behind_is_parked_at_a_glance_once_the_noise_is_known():
    before = [raced(0.0, seed)[1] for seed in range(7)]
    for seed in range(20):
        verdict, weighed = raced(-0.5, seed, before=before)
        assert (verdict.decision, verdict.pairs) == (Decision.INDECISIVE, GLANCE)
        assert hope(weighed) < 0  # and is never resumed
    assert raced(-0.5, 0)[0].decision is Decision.REJECT  # nothing is known of the noise
    in_two = [raced(0.0, seed, cases="ab")[1] for seed in range(7)]
    one_case = Weighed(TIME, ONE_PERCENT, [Pair(candidate=2.0, incumbent=1.0, case="a")] * GLANCE)
    assert goes_on(one_case, in_two)  # the other case may make up for it
    assert raced(-0.5, 0, cases="ab", before=in_two)[0].pairs == 2


def test_one_burst_in_two_pairs_does_not_end_a_comparison():
    before = [raced(0.0, seed)[1] for seed in range(7)]
    pairs = [Pair(candidate=2.0, incumbent=1.0), Pair(candidate=0.97, incumbent=1.0)]
    assert goes_on(Weighed(TIME, ONE_PERCENT, [replace(pair, case="a") for pair in pairs]), before)


def test_what_measured_the_same_does_not_make_the_machine_look_quiet():
    same = Weighed(TIME, ONE_PERCENT, [Pair(candidate=1.0, incumbent=1.0, case="a")] * 9)
    slower = Weighed(TIME, ONE_PERCENT, [Pair(candidate=1.03, incumbent=1.0, case="a")] * GLANCE)
    assert goes_on(slower, [same] * 5) and goes_on(slower, [*[same] * 5, raced(0.0, 1)[1]])


def test_a_great_gain_before_does_not_make_the_machine_look_noisy():
    """The noise is what a comparison strays from its own gain by."""
    giants = [raced(1.0, seed)[1] for seed in range(7)]
    alone, after = raced(0.06, 70)[0], raced(0.06, 70, before=giants)[0]
    assert alone.decision is after.decision is Decision.ADOPT
    assert alone.pairs == after.pairs


def test_the_noise_is_known_from_the_comparisons_before():
    """Its own first six pairs agree by chance, so that it looks quiet and hopeless; beside others it does not."""
    weighed = Weighed(TIME, ONE_PERCENT)
    for difference in (-0.020, -0.021, -0.019, -0.020, -0.021, -0.019):
        weighed.add(Pair(candidate=math.exp(-difference), incumbent=1.0, case="a"))
    loud = [raced(0.0, seed, noise=0.2)[1] for seed in range(7)]
    quiet = [raced(0.0, seed, noise=0.025)[1] for seed in range(7)]
    assert promise(weighed, loud) > -4.0 > promise(weighed, quiet)


def test_a_burst_is_no_reason_to_park():
    rng = random.Random(3)
    first = [Pair(candidate=math.exp(-rng.gauss(0.05, 0.03)), incumbent=1.0) for _ in range(12)]

    def after(loss: float) -> float:
        return promise(Weighed(TIME, ONE_PERCENT, [*first, *[Pair(candidate=math.exp(loss), incumbent=1.0)] * 3]))

    assert after(0.3) > after(0.06) + 1.5


def test_cases_have_noise_of_their_own():
    verdicts = [raced(0.06, seed, cases="abc")[0] for seed in range(20)]
    assert [verdict.decision for verdict in verdicts].count(Decision.ADOPT) >= 19
    nulls = [raced(0.0, seed, cases="abcdefghijkl")[0].pairs for seed in range(40)]
    assert sum(nulls) / len(nulls) < 25


def test_without_any_noise_nothing_is_parked_before_it_is_decided():
    for gain, decision in ((0.03, Decision.ADOPT), (0.0, Decision.REJECT), (-0.03, Decision.REJECT)):
        assert raced(gain, 1, noise=0.0)[0].decision is decision
    weighed = Weighed(TIME, Objective(metric="time_s"), [Pair(candidate=1.0, incumbent=1.0)] * 20)
    assert promise(weighed) == 0.0
    assert promise(Weighed(TIME, ONE_PERCENT, [None] * 9)) == 0.0


def seen(*differences: float) -> Weighed:
    return Weighed(TIME, ONE_PERCENT, [Pair(candidate=math.exp(-each), incumbent=1.0) for each in differences])


def test_a_parked_comparison_promises_what_its_median_pair_shows_beyond_the_minimum_effect():
    weighed = seen(-0.5, 0.03, 0.9)
    assert hope(weighed) == approx(0.03 - weighed.wanted)
    assert hope(weighed, since=0.05) == approx(0.03 - weighed.wanted - 0.05)
    assert hope(seen(0.011)) > 0 > hope(seen(0.009))


def test_what_had_no_turn_promises_most_and_what_never_ran_beside_the_incumbent_nothing():
    assert hope(seen()) == math.inf
    assert hope(Weighed(TIME, ONE_PERCENT, [None] * 9)) == -math.inf
    assert not holds_on(Weighed(TIME, ONE_PERCENT, [None] * 9))


def test_what_was_resumed_holds_on_while_it_is_nearer_to_a_gain_than_to_none():
    assert holds_on(seen(0.006)) and not holds_on(seen(0.004))
    assert not holds_on(seen(0.02, 0.004, -0.3))


def test_resuming_finds_little_gains_that_racing_parked_and_takes_few_pairs_for_what_is_no_better():
    found: dict[float, list[tuple[Decision, int]]] = {0.0: [], 0.02: []}
    for gain, seed in itertools.product(found, range(100)):
        verdict, weighed = raced(gain, seed)
        if verdict.decision is Decision.INDECISIVE and weighed.tried < 200 and hope(weighed) >= 0:
            before, rng = weighed.tried, random.Random(seed + 1000)
            while verdict.decision is Decision.INDECISIVE and weighed.tried < 200 and holds_on(weighed):
                weighed.add(Pair(candidate=math.exp(-rng.gauss(gain, 0.042)), incumbent=1.0, case="a"))
                verdict = judge_pairs(weighed, needed=8000.0, max_pairs=1, name="v1") or verdict
            found[gain].append((verdict.decision, weighed.tried - before))
    adopted = [decision for decision, _ in found[0.02]].count(Decision.ADOPT)
    assert adopted >= 20 and adopted >= 0.6 * len(found[0.02])
    assert Decision.ADOPT not in [decision for decision, _ in found[0.0]]
    assert len(found[0.0]) < 25 and median(pairs for _, pairs in found[0.0]) < 40
