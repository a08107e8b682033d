"""The life of a run, as Python calls: opened, driven, told what to do, looked at, removed."""

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.agents import AGENTS, agents_in_words
from selfwright.api.confinement import choose_sandbox, sandbox_note
from selfwright.api.looking import Run, look, names_of
from selfwright.api.suiting import check_proposers
from selfwright.core import event as ev
from selfwright.core.budget import Budget
from selfwright.core.change import Files
from selfwright.core.errors import BadInput, JudgeFault, ProblemError, RunHeld
from selfwright.evolve.history import History
from selfwright.evolve.select import ADAPTIVE, check_selection
from selfwright.evolve.shelf import Purge, free_folder, plan_purge, staged
from selfwright.evolve.sitting import Sitting
from selfwright.evolve.story import Observer, ignore
from selfwright.proposers.specification import Part, parse_spec, spell

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem
    from selfwright.ports.engine import Engine
    from selfwright.ports.proposer import Proposer

Say = Callable[[str], None]
Ready = Callable[[Sitting], None]

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
    in_flight: int | None = None,
    sandbox: str | None = None,
    select: str = ADAPTIVE,
    dir: str | Path | None = None,
    on_event: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Say = quiet,
) -> Run:
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
        in_flight: Proposals in the making at once: each sees what came of all but so many before it. Default: what the
            proposer needs, else 8.
        sandbox: Where candidates run; default: the strongest that works here and contains hostile code.
        select: The parent policy: what a change starts from. ``adaptive`` learns which of the others gains most.
        dir: The run's folder; default: a free one below ``.selfwright/runs``.
        on_event: Called with each event and the state after it, as it happens.
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
    folder = Path(dir) if dir else free_folder(found.name, bootstrap.runs_folder())
    return begin(
        found, specs=_specs(found, proposer), budget=budget, seed=seed,
        workers=workers, sandbox=sandbox, select=select, target=bootstrap.commit_target(found, by_path=by_path),
        folder=folder, hidden=folder.parent.absolute() == bootstrap.runs_folder().absolute(),
        in_flight=in_flight,
        on_event=on_event, on_ready=on_ready, announce=announce,
    )  # fmt: skip


def begin(
    found: "Problem", *, specs: tuple[str, ...], budget: Budget, seed: int, workers: int | None, sandbox: str,
    select: str, target: str, folder: Path, hidden: bool = False, in_flight: int | None = None,
    on_event: Observer, on_ready: Ready, announce: Say,
) -> Run:  # fmt: skip
    """Open a run and drive it until the proposer is exhausted or a budget is used; see :func:`run`.

    Args:
        target: Where commits go: ``run``, or the path of the surrounding repository.
        hidden: Whether git is told to ignore what lies beside the run's folder.
        in_flight: See :func:`run`.
    """
    from selfwright.evolve.ledger import check_budget
    from selfwright.evolve.run import lag_for

    check_selection(select, features=bool(found.features))
    made = bootstrap.make_proposer(specs, sandbox)
    check_proposers(found, specs, select=select)
    check_budget(budget, made)
    lag = lag_for(made, in_flight)
    with closing(bootstrap.make_engine(found, sandbox, workers)) as engine:
        new = staged(folder, hidden=hidden, holder=_holder, sync=bootstrap.sync_folder, announce=announce)
        with new as staging, bootstrap.open_files(staging) as files:
            _banner(found, specs, sandbox, folder, announce)
            bootstrap.make_adopter(found, staging, target)  # without git nothing needs to be measured
            opened = ev.RunOpened(
                version=ev.VERSION, subject=found.subject, problem=str(found.folder), problem_hash=found.hash,
                metrics=found.metrics, objective=found.objective, cases=_cases(found, engine), holdout=tuple(stage.name
                for stage in found.stages if stage.holdout), seed=seed, lag=lag, proposers=specs,
                sandbox=sandbox, tree=keep(files, found.seed_files()), target=target, description=found.description,
                limits=found.limits, tiers=found.tiers, phases=found.phases, success=found.success, budget=budget,
                problem_files=found.files, max_pairs=found.max_pairs, judged=found.judged,
                machine=bootstrap.this_machine(), select=select, features=found.features,
            )  # fmt: skip
            announce(_cases_in_words(opened))
            bootstrap.open_run(found, opened, files, engine, on_event)
        with bootstrap.open_files(folder) as files:
            bootstrap.drive(
                found, files, engine, made, specs, budget, target=target, observe=on_event, on_ready=on_ready
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
    on_event: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Say = quiet,
) -> Run:
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
    proposing = bootstrap.make_proposer(specs, state.run.sandbox)
    for words in agents_in_words(specs):
        announce(words)
    drive(history, problem, proposing, specs, given.over(state.budget), workers, on_event, on_ready)
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


def purge(run: str | Path) -> Purge:
    """Return what deleting a run would remove; ``carry_out()`` does it.

    Raises:
        RunHeld: Somebody drives it.
    """
    history = look(run)
    if holder := history.holder():
        raise RunHeld(f"{history.folder} is running ({holder}): `selfwright stop {history.folder}` first")
    return plan_purge(history.folder, history.state)


def problem_of(history: History) -> "Problem":
    """Return the problem of a run, where it was when the run opened."""
    return bootstrap.find_problem(str(Path(history.state.run.problem)) + os.sep)[0]


def drive(
    history: History, problem: "Problem", proposer: "Proposer", specs: Sequence[str], budget: Budget,
    workers: int | None, on_event: Observer, on_ready: Ready,
) -> None:  # fmt: skip
    """Drive a run that was opened before, until nothing is left to do or a bound is reached."""
    run = history.state.run
    engine = bootstrap.make_engine(problem, run.sandbox, workers)
    with closing(engine), bootstrap.open_files(history.folder) as files:
        bootstrap.drive(
            problem, files, engine, proposer, specs, budget, target=run.target, observe=on_event, on_ready=on_ready
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
    if part.name in AGENTS:
        from selfwright.proposers.agent import absolute

        return replace(part, argument=absolute(part.argument))
    is_file = part.argument and (part.name == "recorded" or (part.name == "local" and part.argument.endswith(".gguf")))
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
    announce(f"proposals: {names_of(specs)}; measurements: live; sandbox: {sandbox}; run: {folder}")
    for words in agents_in_words(specs):
        announce(words)
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
