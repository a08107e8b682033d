"""Whether proposers suit a problem, asked before anything is measured."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from selfwright.core.errors import BadInput
from selfwright.evolve.select import BEST_OF_N
from selfwright.proposers.specification import parse_spec

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem


def check_proposers(problem: "Problem", specs: Sequence[str], *, select: str) -> None:
    """See that the seed of a problem, and the parent policy, suit these proposers.

    Raises:
        BadInput: They do not; the message says where, and the mend.
    """
    names = {part.name for spec in specs for part in parse_spec(spec)}
    if "recorded" in names and select == BEST_OF_N:
        raise BadInput(
            "selection best-of-n starts every change from the seed, and a recording says for itself what each of its "
            "changes starts from: leave --select out, or give another --proposer"
        )
    if "numeric" in names:
        from selfwright.proposers.numeric import check_seed

        check_seed(problem.seed_files(), folder=problem.folder, alone=len(names) == 1)
