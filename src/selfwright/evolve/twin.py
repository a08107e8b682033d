"""Is it even running? The program that a trial only repeats, and whether any line that it changed ran."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from selfwright.bench.coverage import changed_lines, of_changed
from selfwright.bench.problem import Problem
from selfwright.core.change import Files, Tree
from selfwright.evolve.measuring import Need, unmeasured
from selfwright.evolve.origin import is_same_program
from selfwright.gate.pairs import Weighed
from selfwright.gate.summary import disagreement
from selfwright.views.behaviour import behaviour_of, tells_all
from selfwright.views.comparison import purpose_of
from selfwright.views.run import Attempt, RunState, first_failure, public_readings

TIES = 3
"""So many pairs that are equal to the bit tell that nothing random is measured."""

Load = Callable[[Tree], Files]
"""Tree → files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """An earlier program that a trial behaves like.

    Attributes:
        name: As a proposer knows it.
        attempt: Its own.
        by_source: Whether nothing but comments, docstrings or layout differs.
        in_all: Whether nothing that is measured can tell the two apart: then the trial is inert.
    """

    name: str
    attempt: Attempt
    by_source: bool
    in_all: bool

    @property
    def words(self) -> str:
        """What is the same."""
        if self.by_source:
            return f"it runs as {self.name} does; nothing but comments, docstrings or layout differs"
        return f"it answers as {self.name} does in every case, to the bit" + (
            ", and measures the same" if self.in_all else ""
        )


def twin_of(state: RunState, problem: Problem, attempt: Attempt, *, load: Load) -> Twin | None:
    """Return the incumbent or the parent, where the trial behaves like it and measures the same but for noise.

    A judge may read the sources, and a program its docstrings, so that equal syntax alone does not tell.
    """
    if purpose_of(attempt, state.incumbent) in attempt.weighed:
        return None  # it was asked before the first pair
    said, behaviour = attempt.proposed, behaviour_of(state, attempt)
    for name in (f"v{state.incumbent}", *said.parents):
        other = state.named(name)
        if disagreement(problem.metrics, public_readings(state, attempt), public_readings(state, other)):
            continue
        if is_same_program(load(said.tree), load(other.proposed.tree)):
            return Twin(name=name, attempt=other, by_source=True, in_all=True)
        if behaviour is not None and behaviour == behaviour_of(state, other):
            return Twin(name=name, attempt=other, by_source=False, in_all=tells_all(state))
    return None


def measures_alike(state: RunState, attempt: Attempt, rival: Attempt, weighed: Weighed) -> bool:
    """Whether it answers as the incumbent does, and what was thought noisy is the same to the bit in the first pairs.

    No clock does that, unless it is so coarse that it hardly moves: hence what the incumbent measured must differ from
    pair to pair.
    """
    if len(weighed.pairs) < TIES or any(pair.candidate != pair.incumbent for pair in weighed.pairs):
        return False
    behaviour = behaviour_of(state, attempt)
    moves = len({pair.incumbent for pair in weighed.pairs}) > 1
    return moves and behaviour is not None and behaviour == behaviour_of(state, rival)


def lines_run(state: RunState, attempt: Attempt, twin: Twin, *, load: Load) -> Need | str:
    """Return in words which of the changed lines ran, or what must be measured to tell; nothing where none can run.

    It is advice: the program's own process tells, and one that was not seen to run a line may have done so elsewhere.
    """
    try:
        changed = changed_lines(load(twin.attempt.proposed.tree), load(attempt.proposed.tree))
    except ValueError as error:
        return f"whether its changed lines ran is not known: {error}"
    if not changed or any(outcome.resources.usd for outcome in attempt.measured.values()):
        return ""  # what costs money is not measured for advice
    need = unmeasured(state, attempt, "coverage")
    if need is not None:
        return replace(need, watch=changed)
    told = [outcome for (purpose, _, _), outcome in attempt.measured.items() if purpose == "coverage"]
    if failed := first_failure(told):
        return f"whether its changed lines ran is not known: {failed.status.value} while they were watched"
    if any(outcome.ran is None for outcome in told):
        return "whether its changed lines ran is not known: they were watched in calls, not in commands"
    every = [outcome.ran or {} for outcome in told]
    return of_changed(changed, {path: {n for ran in every for n in ran.get(path, ())} for path in changed})
