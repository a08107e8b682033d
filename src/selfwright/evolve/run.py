"""A run being driven: takes the lease, sits, and leaves the journal saying how it ended."""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from selfwright.bench.problem import Problem
from selfwright.core import event as ev
from selfwright.core.brief import Brief
from selfwright.core.budget import Budget
from selfwright.core.count import counted
from selfwright.core.errors import BadInput, JournalCorrupt, SelfwrightError
from selfwright.core.machine import Machine
from selfwright.evolve.admission import Rules
from selfwright.evolve.adopting import Adopting
from selfwright.evolve.archive import Archive
from selfwright.evolve.glance import outlining
from selfwright.evolve.intake import Intake
from selfwright.evolve.ledger import Ledger, check_budget
from selfwright.evolve.library import Library
from selfwright.evolve.loop import Evolution
from selfwright.evolve.measuring import Measuring
from selfwright.evolve.proposing import Proposing
from selfwright.evolve.sitting import Sitting
from selfwright.evolve.story import Observer, Story
from selfwright.ports.adopter import Adopter
from selfwright.ports.blobs import Blobs
from selfwright.ports.clock import Clock
from selfwright.ports.engine import Engine
from selfwright.ports.journal import Journal
from selfwright.ports.proposer import Proposer
from selfwright.views.run import RunState

DEFAULT_LAG = 8
"""Lag of a run whose proposers need none. The same on every machine, because what a proposal sees follows from it: so
many trials, with all their cases, keep the workers busy."""


def lag_for(proposer: Proposer, in_flight: int | None = None) -> int:
    """Return the lag that is fixed when a run opens: what the proposer needs, whatever machine it is opened on.

    Args:
        in_flight: How many proposals are to be in the making at once, where a person says so.

    Raises:
        BadInput: The proposer must have seen more by then.
    """
    if in_flight is None or proposer.lag is None:
        return in_flight or proposer.lag or DEFAULT_LAG
    if in_flight > proposer.lag:
        raise BadInput(
            f"proposer {proposer.name} makes at most {counted(proposer.lag, 'proposal')} at once, since it is to see "
            f"what came of those before; leave out --in-flight {in_flight}"
        )
    return in_flight


def check_problem(problem: Problem, run: ev.RunOpened) -> None:
    """Accept a problem that is as it was when its run opened.

    Raises:
        BadInput: It has changed; the message names the files.
    """
    if problem.hash == run.problem_hash:
        return
    then, now = run.problem_files, problem.files
    words = [f"{path} is {'other' if path in now else 'gone'}" for path in then if now.get(path) != then[path]]
    words += [f"{path} is new" for path in now if path not in then]
    said = ", ".join(words[:5]) + (f", and {len(words) - 5} more" if words[5:] else "")
    raise BadInput(
        f"{problem.folder} has changed since this run opened{f': {said}' if then else ''}. Its numbers would not "
        "compare. Undo that to go on; or take the best so far elsewhere (`selfwright best RUN --to FOLDER`) and open a "
        "new run"
    )


def brief_of(problem: Problem) -> Brief:
    """Return what a proposer may know of a problem."""
    hidden = any(stage.holdout for stage in problem.stages)
    return Brief(
        name=problem.name, description=problem.description, editable=problem.editable, metrics=problem.metrics,
        objective=problem.objective, modules=problem.environment.modules,
        beside={} if hidden else problem.beside_files(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """The collaborators of one sitting, as ``bootstrap`` wires them.

    Attributes:
        make_adopter: Called under the lease: what it makes on disk is made by one process at a time.
        machine: Where this sitting measures; None where nobody says.
        folder: The run's, where the outline of a long one is kept; None where nobody will look.
    """

    problem: Problem
    journal: Journal
    blobs: Blobs
    engine: Engine
    proposer: Proposer
    specs: tuple[str, ...]
    make_adopter: Callable[[], Adopter]
    clock: Clock
    budget: Budget
    observe: Observer
    machine: Machine | None = None
    folder: Path | None = None

    def sit(self, *, on_ready: Callable[[Sitting], None]) -> RunState:
        """Drive the run until it ends for whatever reason, and return its state.

        Args:
            on_ready: Told of the sitting before it begins, so that Ctrl-C can reach it.

        Raises:
            RunHeld: Another process drives it; the message says who.
            BadInput: The problem changed since the run opened, or a proposer does not suit the run.
            JournalCorrupt: It is not the journal that the newest commit names.
        """
        with self.journal.lease():
            observe = outlining(self.folder, self.observe) if self.folder else self.observe
            story = Story(journal=self.journal, observe=observe)
            adopter = self.make_adopter()
            self._check(story.state, adopter)
            most = check_budget(self.budget, self.proposer)
            ledger = Ledger(
                budget=self.budget, state=story.state, clock=self.clock, most=most, workers=self.engine.workers
            )
            sitting = Sitting(ledger=ledger, clock=self.clock)
            on_ready(sitting)
            story.tell(self._started())
            evolution, proposing = self._assemble(story, sitting, ledger, adopter)
            try:
                ended = evolution.run()
            except SelfwrightError as error:
                story.tell(ev.SittingEnded(why="failed", reason=str(error), wall_s=sitting.elapsed_s()))
                raise
            finally:
                proposing.close()
            story.tell(ended, durable=True)
            return story.state

    def _assemble(
        self, story: Story, sitting: Sitting, ledger: Ledger, adopter: Adopter
    ) -> tuple[Evolution, Proposing]:
        problem, run, library = self.problem, story.state.run, Library(self.blobs)
        archive = Archive(story.state)
        proposing = Proposing(proposer=self.proposer, threads=run.lag)
        intake = Intake(
            story=story,
            archive=archive,
            library=library,
            proposing=proposing,
            sitting=sitting,
            ledger=ledger,
            rules=Rules.of(problem),
            brief=brief_of(problem),
        )
        measuring = Measuring(
            engine=self.engine, blobs=self.blobs, load=library.load, state=story.state, ledger=ledger
        )  # fmt: skip
        adopting = Adopting(story=story, library=library, adopter=adopter, clock=self.clock)
        evolution = Evolution(
            problem=problem, story=story, archive=archive, measuring=measuring, proposing=proposing, intake=intake,
            adopting=adopting, sitting=sitting, ledger=ledger, library=library,
        )  # fmt: skip
        return evolution, proposing

    def _started(self) -> ev.SittingStarted:
        return ev.SittingStarted(
            budget=self.budget,
            workers=self.engine.workers,
            host=socket.gethostname(),
            pid=os.getpid(),
            proposers=self.specs,
            machine=self.machine,
        )

    def _check(self, state: RunState, adopter: Adopter) -> None:
        check_problem(self.problem, state.run)
        self._check_commit(state, adopter)
        if self.proposer.lag is not None and self.proposer.lag < state.run.lag:
            raise BadInput(
                f"proposer {self.proposer.name} must see every verdict before its next proposal "
                f"(lag {self.proposer.lag}), but this run was opened with lag {state.run.lag}: open a new run with it"
            )

    def _check_commit(self, state: RunState, adopter: Adopter) -> None:
        """Raise unless the newest commit was made by this journal: its hash stands for all that came before."""
        if not state.versions:
            return
        newest = state.versions[-1]
        said = adopter.journal_of(newest.commit)
        if said != newest.journal:
            raise JournalCorrupt(
                f"commit {newest.commit[:12]} (v{newest.version}) says that it is event {said}, but here that is "
                f"{newest.journal}: the journal was written anew. Restore it from a copy of the run, or open a new run"
            )
