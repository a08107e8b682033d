"""A faster function without an evaluator, as a Python call: the original is the oracle."""

import shlex
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.confinement import choose_sandbox
from selfwright.api.generated import Program, free_problem, problem_name, run_generated
from selfwright.api.life import Ready, Say, quiet, unattended
from selfwright.api.looking import Run
from selfwright.core.errors import BadInput
from selfwright.evolve.story import Observer, ignore

if TYPE_CHECKING:
    from selfwright.core.verdict import PairedGain
    from selfwright.oracle import Fit, Found, Target
    from selfwright.ports.repo import Repo

TOLERANCE = 1e-9
"""By how much a float may differ, relative, where nobody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speedup:
    """What became of a function.

    Attributes:
        outcome: ``gained``, ``undecided`` (a comparison did not end), or ``nothing``.
        sentence: The same for people, with the gain and its interval.
        history: The run; ``run.best.files`` has the program.
        branch: Where the commit is, in the repository around the file; empty where a patch was asked for.
        patch: Where the patch is; None where a commit was made.
    """

    outcome: str
    sentence: str
    history: Run
    branch: str = ""
    commit: str = ""
    patch: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the result goes, as it was before anything ran.

    Attributes:
        path: Of the file in the repository, or its name.
        patch: Where one is written; None where a commit is made.
        repo: Gets the commit.
        head: The commit that it is made on.
    """

    path: str
    patch: Path | None = None
    repo: "Repo | None" = None
    head: str = ""


def speed(
    function: str,
    *,
    tests: str | Sequence[str] = "pytest -q",
    proposer: str | Sequence[str] = (),
    patch: str | Path | None = None,
    tolerance: float = TOLERANCE,
    trials: int | None = None,
    wall_s: float | None = None,
    budget_usd: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    sandbox: str | None = None,
    dir: str | Path | None = None,
    tests_wall_s: float = 600.0,
    on_event: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Say = quiet,
) -> Speedup:
    """Make a function faster that must otherwise stay as it is: the original is the oracle.

    Args:
        function: ``FILE:FUNCTION``, a function at the top level of a module.
        tests: The command that tests it, run here with the caller's rights; its calls of the function are recorded.
        proposer: As in ``run``; default ``mutate``, which needs no model.
        patch: Write a patch there, and its certificates beside it. Else a commit is made on a new branch
            ``selfwright/speed-FUNCTION`` of the repository around the file; its work tree is never touched.
        tolerance: By how much a float may differ, relative.
        trials: Bound on the trials; 40 where no other bound is given.
        tests_wall_s: Deadline of the tests.

    Raises:
        Unfit: It can not be its own oracle; ``why`` says which kind of reason, the message what was seen and the mend.
        BadInput: Something else given is wrong.
    """
    from selfwright import oracle

    target = oracle.find_target(function)
    if not 0 <= tolerance < 1:
        raise BadInput(f"a tolerance of {tolerance:g} means nothing; give a relative one, such as 1e-9, or 0")
    place = _place(target, Path(patch) if patch else None)
    command = shlex.split(tests) if isinstance(tests, str) else list(tests)
    if not command:
        raise BadInput("there is no command that tests it; name one, as in --tests 'pytest -q tests'")
    oracle.check_purity(target)
    announce(f"{target.program}:{target.function}: recording what `{shlex.join(command)}` calls it with")
    recording = oracle.record(
        target, command, lambda argv: bootstrap.run_program(argv, Path.cwd(), timeout_s=tests_wall_s)
    )
    where = choose_sandbox(sandbox, trusted=False)
    beside = target.beside()
    with closing(Program(target, beside, where)) as program:
        fitting = oracle.fit(target, recording, program.candidate, tolerance=tolerance)
    for words in fitting.told:
        announce(words)
    name = problem_name("speed", target.function)
    problem = free_problem(name)
    oracle.write_problem(target, fitting, beside, problem, name=name)
    history = run_generated(
        problem, proposer=proposer, trials=trials, wall_s=wall_s, budget_usd=budget_usd, seed=seed, workers=workers,
        sandbox=where, dir=dir, on_event=on_event, on_ready=on_ready, announce=announce,
    )  # fmt: skip
    return _delivered(target, place, history, fitting)


