"""The life of a run, as Python calls: opened, driven, told what to do, looked at, removed."""

import os
import shlex
import socket
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.confinement import choose_sandbox, sandbox_note
from selfwright.core import event as ev
from selfwright.core.budget import Budget
from selfwright.core.change import Files
from selfwright.core.errors import BadInput, JudgeFault, ProblemError, RunHeld
from selfwright.evolve.glance import glance, keep_outline
from selfwright.evolve.history import History
from selfwright.evolve.select import ADAPTIVE, check_selection
from selfwright.evolve.shelf import JOURNAL, Purge, find_run, free_folder, plan_purge, staged
from selfwright.evolve.sitting import Sitting
from selfwright.evolve.story import Observer, ignore
from selfwright.proposers.specification import Part, parse_spec, spell

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem
    from selfwright.ports.engine import Engine
    from selfwright.ports.proposer import Proposer
    from selfwright.report import Facts
    from selfwright.views.baseline import Standing

Say = Callable[[str], None]
Ready = Callable[[Sitting], None]

BASELINES = "baselines"
"""Folder of a run in which its baselines lie, each a run of its own."""

DEFAULT_TRIALS = 100
"""Bound of a run for which nobody set one, so that nothing runs for ever by accident."""


def quiet(words: str) -> None:
    """Say nothing."""


def unattended(sitting: Sitting) -> None:
    """Nobody will interrupt this sitting."""


def run(
    problem: str | Path,
    *,
    proposer: str | Sequence[str] = (),
    trials: int | None = None,
    pairs: int | None = None,
    wall_s: float | None = None,
    cpu_s: float | None = None,
    tokens: int | None = None,
    budget_usd: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    sandbox: str | None = None,
    select: str = ADAPTIVE,
    dir: str | Path | None = None,
    observe: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Say = quiet,
) -> History:
    """Open a run of ``problem`` and drive it until the proposer is exhausted or a budget is used.

    Args:
        problem: A problem's folder, or the name of a bundled one.
        proposer: ``NAME[:ARG]``. Of ``A+B`` each is asked as often as it pays, of ``3*A+B`` in these shares; of a list
            the next is asked when the one before is exhausted.
        trials: Bound on the trials; 100 where no other bound is given.
        pairs: Bound on the pairs that compare candidates with the incumbent, fresh blocks included.
        cpu_s: Bound on the CPU time of candidates, in seconds.
        tokens: Bound on the tokens that models read and write.
        seed: Every draw of the run follows from it.
        workers: Measurements at once; default: all cores.
        sandbox: Where candidates run; default: the strongest that works here and contains hostile code.
        select: The parent policy: what a change starts from. ``adaptive`` learns which of the others gains most.
        dir: The run's folder; default: a free one below ``.selfwright/runs``.
        observe: Called after each event.
        on_ready: Told of the sitting, so that Ctrl-C can reach it.
        announce: Told, in a line, what a person should know before it begins.

    Raises:
        BadInput: Something given is wrong, or the seed or the judge fails; nothing was touched.
        JudgeFault: The judge failed on many trials in a row; the run can be looked at.
    """
    found, by_path = bootstrap.find_problem(str(problem))
    sandbox = choose_sandbox(sandbox, trusted=not by_path and not proposer)
    budget = Budget(trials=trials, pairs=pairs, wall_s=wall_s, cpu_s=cpu_s, tokens=tokens, usd=budget_usd)
    if not budget.bounds():
        budget = Budget(trials=DEFAULT_TRIALS)
    return begin(
        found, specs=_specs(found, proposer), budget=budget, seed=seed,
        workers=workers, sandbox=sandbox, select=select, target=bootstrap.commit_target(found, by_path=by_path),
        folder=Path(dir) if dir else free_folder(found.name, bootstrap.runs_folder()), hidden=dir is None,
        observe=observe, on_ready=on_ready, announce=announce,
    )  # fmt: skip


