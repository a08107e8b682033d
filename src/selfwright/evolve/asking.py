"""What a proposer is asked with: the state after a given verdict, as a cheap window on the archive."""

from collections.abc import Callable, Sequence

from selfwright.core.brief import Brief, Memory, Past
from selfwright.core.budget import Budget
from selfwright.core.change import Files, Tree
from selfwright.core.draw import draw
from selfwright.evolve.archive import Archive, Window
from selfwright.evolve.memory import deletions, mistakes
from selfwright.evolve.select import BEST_OF_N, select


class Asking:
    """Satisfies ``ports.proposer.Ask``: proposal ``trial`` as of ``verdicts`` verdicts.

    Built by the loop; read by a proposer in a thread of its own, while the loop goes on. In a run of best-of-N it is
    always as of no verdict at all.
    """

    def __init__(
        self, *, archive: Archive, brief: Brief, load: Callable[[Tree], Files], seed: int, trial: int, attempt: int,
        verdicts: int, left: Budget,
    ) -> None:  # fmt: skip
        if archive.run.select == BEST_OF_N:
            verdicts = 0
        self.trial = trial
        self.attempt = attempt
        self.seed = draw(seed, "ask", trial, attempt)
        self.brief = brief
        self.best = f"v{archive.incumbent(verdicts)}"
        selection = select(archive, verdicts=verdicts, seed=seed, trial=trial, attempt=attempt)
        self.parent = selection.parent
        self.inspirations = selection.inspirations
        self.policy = selection.policy
        self.start = archive.start
        self.left = left
        self.history: Sequence[Past] = Window(archive.entries, verdicts)
        self.verdicts = verdicts
        self._archive = archive
        self._load = load

    def program(self, name: str) -> Files:
        """Return the editable files of ``best``, ``seed``, ``v3`` or ``t12``.

        Raises:
            KeyError: Nothing of that name in this state.
        """
        return self._load(self._archive.tree(name, self.verdicts)[1])

    def memory(self, name: str) -> Memory:
        """Return what was deleted on the way to a program, and what failed of late, capped.

        Raises:
            KeyError: Nothing of that name in this state.
        """
        taken = deletions(self.settle(name), program=self.program, parent=self._archive.parent)
        return Memory(deletions=taken, mistakes=mistakes(self.history))

    def settle(self, name: str) -> str:
        """Return the lasting name of a program: ``best`` becomes ``v3``."""
        return self._archive.tree(name, self.verdicts)[0]
