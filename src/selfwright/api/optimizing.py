"""A better function, as a Python call: from a notebook, a script or a module, judged on cases of its owner's."""

import difflib
import hashlib
import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from selfwright.api.confinement import choose_sandbox
from selfwright.api.faster import TOLERANCE
from selfwright.api.generated import Program, free_problem, problem_name, run_generated
from selfwright.api.interrupting import Interrupting
from selfwright.api.life import Say, quiet, resume
from selfwright.api.looking import Run, look
from selfwright.core.duration import seconds
from selfwright.core.errors import BadInput
from selfwright.evolve.shelf import JOURNAL
from selfwright.evolve.story import Observer, ignore

if TYPE_CHECKING:
    from selfwright.oracle import Carried, Target, Wanted
    from selfwright.views.total import TotalGain

PROGRAM, GIVEN = "program.py", "optimize.json"
"""The function's file in the problem; and what was given, by its hash, so that the same call goes on with its run."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Optimized:
    """What became of a function.

    Attributes:
        function: Its name.
        outcome: ``gained``, ``undecided`` (a comparison did not end), ``nothing`` or ``interrupted``.
        sentence: The same for people, with the gain and its interval.
        gain: Of the best over the function as it was, with its interval; None where nothing is proven better.
        source: The best program: the function, with all that it uses.
        diff: How it differs, as a unified diff; empty where it does not. Of the function's file where it fits there.
        run: What was tried.
    """

    function: str
    outcome: str
    sentence: str
    gain: "TotalGain | None"
    source: str
    diff: str
    run: Run
    _carried: "Carried" = field(repr=False)
    _before: str = field(repr=False)

    def apply(self) -> tuple[Path, ...]:
        """Write the better function into the file that it came from, and return what was written.

        Raises:
            BadInput: It does not fit: it came from no file, the file has changed since, or it needs more than itself.
        """
        from selfwright.oracle import put_back

        if self.source == self._before:
            return ()
        files = put_back(self._carried, self._before, self.source)
        for path, (_, text) in files.items():
            path.write_bytes(text.encode())
        return tuple(files)

    def __repr__(self) -> str:
        """Return the sentence."""
        return f"<Optimized {self.sentence}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the card of the run, and the difference."""
        from selfwright.report import render_card

        return render_card(self.run.state, foot=f"{self.sentence}; the run lies in {self.run.folder}", diff=self.diff)


