"""Your own loop around our judge: ask what to start from, submit what you made of it, be told what became of it."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.life import Say, problem_of, quiet, run
from selfwright.api.looking import Run, Trial, look
from selfwright.core import event as ev
from selfwright.core.brief import Past
from selfwright.core.budget import Budget
from selfwright.core.change import Cost
from selfwright.core.errors import BadInput, RunHeld
from selfwright.core.lifecycle import CONCLUDED
from selfwright.core.printable import printable
from selfwright.evolve.archive import Archive
from selfwright.evolve.asking import Asking
from selfwright.evolve.history import Program
from selfwright.evolve.shelf import JOURNAL
from selfwright.evolve.sitting import Sitting
from selfwright.evolve.story import Observer, ignore

if TYPE_CHECKING:
    from selfwright.ports.engine import Engine

_LOOK_S = 0.2


class Pending:
    """A change that was handed in, and is measured and judged meanwhile.

    Args:
        future: Its trial, some time.
    """

    def __init__(self, future: "Future[Trial]", folder: Path) -> None:
        self._future = future
        self._folder = folder

    def done(self) -> bool:
        """Whether it has its verdict, or will not have one."""
        return self._future.done()

    def wait(self, timeout_s: float | None = None) -> Trial:
        """Wait for the verdict; what is interrupted while it waits goes on.

        Raises:
            TimeoutError: There is none yet.
            BadInput: The study was closed or stopped before; the change waits in the run.
        """
        try:
            return self._future.result(timeout_s)
        except CancelledError as error:
            raise BadInput(
                f"not measured: the study was closed; opened again with dir={str(self._folder)!r} it is"
            ) from error


class Study:
    """A run whose proposer is you. A context manager; ``close`` ends it, and another of the same ``dir`` goes on.

        with selfwright.Study("problem/") as study:
            change = study.ask()
            trial = study.submit({"p.py": improve(change.program(change.parent))}, reason="...")
            study.tell(trial)

    What is submitted is a trial like any other: measured, judged, adopted as a commit, in the journal. Measurements are
    made in the background, several at once where several are handed in, with verdicts in the order of handing in. All
    methods may be called from any thread.

    Args:
        problem: A problem's folder, or the name of a bundled one.
        dir: The run's folder; a run of this problem that is there goes on. Default: a free one below
            ``.selfwright/runs``.
        seed: Every draw of the run follows from it.
        workers: Measurements at once; default: all cores.
        sandbox: Where candidates run; default: the strongest that works here and contains hostile code.
        on_event: Called with each event and the state after it, as it happens, from the thread that measures.
        announce: Told, in a line, what a person should know before it begins.

    Attributes:
        told: What was told, in order: the record of your proposer.

    Raises:
        BadInput: Something given is wrong, the seed or the judge fails, or ``dir`` has a run of another problem.
    """

    def __init__(
        self, problem: str | Path, *, dir: str | Path | None = None, seed: int = 0, workers: int | None = None,
        sandbox: str | None = None, on_event: Observer = ignore, announce: Say = quiet,
    ) -> None:  # fmt: skip
        from selfwright.evolve.run import check_problem

        if dir is not None and (Path(dir) / JOURNAL).is_file():
            opened = look(dir)
            found = bootstrap.find_problem(str(problem))[0]
            check_problem(found, opened.state.run)
        else:
            opened = run(
                problem, proposer="person", seed=seed, workers=workers, sandbox=sandbox, dir=dir, on_event=on_event,
                announce=announce,
            )  # fmt: skip
        self._run = opened
        self._archive = Archive(opened.state)
        self._problem = problem_of(opened)
        self._workers = workers
        self._on_event = on_event
        self._lock = threading.Lock()
        self._asks = 0
        self._engine: Engine | None = None
        self._sitting: Sitting | None = None
        self._closing = False
        self._driver = ThreadPoolExecutor(max_workers=1, thread_name_prefix="study")  # workers die with their thread
        self.told: list[Past] = []
        if opened.state.submissions or opened.state.begun:
            self._driver.submit(self._drive)

    def __enter__(self) -> "Study":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        """Return where it stands, in a line."""
        return f"<Study of {self.run!r}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the run."""
        return self.run._repr_html_()

    @property
    def run(self) -> Run:
        """The run, as it is now."""
        return look(self._run.folder)

    @property
    def best(self) -> Program:
        """The incumbent."""
        return self.run.best

    def ask(self) -> Asking:
        """Return what to propose with, as of the last verdict; several may be asked for at once.

        ``program(name)`` gives the files of ``best``, of ``parent`` (the suggestion), of ``inspirations`` or of any
        trial; ``history`` what was tried, with feedback in ``detail``; ``memory(name)`` what was deleted and what
        failed; ``brief`` the problem; ``seed`` a draw for this very proposal.
        """
        from selfwright.evolve.library import Library
        from selfwright.evolve.run import brief_of

        with self._lock:
            self._catch_up()
            state = self._run.state
            self._asks = max(self._asks, state.asked + len(state.submissions)) + 1
            return Asking(
                archive=self._archive, brief=brief_of(self._problem), load=Library(self._run.blobs).load,
                seed=state.run.seed, trial=self._asks, attempt=0, verdicts=state.verdicts,
                left=Budget(),
            )  # fmt: skip

    def submit(
        self, files: Mapping[str, str | bytes | None] | None = None, *, patch: str = "", reason: str = "",
        parent: str = "best", proposer: str = "study", usd: float | None = 0.0,
    ) -> Trial:  # fmt: skip
        """Hand in a change, wait for its verdict and return the trial; see ``hand_in``."""
        return self.hand_in(files, patch=patch, reason=reason, parent=parent, proposer=proposer, usd=usd).wait()

    def hand_in(
        self, files: Mapping[str, str | bytes | None] | None = None, *, patch: str = "", reason: str = "",
        parent: str = "best", proposer: str = "study", usd: float | None = 0.0,
    ) -> Pending:  # fmt: skip
        """Hand in a change, and return at once; ``wait()`` gives its trial.

        Args:
            files: Path → new content, or None to delete it; what is not named is as in the parent.
            patch: A unified diff against the parent, instead.
            parent: ``best`` (when its turn comes), ``seed``, ``v3``, ``t12``, or what ``ask`` suggests.
            proposer: Who proposes it, for the record.
            usd: What it cost to make; None where that is unknown.

        Raises:
            BadInput: There is nothing in it, no such parent, a file that may not change, or the study is closed.
        """
        if not files and not patch.strip():
            raise BadInput("there is nothing in this change: give files or a patch")
        for path in files or {}:
            if not self._problem.is_editable(path):
                raise BadInput(f"{path} is locked; this problem lets you change {', '.join(self._problem.editable)}")
        with self._lock:
            if self._closing:
                raise BadInput("the study is closed; open another with the same dir")
            self._catch_up()
            self._run.find(parent)
            with bootstrap.open_files(self._run.folder) as opened:
                kept = {
                    path: None if text is None else opened.blobs.put(text.encode() if isinstance(text, str) else text)
                    for path, text in (files or {}).items()
                }
                command = ev.Submitted(
                    files=kept, patch=patch, parent=parent, reason=printable(reason), proposer=printable(proposer),
                    cost=Cost(usd=usd),
                )  # fmt: skip
                seq = opened.journal.append([command])[-1].seq
            return Pending(self._driver.submit(self._settle, seq), self._run.folder)

    def tell(self, trial: Trial) -> Past:
        """Put what became of a trial on the record of your proposer, and return it as a proposer sees it.

        Its status, decision, metrics and gain, the trial that behaved the same, and in ``detail`` the judge's feedback
        and the log. Nothing is decided by it: the verdict is in the journal already.

        Raises:
            BadInput: It has no verdict.
        """
        number = int(trial.id.removeprefix("t").partition(".")[0])
        with self._lock:
            self._catch_up()
            if not 1 <= number <= len(self._archive.entries):
                raise BadInput(f"{trial.id} has no verdict in {self._run.folder}; wait for it, then tell")
            self.told.append(self._archive.entries[number - 1])
            return self.told[-1]

    def close(self) -> None:
        """End it: what is being measured is finished, and what is not waits in the run for another study."""
        with self._lock:
            self._closing = True
            if self._sitting is not None:
                self._sitting.interrupt()
        self._driver.shutdown(wait=True, cancel_futures=True)
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def _catch_up(self) -> None:
        self._run.catch_up()
        self._archive.catch_up()

    def _settle(self, seq: int) -> Trial:
        """Return the trial of a command once it has its verdict, driving the run until then. The driver's thread."""
        history = look(self._run.folder)
        while True:
            for attempt in history.state.attempts():
                if attempt.proposed.submission == seq and attempt.state in CONCLUDED:
                    return history.trial(attempt.id)
            if self._closing:
                raise CancelledError
            try:
                self._drive()
            except RunHeld:
                time.sleep(_LOOK_S)  # another process drives the run, and measures it
            history.catch_up()
            ended = history.state.control.ended
            if ended is not None and ended.why in ("stopped", "budget") and seq in history.state.submissions:
                raise BadInput(f"not measured: {ended.reason}; the change waits in {history.folder}")

    def _drive(self) -> None:
        """Measure what was handed in until nothing is open. The driver's thread."""
        from selfwright.proposers.mending import Mending

        history = look(self._run.folder)
        run = history.state.run
        specs = run.proposers if history.state.begun else ()
        if self._engine is None:
            self._engine = bootstrap.make_engine(self._problem, run.sandbox, self._workers)
        try:
            with bootstrap.open_files(history.folder) as files:
                bootstrap.drive(
                    self._problem, files, self._engine, Mending(bootstrap.make_proposer(specs, run.sandbox)), (),
                    history.state.budget, target=run.target, observe=self._on_event, on_ready=self._begun,
                )  # fmt: skip
        finally:
            self._sitting = None

    def _begun(self, sitting: Sitting) -> None:
        with self._lock:
            self._sitting = sitting
            if self._closing:
                sitting.interrupt()
