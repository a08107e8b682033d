"""The exact gate: constraints first, then the minimum effect, and a sentence for people."""

import pytest

from selfwright.core.metric import Better, Condition, Effect, Metric, Objective
from selfwright.core.verdict import Decision
from selfwright.gate.exact import broken_constraint, describe_gain, judge_exact

RATE = Metric(name="rate", unit="Mbps")
QUALITY = Metric(name="quality", unit="dB", better=Better.HIGHER)
OBJECTIVE = Objective(
    metric="rate", constraints=(Condition.parse("quality >= 30"),), minimum_effect=Effect.parse("0.5 %")
)


def verdict(rate: float, quality: float = 31.0, held: float = 2.0):
    return judge_exact(
        (RATE, QUALITY), OBJECTIVE, candidate={"rate": rate, "quality": quality},
        incumbent={"rate": held, "quality": 35.0}, name="v2",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "decision", "words"),
    [
        (1.0, Decision.ADOPT, "adopted: rate 1 Mbps, 50 % better than v2 (2)"),
        (1.99, Decision.ADOPT, "0.5 % better"),
        (1.9901, Decision.REJECT, "less than the minimum effect of 0.5 %"),
        (2.0, Decision.REJECT, "the same as v2"),
        (2.5, Decision.REJECT, "not better than v2"),
    ],
)
def test_the_minimum_effect_decides(rate, decision, words):
    found = verdict(rate)
    assert found.decision is decision
    assert words in found.sentence
    assert (found.candidate, found.incumbent) == (rate, 2.0)


def test_a_broken_constraint_never_wins_however_small_the_rate():
    found = verdict(0.001, quality=29.99)
    assert found.decision is Decision.REJECT
    assert "quality is 29.99, which breaks the constraint quality >= 30" in found.sentence


def test_a_missing_constraint_metric_breaks_it():
    assert "is missing" in broken_constraint(OBJECTIVE, {"rate": 1.0})


def test_higher_may_be_better():
    objective = Objective(metric="quality", minimum_effect=Effect.parse("0.1 dB"))
    up = judge_exact((QUALITY,), objective, candidate={"quality": 31.1}, incumbent={"quality": 31.0}, name="v0")
    tiny = judge_exact((QUALITY,), objective, candidate={"quality": 31.05}, incumbent={"quality": 31.0}, name="v0")
    assert (up.decision, tiny.decision) == (Decision.ADOPT, Decision.REJECT)


def test_a_gain_across_zero_is_told_in_the_unit():
    change = Metric(name="bd_rate", unit="%", better=Better.LOWER)
    assert describe_gain(change, -3.0, -1.0) == "2 % better"
    assert describe_gain(QUALITY, 30.0, -1.0) == "31 dB better"
