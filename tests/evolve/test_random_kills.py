"""Killed at random moments, again and again: what is resumed ends with the journal of a run that nobody disturbed."""

import random

import pytest

from tests.evolve.test_loop import CLIMB, Killed, scripted
from tests.evolve.test_parked import LITTLE, noisy_toy
from tests.evolve.toy import Toy

RUNS = {"exact": (Toy, (*CLIMB, *CLIMB[:3])), "noisy": (noisy_toy, LITTLE)}


def test_fifty_random_kills(tmp_path):
    assert killed_at_random(50, tmp_path, seed=1) == 50


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_thousand_random_kills(tmp_path):
    assert killed_at_random(1000, tmp_path, seed=random.randrange(1 << 32)) == 1000


def killed_at_random(kills: int, folder, *, seed: int) -> int:
    """Kill runs of both kinds after a random event, whatever sitting it is in; return how often they were killed."""
    chance, killed = random.Random(seed), 0
    while killed < kills:
        kind, workers, lag = chance.choice(list(RUNS)), chance.choice((1, 2, 3)), chance.choice((1, 4))
        make, proposals = RUNS[kind]
        whole, toy = make(folder), make(folder, workers=workers)
        whole.run(scripted(*proposals, lag=lag))
        toy.open(scripted(lag=lag))
        mean = chance.choice((3, 10, 40))
        while True:
            left = [0 if killed == kills else chance.randrange(1, 2 * mean)]

            def kill(event, state, left=left):
                left[0] -= 1
                if not left[0]:
                    raise Killed

            toy.engine = toy.new_engine()
            try:
                toy.drive(scripted(*proposals, lag=lag), observe=kill)
                break
            except Killed:
                killed += 1
        assert toy.canonical() == whole.canonical(), f"seed {seed}: a {kind} run with {workers} workers and lag {lag}"
        versions = [each.version for each in toy.adopter.adopted]
        assert versions == [each.version for each in whole.adopter.adopted], f"seed {seed}"
    return killed
