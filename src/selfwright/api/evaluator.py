"""The evaluator of a problem, as a Python call: is it to be trusted?"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.beginning import why_whole
from selfwright.api.confinement import choose_sandbox, sandbox_note
from selfwright.core.errors import JudgeFault, ProblemError

if TYPE_CHECKING:
    from selfwright.check import Examination

CHECK_WALL_S = 900.0
"""Deadline of a check for which nobody set one."""


def check(
    problem: str | Path,
    *,
    workers: int | None = None,
    sandbox: str | None = None,
    wall_s: float = CHECK_WALL_S,
    announce: Callable[[str], None] = lambda words: None,
    tell: Callable[[str], None] = lambda words: None,
) -> "Examination":
    """Put the evaluator of ``problem`` on trial: run the seed and planted cheats against its judge.

    Args:
        problem: A problem's folder, or the name of a bundled one.
        workers: Measurements at once; default: all cores.
        sandbox: Where the programs run; default: what a run would take.
        wall_s: The deadline of everything; what was not tried by then is said.
        announce: Told, in a line, what a person should know before it begins.
        tell: Told what is going on, a few words at a time.

    Raises:
        ProblemError: The problem is wrong, or judge or seed fail, so that there is nothing to try.
    """
    from selfwright.check import Examiner

    found, by_path = bootstrap.find_problem(str(problem))
    where = choose_sandbox(sandbox, trusted=not by_path)
    announce(f"{found.name}: putting {found.judge or 'its command'} on trial; sandbox: {where}")
    if note := sandbox_note(where):
        announce(note)
    with closing(bootstrap.make_engine(found, where, workers, planted=True)) as engine:
        try:
            examiner = Examiner(
                problem=found, engine=engine, wall_s=wall_s, tell=tell, why_whole=why_whole(found, where),
                watching=lambda folder: closing(
                    bootstrap.make_engine(found, where, workers, watch=folder, planted=True)
                ),
            )  # fmt: skip
        except JudgeFault as error:
            raise ProblemError(f"{found.folder}: {error}") from error
        return examiner.examine()
