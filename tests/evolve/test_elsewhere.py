"""A run that goes on on another machine: what is declared deterministic is proven there too."""

import math
from dataclasses import replace

import pytest

from selfwright.core import event as ev
from selfwright.core.errors import BadInput
from selfwright.core.machine import Machine
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.toy import Toy, judge_toy, proposal, summary

HERE = Machine(cpu="one", kernel="Linux 6", python="CPython 3.11", packages={"numpy": "2.0"})
THERE = replace(HERE, packages={"numpy": "2.1"})


def moved(tmp_path, judge=judge_toy, *, noisy: bool = False) -> Toy:
    """A run of one adoption, about to go on on another machine, whose judge is given."""
    toy = Toy(tmp_path, machine=HERE, noisy=noisy, holdout=False)
    toy.run(ScriptedProposer([proposal(90)], lag=1))
    toy.machine, toy.judge = THERE, judge
    toy.engine = toy.new_engine()
    return toy


def go_on(toy: Toy):
    return toy.drive(ScriptedProposer([proposal(90), proposal(80)], lag=1))


def last_bit(files, item):
    """The toy judge where arithmetic differs in the last bit."""
    (reading,) = judge_toy(files, item).readings
    metrics = {name: (math.nextafter(value, 0),) for name, (value,) in reading.metrics.items()}
    return Outcome(status=TrialStatus.OK, readings=(replace(reading, metrics=metrics),))


def test_the_same_numbers_on_another_machine_let_it_go_on_and_leave_no_trace(tmp_path):
    toy = moved(tmp_path)
    assert summary(go_on(toy)) == ["v1", "v2"]
    at_home = Toy(tmp_path, machine=HERE, holdout=False)
    at_home.run(ScriptedProposer([proposal(90), proposal(80)], lag=1))
    assert toy.canonical() == at_home.canonical()
    full = len(toy.cases["full"])
    assert [block.items[0].stage for block in toy.engine.measured[: full + 1]] == ["full"] * full + ["smoke"]


def test_another_last_bit_ends_the_sitting_before_anything_is_compared(tmp_path):
    toy = moved(tmp_path, last_bit)
    with pytest.raises(
        BadInput, match=r"v1 was measured on another machine.*size of case a was 90.0 in one run"
    ) as caught:
        go_on(toy)
    assert "There / here: numpy 2.0 / 2.1" in str(caught.value)
    ended = list(toy.journal.read())[-1].event
    assert isinstance(ended, ev.SittingEnded) and ended.why == "failed"
    assert toy.state().asked == 1


def test_a_program_that_fails_there_does_too(tmp_path):
    toy = moved(tmp_path, lambda files, item: Outcome(status=TrialStatus.TIMED_OUT, reason="20 s are over"))
    with pytest.raises(BadInput, match="it ends timed_out: 20 s are over"):
        go_on(toy)


def test_pairs_are_measured_side_by_side_and_the_same_machine_is_believed(tmp_path):
    assert summary(go_on(moved(tmp_path, last_bit, noisy=True))) == ["v1", "v2"]
    toy = moved(tmp_path)
    toy.machine = HERE
    go_on(toy)
    assert toy.engine.measured[0].items[0].stage == "smoke"
