"""Which arm next: the one that gains most per cost, learned from the pulls so far (a bandit).

Thompson sampling: the expected gain of each arm is drawn from what is believed of it, and the arm with the greatest
draw per cost is pulled (Agrawal and Goyal, "Analysis of Thompson Sampling for the Multi-armed Bandit Problem", COLT
2012; per cost as in Xia et al., "Thompson Sampling for Budgeted Multi-armed Bandits", IJCAI 2015). What pays changes
as a program gets better, so that only the newest pulls count.

A pure function of the pulls and a seed: whoever folds the same journal pulls the same arm.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from selfwright.core.brief import Past

WINDOW = 200
"""The newest pulls count, and no others."""

EXPLORE = 0.15
"""So often any arm is pulled: one whose gains are rare and great has nothing to show for a long time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What came of pulling an arm.

    Attributes:
        gain: Not negative, on one scale for all arms.
        costs: Resource → what it took of it; a resource that is unknown is left out.
    """

    arm: str
    gain: float
    costs: tuple[tuple[str, float], ...] = ()


def pick(arms: Sequence[str], pulls: Iterable[Pull], seed: int) -> str:
    """Return the arm to pull next.

    A gain counts as its share of the greatest one. Before an arm has shown anything, it is believed to gain what all do
    on average, as if it had been seen to gain once: the rarer gains are, the longer it is given a chance.

    Args:
        pulls: Oldest first; those of unknown arms do not count.
        seed: Of the draw.
    """
    chance = random.Random(seed)
    if chance.random() < EXPLORE:
        return chance.choice(arms)
    counted = [pull for pull in pulls if pull.arm in arms][-WINDOW:]
    gained, tries = dict.fromkeys(arms, 0.0), Counter(map(attrgetter("arm"), counted))
    winners = [pull for pull in counted if pull.gain]
    for pull in winners:
        gained[pull.arm] += pull.gain
    greatest = max((pull.gain for pull in winners), default=1.0)
    rate = (1.0 + sum(gained.values()) / greatest) / (2.0 + len(counted))
    costs = _costs(arms, counted)

    def promise(arm: str) -> float:
        won = gained[arm] / greatest
        return chance.betavariate(1.0 + won, 1.0 / rate - 1.0 + tries[arm] - won) / costs[arm]

    return max(arms, key=promise)


def pull_of(past: Past, arm: str) -> Pull:
    """Return what a finished trial tells of an arm. Only what the gate adopted has gained anything.

    A trial costs itself, what was measured for it, and the price of its proposals; tokens where no price is known.
    """
    costs = [("trials", 1.0), ("measured", float(past.measured))]
    if past.cost.usd is None:
        costs.append(("tokens", float(past.cost.tokens_in + past.cost.tokens_out)))
    else:
        costs.append(("usd", past.cost.usd))
    return Pull(arm=arm, gain=past.gain, costs=tuple(costs))


def _costs(arms: Sequence[str], pulls: Sequence[Pull]) -> dict[str, float]:
    """Return what a pull of each arm costs: of each resource its share of the average pull, summed.

    An arm is believed to cost the average until it is pulled, and as if it had cost that once.
    """
    spent: dict[str, dict[str, tuple[float, int]]] = {}
    for (arm, paid), count in Counter(map(attrgetter("arm", "costs"), pulls)).items():  # most of an arm cost the same
        for resource, amount in paid:
            sums = spent.setdefault(resource, dict.fromkeys(arms, (0.0, 0)))
            sums[arm] = (sums[arm][0] + amount * count, sums[arm][1] + count)
    costs = dict.fromkeys(arms, 0.0)
    for sums in spent.values():
        mean = sum(total for total, _ in sums.values()) / sum(count for _, count in sums.values())
        for arm, (total, count) in sums.items():
            costs[arm] += (mean + total) / (mean * (1 + count)) if mean else 0.0
    return costs if any(costs.values()) else dict.fromkeys(arms, 1.0)
