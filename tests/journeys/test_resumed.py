"""A noisy problem on the command line: what gains little is parked, resumed when nothing else is left, and adopted."""

import json
from pathlib import Path

import pytest

from tests.journeys.place import PROBLEM, Place, kill, program, read_until

NOISY = PROBLEM.replace('size = { unit = "B",', 'size = { unit = "B", noisy = true,')
JUDGE = """\
from hashlib import sha256


def cases(stage):
    return ["a"]


def measure(candidate, case):
    drawn = sha256(str(case.seed).encode() + candidate.read("p.py")).digest()[0]
    return {"size": candidate.call("size", case.id).value * (1 + drawn / 2560), "quality": 40}
"""
"""Up to 10 % of noise, which is a function of program and seed: what a clock does, and yet the same twice."""

SESSION = [program("96 + 1 - 1"), program("100 + 1 - 1")]
"""The first gains 4 %, the other nothing."""

SEED = "314"
"""With these draws the first is parked after 13 pairs, and proven after 48."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.make(tmp_path, problem=NOISY, judge=JUDGE)


def test_a_little_gain_is_resumed_and_adopted_also_where_it_is_killed_meanwhile(place: Place) -> None:
    arguments = ("--proposer", place.session(SESSION), "--seed", SEED)
    said = place.run(*arguments, name="whole").stderr
    assert "t1    parked: size " in said and "t1    resumed: pair " in said and "t1    adopted as v1: size " in said
    log = place.log("whole")
    assert (log[0]["version"], str(log[0]["words"]).endswith("; resumed")) == (1, True)
    process = place.start("run", "toy", "--dir", "r", *arguments)
    read_until(process, "t1    resumed: pair ")
    kill(process)
    assert "killed in flight" in place.call("status", "r").stdout
    place.call("resume", "r")
    assert "1 parked comparison resumed" in place.call("status", "r").stdout
    assert json.loads(place.call("status", "r", "--json").stdout)["resumed"] == 1
    assert place.canonical("r") == place.canonical("whole")
    assert "nothing was done, the run has ended" in place.call("resume", "r").stdout
