"""A change by a person or an agent, handed in from any terminal, and what became of it."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.life import Ready, Say, drive, keep, problem_of, quiet, unattended
from selfwright.api.looking import look
from selfwright.core import event as ev
from selfwright.core.errors import BadInput, RunHeld
from selfwright.core.printable import printable
from selfwright.evolve.history import History
from selfwright.evolve.story import Observer, ignore

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem
    from selfwright.evolve.submission import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of a submission.

    Attributes:
        words: The same for people.
        adopted: None while nothing is known: it was handed to a running run and not waited for.
    """

    words: str
    adopted: bool | None = None


def submit(
    run: str | Path,
    path: str | Path,
    *,
    reason: str = "",
    parent: str = "best",
    proposer: str = "person",
    wait: bool = False,
    on_event: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Say = quiet,
) -> Answer:
    """Hand in a change and return what became of it.

    A running run takes it as one of its next trials; where nobody drives the run, it is measured here and now.

    Args:
        path: A folder, an editable file, a patch; ``-`` reads a patch from standard input.
        parent: What a patch applies to, and what files that are not named are taken from.
        wait: Wait for the verdict of a run that is driven elsewhere.

    Raises:
        BadInput: Nothing readable at ``path``, or nothing editable in it.
    """
    from selfwright.evolve.submission import what_comes_first

    history = look(run)
    problem = problem_of(history)
    submission = _read(path, history, problem)
    seq, holder = hand_in(history, problem, submission, reason=reason, parent=parent, proposer=proposer)
    if holder and not wait:
        return Answer(
            words=f"submitted to the running run ({holder}); `selfwright log {history.folder}` tells the rest"
        )
    if holder:
        said = _awaited(history.folder, seq, f"submitted to the running run ({holder})", announce)
    else:
        announce(f"nobody drives {history.folder}: measuring it here{what_comes_first(history.state)}")
        said = _measured_here(history, problem, seq, on_event, on_ready, announce)
    words = f"not measured yet: nobody drives the run any more; `selfwright resume {history.folder}` goes on"
    return said or Answer(words=words, adopted=False)


def hand_in(
    history: History, problem: "Problem", submission: "Submission", *, reason: str, parent: str, proposer: str
) -> tuple[int, str | None]:
    """Write a submission into the journal of its run; return its number there, and who drives the run.

    Raises:
        BadInput: There is no such parent, or the problem has changed since the run opened.
    """
    from selfwright.evolve.run import check_problem

    history.find(parent)
    check_problem(problem, history.state.run)
    with bootstrap.open_files(history.folder) as files:
        command = ev.Submitted(
            files=keep(files, submission.files),
            patch=submission.patch,
            parent=parent,
            reason=printable(reason),
            proposer=printable(proposer),
        )
        return files.journal.append([command])[-1].seq, files.journal.holder()


def measure(
    run: str | Path, *, on_event: Observer = ignore, on_ready: Ready = unattended, announce: Say = quiet
) -> History:
    """Measure what was handed in and waits, and propose nothing new; what somebody else drives is left to them.

    Raises:
        BadInput: The problem has changed since the run opened.
    """
    history = look(run)
    if not history.holder() and history.state.submissions:
        last = max(history.state.submissions)
        _measured_here(history, problem_of(history), last, on_event, on_ready, announce)
    return look(history.folder)


def _read(path: str | Path, history: History, problem: "Problem") -> "Submission":
    from selfwright.evolve.submission import read_patch, read_submission

    if str(path) == "-":
        if sys.stdin is None:
            raise BadInput("standard input is closed, so there is no patch to read; pipe one in, or name a file")
        return read_patch(sys.stdin.buffer.read(), "standard input")
    editable = tuple(sorted(history.state.run.tree))
    locked = {name: problem.folder / name for name in problem.locked}
    return read_submission(Path(path), editable=editable, is_editable=problem.is_editable, locked=locked)


def _measured_here(
    history: History, problem: "Problem", seq: int, on_event: Observer, on_ready: Ready, announce: Say
) -> Answer | None:
    """Measure what was handed in, and before its turn what a killed sitting left open; return the verdict.

    Proposes nothing new: whoever proposed what is open may only repair it.
    """
    from selfwright.proposers.mending import Mending

    state = history.state
    specs = state.run.proposers if state.verdicts < state.asked else ()
    while True:
        mender = Mending(bootstrap.make_proposer(specs, state.run.sandbox))
        try:
            drive(history, problem, mender, (), state.budget, None, on_event, on_ready)
        except RunHeld:
            announce("somebody else was faster and measures it")
            if said := _verdict_on(history.folder, seq):
                return said  # else it had seen all that it was to do before this was handed in
        else:
            return _verdict_on(history.folder, seq)


def _awaited(folder: Path, seq: int, handed_in: str, announce: Say) -> Answer | None:
    """Return the verdict on what another process measures; who waits no longer is told that it goes on."""
    try:
        announce(f"{handed_in}, waiting for its verdict")
        return _verdict_on(folder, seq)
    except KeyboardInterrupt:
        announce(f"not waiting any more; the change is handed in, and `selfwright log {folder}` tells the rest")
        raise


def _verdict_on(folder: Path, seq: int) -> Answer | None:
    """Wait for the verdict on a submission; None where nobody drives the run any more."""
    import time

    from selfwright.evolve.submission import verdict_on

    history = look(folder)
    while True:
        holder = history.holder()  # asked before reading: what it wrote last is then read
        history.catch_up()
        if attempt := verdict_on(history.state, seq):
            return Answer(words=f"{attempt.id} {attempt.ending}", adopted=attempt.version is not None)
        if not holder:
            return None
        time.sleep(0.2)