def optimize(
    function: Callable[..., object],
    *,
    cases: Sequence[object] | Callable[[int], Sequence[object]],
    check: Callable[..., object] | None = None,
    metric: str | Callable[..., object] = "time",
    better: str = "higher",
    minimum_effect: str = "2 %",
    proposer: str | Sequence[str] = (),
    trials: int | None = None,
    wall: str | float | None = None,
    budget_usd: float | None = None,
    seed: int = 0,
    workers: int | None = None,
    sandbox: str | None = None,
    dir: str | Path | None = None,
    on_event: Observer = ignore,
    announce: Say = quiet,
) -> Optimized:
    """Make a function better: faster, and otherwise what it is, or better by a score of yours.

    Its source is taken, with the functions, values and imports that it uses; it runs in the sandbox. Cases, check and
    score are taken likewise and run in the judge, outside the sandbox. Nothing of yours is changed: see ``apply``.

    Ctrl-C ends it gently, and the result says so; the same call with ``dir`` set to the folder of the run goes on.

    Args:
        function: Written with ``def``, in a file or a notebook's cell.
        cases: A list of cases, or a function that makes one from a seed (an int). A case is a tuple of arguments; what
            is no tuple is the only argument. Of a list, inputs like those in it are made to be timed, no two alike;
            where that would make nonsense of them, give a function.
        check: ``check(output, expected, *arguments)`` returns True where the output is right, else False or a sentence;
            ``expected`` is what ``function`` returns. None: for ``time``, it must do exactly what it does now (floats
            within 1e-9).
        metric: ``time``, or a function ``score(output, *arguments)`` that returns a number, whose mean over the cases
            counts.
        better: Of a score: ``higher`` or ``lower``.
        minimum_effect: Smaller gains are not worth a version: a percentage, or an amount where a score can cross zero.
        proposer: As in ``run``; default ``mutate``, which needs no model.
        trials: Bound on the trials; 40 where no other bound is given.
        wall: Bound on the time: ``2m``, ``90s``, or seconds.
        dir: The run's folder; where it holds a run of the same function, cases, check and metric, that one goes on.
        on_event: Called with each event and the state after it, as it happens.
        announce: Told, in a line, what goes on.

    Raises:
        Unfit: It can not be judged on these cases; ``why`` says which kind of reason.
        BadInput: Something has no source or can not be carried; the message says which, and the mend.
    """
    from selfwright import oracle

    carried = oracle.carry(function)
    wanted, listed = _wanted(cases, check, metric, better, minimum_effect)
    wall_s = seconds(wall) if isinstance(wall, str) else wall
    given = _digest(carried, wanted, listed)
    where = choose_sandbox(sandbox, trusted=False)
    with TemporaryDirectory(prefix="selfwright-optimize-") as scratch, Interrupting() as interrupting:
        file = Path(scratch, PROGRAM)
        file.write_text(carried.text())
        target = oracle.find_target(f"{file}:{list(carried.pieces)[-1]}")
        if dir is not None and (Path(dir) / JOURNAL).is_file():
            _check_given(Path(dir), given)
            run = resume(
                dir, trials=trials, wall_s=wall_s, budget_usd=budget_usd, workers=workers, on_event=on_event,
                on_ready=interrupting.ready, announce=announce,
            )  # fmt: skip
        else:
            problem = _written(target, wanted, listed, where, announce)
            (problem / GIVEN).write_text(json.dumps({"given": given}) + "\n")
            run = run_generated(
                problem, proposer=proposer, trials=trials, wall_s=wall_s, budget_usd=budget_usd, seed=seed,
                workers=workers, sandbox=where, dir=dir, on_event=on_event, on_ready=interrupting.ready,
                announce=announce,
            )  # fmt: skip
        return _ended(target, carried, run)


def _wanted(
    cases: Sequence[object] | Callable[[int], Sequence[object]], check: Callable[..., object] | None,
    metric: str | Callable[..., object], better: str, effect: str,
) -> "tuple[Wanted, list[tuple[object, ...]]]":  # fmt: skip
    """Return what is wanted, and the listed cases."""
    from selfwright.core.metric import Better, Effect
    from selfwright.oracle import Wanted

    if isinstance(metric, str) and metric != "time":
        raise BadInput(f"metric {metric!r} is unknown; there is 'time', or give a function score(output, *arguments)")
    if better not in list(Better):
        raise BadInput(f"better={better!r}: write 'higher' or 'lower'")
    try:
        Effect.parse(effect)
    except ValueError as error:
        raise BadInput(f"minimum_effect: {error}") from error
    makes = cases if callable(cases) else None
    score = None if isinstance(metric, str) else metric
    listed = [] if makes else _checked(cases, "cases")
    if makes:
        first, second = (_checked(makes(number), f"{_name(makes)}({number})") for number in (0, 1))
        if score is None and _packed(first) == _packed(second):
            raise BadInput(
                f"{_name(makes)} makes the same cases of every seed, and a program could remember its results; draw "
                "them from the seed, as in random.Random(seed)"
            )
    return Wanted(cases=makes, check=check, score=score, better=better, effect=effect), listed


def _checked(cases: Any, name: str) -> list[tuple[object, ...]]:
    """Return cases as tuples of arguments.

    Raises:
        BadInput: There are none, or one is not carried.
    """
    from selfwright.oracle import rows_of

    rows = rows_of(list(cases))
    if not rows:
        raise BadInput(f"{name}: there is no case; give some, as tuples of arguments")
    for number, row in enumerate(rows):
        try:
            _packed([row])
        except ValueError as error:
            raise BadInput(f"{name}: case {number} can not be carried: {error}") from error
    return rows


