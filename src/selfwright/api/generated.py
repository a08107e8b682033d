"""What the problems that are written for one function have in common: the function as a candidate, a folder, a run."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.life import Ready, Say, run
from selfwright.api.looking import Run
from selfwright.core.errors import BadInput
from selfwright.evolve.story import Observer

if TYPE_CHECKING:
    from selfwright.bench.candidate import Candidate
    from selfwright.oracle import Target

DEFAULT_TRIALS = 40
DEFAULT_PROPOSER = "mutate"


class Program:
    """Makes candidates of a function's file as it is.

    Args:
        beside: What it needs to be imported.
    """

    def __init__(self, target: "Target", beside: Mapping[str, bytes], sandbox: str) -> None:
        from selfwright.core.environment import Environment

        self._files = {target.program: target.file.read_bytes()}
        self._beside = beside
        self._program = target.program
        self._environment = Environment(modules=target.packages(dict(beside)))
        self._sandbox = bootstrap.make_sandbox(sandbox, self._environment)

    def candidate(self) -> "Candidate":
        """Return a fresh one."""
        from selfwright.bench.candidate import Candidate
        from selfwright.core.limits import Limits

        return Candidate(
            files=self._files, built=self._beside, program=self._program, sandbox=self._sandbox,
            limits=Limits(wall_s=10.0), environment=self._environment,
        )  # fmt: skip

    def close(self) -> None:
        """Close the sandbox."""
        self._sandbox.close()


def problem_name(verb: str, function: str) -> str:
    """Return what a written problem is called: ``speed-count``."""
    return f"{verb}-" + (re.sub(r"[^a-z0-9_-]+", "-", function.lower()).strip("-_") or "function")[:80]


def free_problem(name: str) -> Path:
    """Return a folder for a problem beside the runs, which git is told to ignore; it is not made."""
    room = bootstrap.runs_folder().parent / "problems"
    room.mkdir(parents=True, exist_ok=True)
    if not (room / ".gitignore").exists():
        (room / ".gitignore").write_text("*\n")
    return next(
        path
        for number in range(1, 10_000)
        if not (path := room / (name if number == 1 else f"{name}-{number}")).exists()
    )


def run_generated(
    problem: Path, *, proposer: str | Sequence[str], trials: int | None, wall_s: float | None, budget_usd: float | None,
    seed: int, workers: int | None, sandbox: str, dir: str | Path | None, on_event: Observer, on_ready: Ready,
    announce: Say,
) -> Run:  # fmt: skip
    """Run a problem that was written just now; it is removed again where no run is opened."""
    if trials is None and wall_s is None and budget_usd is None:
        trials = DEFAULT_TRIALS
    try:
        return run(
            problem.absolute(), proposer=proposer or DEFAULT_PROPOSER, trials=trials, wall_s=wall_s,
            budget_usd=budget_usd, seed=seed, workers=workers, sandbox=sandbox, dir=dir, on_event=on_event,
            on_ready=on_ready, announce=announce,
        )  # fmt: skip
    except BadInput:
        shutil.rmtree(problem)  # no run was opened
        raise
