"""Honest baselines: the trials that a run has spent, spent again by best-of-N and by tuning alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright.api.life import Ready, Say, begin, problem_of, quiet, resume, unattended
from selfwright.api.looking import BASELINES, look, standings
from selfwright.api.suiting import check_proposers
from selfwright.core.budget import Budget
from selfwright.core.errors import BadInput
from selfwright.evolve.select import ADAPTIVE, BEST_OF_N
from selfwright.evolve.shelf import JOURNAL
from selfwright.evolve.story import Observer, ignore

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem
    from selfwright.evolve.history import History
    from selfwright.views.baseline import Standing

NAMES = (BEST_OF_N, "tuning")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How a baseline spends the budget."""

    name: str
    specs: tuple[str, ...]
    select: str


def baseline(
    run: str | Path,
    names: Sequence[str] = (),
    *,
    workers: int | None = None,
    on_event: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Say = quiet,
) -> "tuple[Standing, ...]":
    """Spend what a run has spent again, without what it learned, and return all side by side, the run first.

    Each baseline is a run of its own in the folder of this one, with its seed, sandbox and number of trials; one that
    was begun before goes on, and one that is done is not done again.

    Args:
        names: ``best-of-n`` (its proposers, each time from the seed, shown nothing of what was tried) and ``tuning``
            (``numeric`` alone); default: those of them that suit the run.

    Raises:
        BadInput: One that was asked for does not suit the run, which has had no trial, or whose problem has changed.
    """
    from selfwright.evolve.run import check_problem

    history = look(run)
    if not history.state.verdicts:
        raise BadInput(f"{history.folder} has spent nothing yet: there is nothing to compare with")
    if unknown := next((name for name in names if name not in NAMES), None):
        raise BadInput(f"there is no baseline {unknown!r}; there are {', '.join(NAMES)}")
    problem = problem_of(history)
    check_problem(problem, history.state.run)
    for name in names or NAMES:
        plan = _Plan(
            name=name, specs=history.state.run.proposers if name == BEST_OF_N else ("numeric",),
            select=BEST_OF_N if name == BEST_OF_N else ADAPTIVE,
        )  # fmt: skip
        try:
            check_proposers(problem, plan.specs, select=plan.select)
        except BadInput as error:
            if names:
                raise
            announce(f"no baseline {name}: {error}")
            continue
        _spend(history, problem, plan, workers, on_event, on_ready, announce)
    return standings(look(run))


def _spend(
    history: "History", problem: "Problem", plan: _Plan, workers: int | None, on_event: Observer, on_ready: Ready,
    announce: Say,
) -> None:  # fmt: skip
    folder, run, trials = history.folder / BASELINES / plan.name, history.state.run, history.state.verdicts
    if not (folder / JOURNAL).is_file():
        begin(
            problem, specs=plan.specs, budget=Budget(trials=trials), seed=run.seed, workers=workers,
            sandbox=run.sandbox, select=plan.select, target="run", folder=folder, on_event=on_event, on_ready=on_ready,
            announce=announce,
        )  # fmt: skip
    elif look(folder).state.verdicts < trials:
        resume(folder, trials=trials, workers=workers, on_event=on_event, on_ready=on_ready, announce=announce)