def _packed(rows: "list[tuple[object, ...]]") -> bytes:
    from selfwright.oracle import pack_cases

    return pack_cases(rows)


def _name(function: object) -> str:
    return str(getattr(function, "__name__", function))


def _digest(carried: "Carried", wanted: "Wanted", listed: "list[tuple[object, ...]]") -> str:
    """Return the hash of what was given."""
    names = [_name(each) for each in (wanted.cases, wanted.check, wanted.score)]
    said = json.dumps([carried.text(), wanted.theirs().text(), names, wanted.better, wanted.effect])
    return hashlib.sha256(said.encode() + _packed(listed)).hexdigest()


def _check_given(folder: Path, given: str) -> None:
    """Accept a run of the same function, cases, check and metric.

    Raises:
        BadInput: It is another.
    """
    there = Path(look(folder).state.run.problem) / GIVEN
    if not there.is_file() or json.loads(there.read_text())["given"] != given:
        raise BadInput(
            f"{folder} holds a run of something else: function, cases, check or metric differ; name another dir"
        )


def _written(
    target: "Target", wanted: "Wanted", listed: "list[tuple[object, ...]]", sandbox: str, announce: Say
) -> Path:  # fmt: skip
    """Write the problem, once it is known that the function can be judged so."""
    from dataclasses import replace

    from selfwright import oracle

    oracle.check_purity(target)
    name = problem_name("optimize", target.function)
    with closing(Program(target, {}, sandbox)) as program:
        if listed and wanted.score is None:
            recording = oracle.Recording(rows=tuple(listed))
            fitting = oracle.fit(target, recording, program.candidate, tolerance=TOLERANCE)
            for words in fitting.told:
                announce(words)
            folder = free_problem(name)
            if wanted.check is None:
                oracle.write_problem(target, fitting, {}, folder, name=name)
                return folder
            task = fitting.task
            stored = oracle.pack_cases(task.rows, task.timed, task.spread)
            oracle.write_case_problem(target, replace(wanted, stored=stored), folder, name=name)
            return folder
        rows = listed or _checked(wanted.cases and wanted.cases(0), "cases")
        oracle.check_cases(target.function, rows, program.candidate, timed=wanted.score is None)
    folder = free_problem(name)
    stored = oracle.pack_cases(listed) if listed else b""
    oracle.write_case_problem(target, replace(wanted, stored=stored), folder, name=name)
    return folder


def _ended(target: "Target", carried: "Carried", run: Run) -> Optimized:
    from selfwright.core.lifecycle import State
    from selfwright.oracle import unmarked
    from selfwright.views.total import total_gain

    state, before = run.state, target.file.read_text()
    source = unmarked(run.best.files[target.program], target).decode()
    gain, ended = total_gain(state), state.control.ended
    parked = sum(attempt.state is State.PARKED for attempt in state.attempts())
    stopped = ended is not None and ended.why == "interrupted"
    outcome = "undecided" if parked or state.verdicts < state.asked else "nothing"
    outcome = "interrupted" if stopped else "gained" if len(state.versions) > 1 else outcome
    words = f"{gain}" if gain else f"nothing is proven better ({state.verdicts} proposals, {parked} undecided)"
    more = f"; interrupted, the same call with dir={str(run.folder)!r} goes on" if stopped else ""
    return Optimized(
        function=target.function, outcome=outcome, sentence=f"{target.function}: {words}{more}", gain=gain,
        source=source, diff=_diff(carried, before, source), run=run, _carried=carried, _before=before,
    )  # fmt: skip


def _diff(carried: "Carried", before: str, after: str) -> str:
    from selfwright.oracle import put_back

    if before == after:
        return ""
    try:
        files = {_short(path): texts for path, texts in put_back(carried, before, after).items()}
    except BadInput:
        files = {PROGRAM: (before, after)}
    return "".join(
        line
        for path, (old, new) in files.items()
        for line in difflib.unified_diff(
            old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}"
        )
    )


def _short(path: Path) -> str:
    here = Path.cwd().resolve()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name