def _place(target: "Target", patch: Path | None) -> _Place:
    """Return where the result goes.

    Raises:
        BadInput: A commit can not go there.
    """
    found = bootstrap.repository_around(target.file.parent)
    name = target.file.name
    path = f"{found.prefix}{name}" if found else name
    if patch is not None:
        if patch.is_dir() or not patch.absolute().parent.is_dir():
            raise BadInput(f"--patch {patch}: name a file in a folder that is there")
        return _Place(path=path, patch=patch)
    if found is None or found.head is None:
        raise BadInput(f"{target.file} is in no git repository with a commit; write a patch instead: --patch FILE")
    if found.differing({name: target.file.read_bytes()}):
        raise BadInput(
            f"{target.file} differs from HEAD of {found.top}, and the commit would be on top of that: commit the file, "
            "undo its changes, or write a patch instead: --patch FILE"
        )
    return _Place(path=path, repo=found.repo, head=found.head)


def _delivered(target: "Target", place: _Place, history: Run, fitting: "Fit") -> Speedup:
    from selfwright.core.count import counted
    from selfwright.core.lifecycle import State
    from selfwright.oracle import commit, write_patch

    state = history.state
    if len(state.versions) < 2:
        parked = sum(attempt.state is State.PARKED for attempt in state.attempts())
        outcome = "undecided" if parked or state.verdicts < state.asked else "nothing"
        tried = f"{counted(state.verdicts, 'proposal')} judged, {parked} of them undecided"
        if open_ := state.asked - state.verdicts:
            tried += f"; the budget ended before {open_} more were: give it more, as in --wall 10m"
        return Speedup(
            outcome=outcome, history=history,
            sentence=f"{target.function}: nothing that is proven faster and the same ({tried})",
        )  # fmt: skip
    found = _found(target, place, history, fitting)
    if place.patch is not None:
        write_patch(found, place.patch)
        return Speedup(outcome="gained", sentence=found.subject, history=history, patch=place.patch)
    assert place.repo is not None  # _place saw to it
    branch, made = commit(
        found, repo=place.repo, notes=bootstrap.notes_of(place.repo), head=place.head,
        branch=f"selfwright/speed-{target.function}", author=bootstrap.signature(),
    )  # fmt: skip
    return Speedup(outcome="gained", sentence=found.subject, history=history, branch=branch, commit=made)


def _found(target: "Target", place: _Place, history: Run, fitting: "Fit") -> "Found":
    from selfwright.oracle import Found, unmarked
    from selfwright.views.comparison import fresh_gain
    from selfwright.views.leaderboard import versions_table
    from selfwright.views.total import total_gain

    state, task = history.state, fitting.task
    rows = versions_table(state)
    steps = [_step(row.version, fresh_gain(state, state.last(row.trial)), row.reason) for row in rows[1:]]
    body = [
        f"The function does what it did on {len(task.rows)} recorded calls and on generated ones like them, other ones "
        "in each measurement: results and their types, exceptions, changes of arguments; floats within "
        f"{task.tolerance:g} relative. Paired time on inputs no two of which are alike:",
        "\n".join(f"  {step}" for step in steps),
        f"Run: {history.folder}",
    ]
    folders = [history.folder / "versions" / f"v{row.version}" for row in rows[1:]]
    return Found(
        path=place.path, before=target.file.read_bytes(), after=unmarked(history.best.files[target.program], target),
        subject=f"{target.function}: {total_gain(state) or 'faster'}", body="\n\n".join(body),
        certificates=tuple((folder / "certificate.json").read_bytes() for folder in folders),
    )  # fmt: skip


def _step(version: int, gain: "PairedGain | None", reason: str) -> str:
    from selfwright.core.printable import one_line

    words = "no pairs" if gain is None else (
        f"{gain.gain * 100:.3g} % less time (95 % interval {gain.low * 100:.3g} % to {gain.high * 100:.3g} %), "
        f"{gain.pairs} pairs"
    )  # fmt: skip
    return f"v{version}: {words}; {one_line(reason)}"