def begin(
    found: "Problem", *, specs: tuple[str, ...], budget: Budget, seed: int, workers: int | None, sandbox: str,
    select: str, target: str, folder: Path, hidden: bool = False, observe: Observer, on_ready: Ready, announce: Say,
) -> History:  # fmt: skip
    """Open a run and drive it until the proposer is exhausted or a budget is used; see :func:`run`.

    Args:
        target: Where commits go: ``run``, or the path of the surrounding repository.
        hidden: Whether git is told to ignore what lies beside the run's folder.
    """
    from selfwright.evolve.ledger import check_budget
    from selfwright.evolve.run import lag_for

    check_selection(select, features=bool(found.features))
    made = bootstrap.make_proposer(specs)
    bootstrap.check_proposers(found, specs, select=select)
    check_budget(budget, made)
    with closing(bootstrap.make_engine(found, sandbox, workers)) as engine:
        new = staged(folder, hidden=hidden, holder=_holder, sync=bootstrap.sync_folder, announce=announce)
        with new as staging, bootstrap.open_files(staging) as files:
            _banner(found, specs, sandbox, folder, announce)
            bootstrap.make_adopter(found, staging, target)  # without git nothing needs to be measured
            opened = ev.RunOpened(
                version=ev.VERSION, subject=found.subject, problem=str(found.folder), problem_hash=found.hash,
                metrics=found.metrics, objective=found.objective, cases=_cases(found, engine), holdout=tuple(stage.name
                for stage in found.stages if stage.holdout), seed=seed, lag=lag_for(made), proposers=specs,
                sandbox=sandbox, tree=keep(files, found.seed_files()), target=target, description=found.description,
                limits=found.limits, tiers=found.tiers, phases=found.phases, success=found.success, budget=budget,
                problem_files=found.files, max_pairs=found.max_pairs, judged=found.judged,
                machine=bootstrap.this_machine(), select=select, features=found.features,
            )  # fmt: skip
            announce(_cases_in_words(opened))
            bootstrap.open_run(found, opened, files, engine, observe)
        with bootstrap.open_files(folder) as files:
            bootstrap.drive(
                found, files, engine, made, specs, budget, target=target, observe=observe, on_ready=on_ready
            )
    return look(folder)


def resume(
    run: str | Path,
    *,
    proposer: str | Sequence[str] = (),
    trials: int | None = None,
    pairs: int | None = None,
    wall_s: float | None = None,
    cpu_s: float | None = None,
    tokens: int | None = None,
    budget_usd: float | None = None,
    workers: int | None = None,
    observe: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Say = quiet,
) -> History:
    """Go on with a run: with one that is paused in another process, or with one that nobody drives.

    Bounds that are not given stay as they were. A finished run stays finished, and that is no error.

    Raises:
        BadInput: The problem has changed since the run opened, or somebody drives the run and it is not paused.
    """
    history = look(run)
    state = history.state
    holder = history.holder()
    if holder:
        if not state.control.paused:
            raise RunHeld(
                f"{history.folder} is running already ({holder}); `selfwright status {history.folder}` shows it"
            )
        _command(history.folder, ev.ResumeRequested(by=_me()))
        announce(f"told {holder} to go on")
        return look(run)
    problem = problem_of(history)
    given = Budget(trials=trials, pairs=pairs, wall_s=wall_s, cpu_s=cpu_s, tokens=tokens, usd=budget_usd)
    specs = _specs(problem, proposer) if proposer else state.run.proposers
    drive(history, problem, bootstrap.make_proposer(specs), specs, given.over(state.budget), workers, observe, on_ready)
    return look(history.folder)


def pause(run: str | Path) -> str:
    """Ask the process that drives a run to begin nothing new; return what was done, in words."""
    return _tell(run, ev.PauseRequested(by=_me()), "paused: what is in flight is kept; `selfwright resume {0}` goes on")


def stop(run: str | Path) -> str:
    """Ask the process that drives a run to end after the current trials, or, the second time, at once."""
    sittings = look(run).state.control.sittings
    return _tell(
        run,
        ev.StopRequested(sitting=sittings, by=_me()),
        "stopping after the current trials; again: `selfwright stop {0}` at once",
    )


def look(run: str | Path, *, briefly: bool = False) -> History:
    """Return a run to look at: its state, its programs, its events.

    Args:
        briefly: Of a long run without the trials that came to nothing: at once, where it was looked at before.

    Raises:
        BadInput: There is no such run.
        JournalError: Its journal is corrupt, or of a later version.
    """
    folder = find_run(str(run), bootstrap.runs_folder())
    files = bootstrap.open_files(folder, readonly=True)
    try:
        state = glance(folder, files.journal) if briefly else None
        history = History(folder=folder, journal=files.journal, blobs=files.blobs, state=state)
        if not briefly:
            keep_outline(folder, history.state)
    except BaseException:
        files.close()
        raise
    weakref.finalize(history, files.close)  # open as long as somebody looks
    return history


def record(history: History, path: Path) -> int:
    """Write the proposals of a run as a recorded session; return how many there are."""
    from selfwright.evolve.recording import lines_of
    from selfwright.proposers.recorded import write_recording

    lines = list(lines_of(history))
    write_recording(path, lines)
    return len(lines)


def purge(run: str | Path) -> Purge:
    """Return what deleting a run would remove; ``carry_out()`` does it.

    Raises:
        RunHeld: Somebody drives it.
    """
    history = look(run)
    if holder := history.holder():
        raise RunHeld(f"{history.folder} is running ({holder}): `selfwright stop {history.folder}` first")
    return plan_purge(history.folder, history.state)


def report(history: History) -> Path:
    """Write the report of a run, one HTML file, and return its path."""
    from selfwright.report import write_report

    path = history.folder / "report.html"
    write_report(path=path, state=history.state, load=history.blobs.get, facts=_facts(history))
    return path


