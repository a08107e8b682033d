"""The benchmark's arithmetic is the gate's, so that its figures are the gate's."""

import math

import numpy as np
import pytest

from benchmarks.gate import ADOPT, NOISES, PARK, REJECT, Paths, differences, log_e
from selfwright.core.metric import Effect, Metric, Objective
from selfwright.core.verdict import Decision
from selfwright.gate.evidence import EProcess
from selfwright.gate.pairs import Pair, Weighed, judge_pairs

TIME = Metric(name="time_s", unit="s", noisy=True)
ONE_PERCENT = Objective(metric="time_s", minimum_effect=Effect.parse("1 %"))


@pytest.mark.parametrize("kind", NOISES)
def test_the_evidence_is_that_of_the_gate(kind):
    found = differences(kind, 0.02, 60, 12, np.random.default_rng(1))
    paths = log_e(found)
    for column in range(12):
        process = EProcess()
        for row in range(60):
            process.add(found[row, column])
            assert math.log(process.e) == pytest.approx(paths[row, column], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("effect", [-0.05, 0.0, 0.03, 0.06])
def test_so_are_the_decisions(effect):
    found = differences("bursts", effect, 80, 25, np.random.default_rng(2))
    decision, pairs = Paths.of(found).decide(20.0)
    for column in range(25):
        weighed, verdict = Weighed(TIME, ONE_PERCENT), None
        while verdict is None:
            weighed.add(Pair(candidate=math.exp(-found[weighed.tried, column]), incumbent=1.0))
            verdict = judge_pairs(weighed, needed=20.0, max_pairs=80, name="v1")
        word = {Decision.ADOPT: ADOPT, Decision.REJECT: REJECT, Decision.INDECISIVE: PARK}[verdict.decision]
        assert (word, verdict.pairs) == (decision[column], pairs[column])
