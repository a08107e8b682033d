"""From readings to numbers; two runs that agree to the bit, and one holdout."""

from selfwright.core.metric import Aggregate, Better, Condition, Effect, Metric, Objective
from selfwright.core.trial import Reading
from selfwright.gate.holdout import FAILS, WORSE, objection
from selfwright.gate.summary import disagreement, summarise

RATE = Metric(name="rate")
TIME = Metric(name="time", noisy=True)
QUALITY = Metric(name="quality", better=Better.HIGHER, aggregate=Aggregate.WORST)
METRICS = (RATE, TIME, QUALITY)


def reading(case: str, rate: float, quality: float = 40.0, time: float = 1.0) -> Reading:
    return Reading(case=case, metrics={"rate": (rate,), "time": (time,), "quality": (quality,)})


def test_aggregates_follow_their_declaration():
    found = summarise(METRICS, [reading("a", 1.0, 40), reading("b", 3.0, 31)])
    assert found == {"rate": 2.0, "time": 1.0, "quality": 31.0}


def test_repeats_count_by_their_median():
    assert summarise((TIME,), [Reading(case="", metrics={"time": (9.0, 1.0, 2.0)})]) == {"time": 2.0}


def test_two_runs_must_agree_to_the_bit_unless_declared_noisy():
    first = [reading("a", 1.0, time=1.0)]
    assert disagreement(METRICS, first, [reading("a", 1.0, time=7.0)]) is None
    words = disagreement(METRICS, first, [reading("a", 1.0 + 2**-52)])
    assert words == "rate of case a was 1.0 in one run and 1.0000000000000002 in the next"
    assert "missing" in disagreement(METRICS, first, [])


def holdout(candidate, incumbent, tolerance="0 %") -> str | None:
    objective = Objective(metric="rate", constraints=(Condition.parse("quality >= 30"),))
    return objection(
        METRICS, objective, candidate=candidate, incumbent=incumbent, tolerance=Effect.parse(tolerance)
    )  # fmt: skip


def test_the_holdout_asks_for_the_aggregate_and_for_every_case():
    held = [reading("a", 2.0), reading("b", 2.0)]
    assert holdout([reading("a", 1.0), reading("b", 2.0)], held) is None
    assert holdout([reading("a", 1.0), reading("b", 2.1)], held) == WORSE
    assert holdout([reading("a", 1.0), reading("b", 2.1)], held, "6 %") is None
    assert holdout([reading("a", 2.5), reading("b", 2.5)], held, "90 %") == WORSE
    assert holdout([reading("a", 1.0), reading("b", 1.0, quality=29)], held) == FAILS
    assert holdout([reading("a", 1.0)], held) == FAILS