def _facts(history: History) -> "Facts":
    from selfwright.report import Facts

    run = history.state.run
    name = run.subject.removeprefix("problem:")
    return Facts(
        name=name, description=run.description, run=str(history.folder), proposals=_names(run.proposers),
        confinement=sandbox_note(run.sandbox), tiers=run.tiers, phases=run.phases, success=run.success,
        standings=standings(history),
    )  # fmt: skip


def standings(history: History) -> "tuple[Standing, ...]":
    """Return where a run stands beside its baselines, the run itself first; of none, nothing."""
    from selfwright.views.baseline import standing

    folders = sorted((history.folder / BASELINES).glob(f"*/{JOURNAL}"))
    found = [standing(folder.parent.name, look(folder.parent).state) for folder in folders]
    return (standing("", history.state), *found) if found else ()


def _names(specs: Sequence[str]) -> str:
    return ", then ".join(" and ".join(part.name for part in parse_spec(spec)) for spec in specs)


def commits(history: History) -> str:
    """Return the commits of the evolved branch, newest first: short id and subject, as git has them."""
    from selfwright.views.run import own_commits

    state = history.state
    if not state.versions:
        return "no version yet"
    repo = bootstrap.run_repo(history.folder, state.run.target)
    lines = [f"  {each.commit[:7]} {repo.message(each.commit).splitlines()[0]}" for each in reversed(state.versions)]
    command = ["git", f"--git-dir={repo.git_dir}", "log", "--oneline", *own_commits(state)]
    return "\n".join([shlex.join(command), *lines])


def problem_of(history: History) -> "Problem":
    """Return the problem of a run, where it was when the run opened."""
    return bootstrap.find_problem(str(Path(history.state.run.problem)) + os.sep)[0]


def drive(
    history: History, problem: "Problem", proposer: "Proposer", specs: Sequence[str], budget: Budget,
    workers: int | None, observe: Observer, on_ready: Ready,
) -> None:  # fmt: skip
    """Drive a run that was opened before, until nothing is left to do or a bound is reached."""
    run = history.state.run
    engine = bootstrap.make_engine(problem, run.sandbox, workers)
    with closing(engine), bootstrap.open_files(history.folder) as files:
        bootstrap.drive(
            problem, files, engine, proposer, specs, budget, target=run.target, observe=observe, on_ready=on_ready
        )


def _holder(folder: Path) -> str | None:
    return look(folder).holder()


def _specs(problem: "Problem", proposer: str | Sequence[str]) -> tuple[str, ...]:
    """Return proposer specifications with files made absolute, so that a resumed run finds them from anywhere."""
    from selfwright.bench.folder import RECORDING

    given = (proposer,) if isinstance(proposer, str) else tuple(proposer)
    recording = problem.folder / RECORDING
    if not given:
        given = (f"recorded:{recording}", "numeric") if recording.is_file() else ("numeric",)
    return tuple(spell(tuple(map(_anywhere, parse_spec(spec)))) for spec in given)


def _anywhere(part: Part) -> Part:
    is_file = part.name == "recorded" and part.argument
    return replace(part, argument=str(Path(part.argument).absolute())) if is_file else part


def _cases(problem: "Problem", engine: "Engine") -> Mapping[str, tuple[str, ...]]:
    try:
        return engine.cases()
    except JudgeFault as error:
        raise ProblemError(f"{problem.folder}: {error}") from error


def _cases_in_words(opened: ev.RunOpened) -> str:
    shown = [
        f"{stage}: {f'{len(cases)} never shown' if stage in opened.holdout else ', '.join(cases[:6]) or 'all at once'}"
        for stage, cases in opened.cases.items()
    ]
    return f"cases: {'; '.join(shown)}; seed {opened.seed}"


def keep(files: bootstrap.Opened, contents: Files) -> dict[str, str]:
    """Store the contents; return path → sha256."""
    return {path: files.blobs.put(content) for path, content in contents.items()}


def _banner(problem: "Problem", specs: Sequence[str], sandbox: str, folder: Path, announce: Say) -> None:
    announce(f"{problem.name}: {problem.description.strip().partition('. ')[0].rstrip('.')}.")
    announce(f"proposals: {_names(specs)}; measurements: live; sandbox: {sandbox}; run: {folder}")
    if note := sandbox_note(sandbox):
        announce(note)
    if problem.judged != "outside":
        announce(f"judged: {problem.judged}; certificates will say so")


def _tell(run: str | Path, command: ev.Event, words: str) -> str:
    history = look(run)
    if not history.holder():
        raise BadInput(
            f"nobody drives {history.folder}: there is nothing to tell; `selfwright status {history.folder}`"
        )
    _command(history.folder, command)
    return words.format(history.folder)


def _command(folder: Path, command: ev.Event) -> None:
    with bootstrap.open_files(folder) as files:
        files.journal.append([command])


def _me() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"
