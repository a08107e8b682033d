"""Which program to start the next change from, and which others to show beside it.

Each parent policy says where it would start. Which of them to follow is learned in the run: the one whose suggestions
led to most gain per cost, as a bandit draws it.
"""

from dataclasses import dataclass

from selfwright.core.draw import draw
from selfwright.core.errors import BadInput
from selfwright.evolve.archive import Archive
from selfwright.proposers import bandit

ADAPTIVE = "adaptive"
ARMS = ("incumbent", "elite", "islands", "grid")
"""What ``adaptive`` chooses from; ``grid`` only where features are declared."""

BEST_OF_N = "best-of-n"
SELECTIONS = (ADAPTIVE, *ARMS, BEST_OF_N)
"""What a run can be opened with."""

INSPIRATIONS = 3
LOOK_BACK = bandit.WINDOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Where to start.

    Attributes:
        policy: The parent policy that said so.
        parent: The program by its trial, ``t12`` or ``seed``. A version has another name as well, and whoever says this
            one has followed the suggestion.
        inspirations: Names of up to three others.
    """

    policy: str
    parent: str
    inspirations: tuple[str, ...]


def check_selection(name: str, *, features: bool) -> None:
    """Accept the parent policy of a new run.

    Raises:
        BadInput: There is none of that name, or the problem declares no features for a grid.
    """
    if name not in SELECTIONS:
        raise BadInput(f"there is no selection {name!r}; there are {', '.join(SELECTIONS)}")
    if name == "grid" and not features:
        raise BadInput(
            "selection grid: the problem declares no features to lay a grid over; write in problem.toml "
            "`[search]` and `features = { seconds = [0.1, 1.0] }` (a metric, and the edges between its bins)"
        )


def select(archive: Archive, *, verdicts: int, seed: int, trial: int, attempt: int) -> Selection:
    """Return where proposal ``trial`` should start, as of so many verdicts: a function of the archive and the draw."""
    policies = archive.policies
    arms = [arm for arm in ARMS if arm in policies]

    def drawn(policy: str, pair: int) -> int:
        chance = draw(seed, f"parent/{policy}", trial, attempt, pair)
        return policies[policy].parent(verdicts=verdicts, trial=trial, chance=chance)

    policy = archive.run.select
    if policy == ADAPTIVE:
        pulls = archive.pulls[max(0, verdicts - LOOK_BACK) : verdicts]
        policy = bandit.pick(arms, pulls, draw(seed, "policy", trial, attempt))
    parent = drawn(policy, 0)
    others: list[int] = []
    for number in range(1, 4 * INSPIRATIONS if policy != BEST_OF_N else 1):
        other = drawn(arms[number % len(arms)], number)
        if other != parent and other not in others:
            others.append(other)
        if len(others) == INSPIRATIONS:
            break
    names = tuple(archive.name(other, verdicts) for other in others)
    return Selection(policy=policy, parent=f"t{parent}" if parent else "seed", inspirations=names)
