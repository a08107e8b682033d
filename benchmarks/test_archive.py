"""What it costs to fold a verdict into the archive and to draw a parent from it, at trial 100 and at trial 100,000.

Wanted: the same, within 1.2 times. No journal, no programs: the archive and the bandit alone.
"""

import time

import pytest

from selfwright.core.brief import Past
from selfwright.core.change import Origin
from selfwright.core.draw import draw
from selfwright.core.status import TrialStatus
from selfwright.evolve.archive import Archive
from selfwright.evolve.select import ARMS, select
from selfwright.proposers.bandit import pull_of
from selfwright.testing.proposer import ScriptedProposer
from selfwright.views.run import Attempt
from tests.evolve.toy import Toy

TRIALS = 100_000
DRAWS = 2_000


def past(trial: int) -> Past:
    """A valid trial somewhat better than those before; each twentieth gained something."""
    size = 1e6 / (1 + trial) + draw(1, "size", trial) % 1000
    return Past(
        trial=f"t{trial}", parents=("v0",), proposer="scripted", reason="", origin=Origin.TUNING,
        status=TrialStatus.OK, decision=None, version=None,
        metrics={"size": size, "quality": 30.0 + draw(1, "quality", trial) % 40}, detail="",
        gain=0.01 * (trial % 20 == 0), measured=4, policy=ARMS[trial % len(ARMS)],
    )  # fmt: skip


@pytest.mark.bench
@pytest.mark.timeout(600)
def test_a_draw_costs_the_same_however_long_the_run(tmp_path):
    toy = Toy(tmp_path, features={"size": tuple(float(edge) for edge in range(100, 1000, 50)), "quality": (40.0, 50.0)})
    state = toy.run(ScriptedProposer([], lag=1))
    archive, never_adopted = Archive(state), Attempt(proposed=state.last(0).proposed)
    costs = {}
    print()
    for mark in (100, 1_000, 10_000, TRIALS):
        began, before = time.process_time(), len(archive.entries)
        while len(archive.entries) < mark:
            entry = past(len(archive.entries) + 1)
            archive.entries.append(entry)
            archive.pulls.append(pull_of(entry, entry.policy))
            state.trials[len(archive.entries)] = [never_adopted]
            archive._enter(entry, len(archive.entries))
        folded_us = (time.process_time() - began) / (mark - before) * 1e6
        began = time.process_time()
        for trial in range(DRAWS):
            select(archive, verdicts=mark - 8 - trial % 50, seed=1, trial=mark + trial, attempt=0)
        costs[mark] = (time.process_time() - began) / DRAWS * 1e6
        print(f"trial {mark:7,}: folded in {folded_us:.0f} us, drawn in {costs[mark]:.0f} us of CPU")
    print(f"growth from trial 1,000 to {TRIALS:,}: {costs[TRIALS] / costs[1_000]:.2f} times")
