"""Our sandbox and judge in somebody else's loop: ``as_evaluator``."""

import math
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from selfwright import bootstrap
from selfwright.api.confinement import choose_sandbox
from selfwright.core.errors import BadInput, JudgeFault, ProblemError
from selfwright.core.metric import Better
from selfwright.core.status import TrialStatus

if TYPE_CHECKING:
    from selfwright.core.change import Files
    from selfwright.core.trial import Outcome
    from selfwright.proposers.mark import Value

Program = str | Path | Mapping[str, str | bytes]
"""The text of the program, a path to it, or path → text of several editable files."""


class Trial(Protocol):
    """What is used of Optuna's trial."""

    def suggest_categorical(self, name: str, choices: "Sequence[Value]") -> "Value":
        """Choose."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float:
        """Choose within a range."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool) -> int:
        """Choose within a range."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What the judge said of one program.

    Attributes:
        score: Higher is better: how many times as good as the seed, where both are positive, else by how much better;
            the evaluator's ``failed`` where there are no numbers or a constraint is broken.
        metrics: Aggregates over the cases of the last stage; empty where it failed.
        status: How it ended.
        reason: Why, where it is not ``ok`` or a constraint is broken.
        feedback: The judge's, for whoever proposes.
    """

    score: float
    metrics: Mapping[str, float]
    status: TrialStatus
    reason: str = ""
    feedback: str = ""

    @property
    def ok(self) -> bool:
        """Whether it has numbers and breaks no constraint."""
        return not self.reason


class Evaluator:
    """Measures programs of a problem as a run does, for whatever loop asks; see ``as_evaluator``.

    Attributes:
        seed: Path → content of the program that the problem begins with.
        problem: Where it lies.

    Args:
        failed: The score of a program that has none.
    """

    def __init__(self, problem: str | Path, *, sandbox: str | None, workers: int | None, failed: float) -> None:
        from selfwright.check.measure import Measurer

        found, by_path = bootstrap.find_problem(str(problem))
        where = choose_sandbox(sandbox, trusted=not by_path)
        self._problem = found
        self._failed = failed
        engine = bootstrap.make_engine(found, where, workers)
        self._close = weakref.finalize(self, engine.close)
        try:
            self._measurer = Measurer(problem=found, engine=engine, cases=engine.cases(), until_s=math.inf, seed=0)
        except JudgeFault as error:
            raise ProblemError(f"{found.folder}: {error}") from error
        self.problem = found.folder
        self.seed: Files = found.seed_files()
        self._base: float | None = None

    def __enter__(self) -> "Evaluator":
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker processes. It is also done when nobody holds the evaluator any more."""
        self._close()

    def measure(self, program: Program) -> Measured:
        """Measure a program on every public stage, cheap first; the holdout is not touched.

        What a run would refuse (a locked file, an import that is not declared, text that does not parse) is not run.

        Raises:
            JudgeFault: The judge itself failed, which says nothing of the program.
        """
        from selfwright.evolve.admission import Rules, check_seed
        from selfwright.gate.exact import broken_constraint
        from selfwright.gate.summary import summarise

        files = self._files(program)
        try:
            for path in files:
                if not self._problem.is_editable(path):
                    raise BadInput(f"{path} is locked; this problem lets you change {', '.join(sorted(self.seed))}")
            check_seed(files, rules=Rules.of(self._problem))
        except BadInput as error:
            return Measured(score=self._failed, metrics={}, status=TrialStatus.INVALID, reason=f"refused: {error}")
        outcomes: list[Outcome] = []
        for stage in self._measurer.public:
            outcomes = self._measurer.measure(self._measurer.shots(files, stage))
            bad = next((each for each in outcomes if each.status is not TrialStatus.OK), None)
            if bad is not None and bad.status is TrialStatus.UNJUDGED:
                raise JudgeFault(f"{self.problem}: {bad.reason}")
            if bad is not None:
                return Measured(score=self._failed, metrics={}, status=bad.status, reason=bad.reason, feedback=bad.log)
        readings = [reading for outcome in outcomes for reading in outcome.readings]
        metrics = summarise(self._problem.metrics, readings)
        broken = broken_constraint(self._problem.objective, metrics) or ""
        return Measured(
            score=self._failed if broken else self._score(metrics), metrics=metrics, status=TrialStatus.OK,
            reason=broken, feedback="\n".join(filter(None, (outcome.feedback for outcome in outcomes))),
        )  # fmt: skip

    def openevolve(self, program_path: str) -> dict[str, object]:
        """Be OpenEvolve's ``evaluate(program_path)``: metrics, with ``combined_score``, and why there are none."""
        got = self.measure(Path(program_path))
        more = {"error": got.reason} if got.reason else {}
        return {**got.metrics, "combined_score": got.score, **more}

    def write_openevolve(self, path: str | Path) -> Path:
        """Write an ``evaluator.py`` for OpenEvolve, which loads it in processes of its own; return its path."""
        lines = (
            "from selfwright import as_evaluator",
            "",
            f"_judge = as_evaluator({str(self.problem)!r}, failed={self._failed!r})",
            "",
            "",
            "def evaluate(program_path):",
            "    return _judge.openevolve(program_path)",
        )
        file = Path(path)
        file.write_text("\n".join(lines) + "\n")
        return file

    def gepa(self, candidate: str | Mapping[str, str], example: object = None) -> tuple[float, dict[str, object]]:
        """Be GEPA's ``evaluator(candidate)``: score, and what its reflection may know."""
        got = self.measure(candidate)
        info = {
            "metrics": dict(got.metrics), "status": got.status.value, "error": got.reason, "feedback": got.feedback,
        }  # fmt: skip
        return got.score, {name: value for name, value in info.items() if value}

    def optuna(self, trial: Trial) -> float:
        """Be Optuna's ``objective(trial)`` over the seed's numbers, to be maximised.

        Searched are the literals that a comment marks (``# tune: 1..9``), or else all that may be parameters.
        """
        from selfwright.proposers.space import Space

        space = Space(self.seed)
        if not space.literals:
            raise BadInput(f"{self.problem}: the program has no numbers to tune; mark some: `x = 4  # tune: 1..9`")
        values: list[Value] = []
        for each in space.literals:
            name = f"{each.path}:{each.line}:{each.column} {each.name}".rstrip()
            low, high = each.bounds.low, each.bounds.high
            if each.bounds.choices:
                values.append(trial.suggest_categorical(name, list(each.bounds.choices)))
            elif isinstance(each.value, int):
                values.append(trial.suggest_int(name, int(low), int(high), log=each.bounds.log))
            else:
                values.append(trial.suggest_float(name, low, high, log=each.bounds.log))
        return self.measure({**self.seed, **space.files(tuple(values))}).score

    def _files(self, program: Program) -> "Files":
        if isinstance(program, Mapping):
            given = {path: text.encode() if isinstance(text, str) else bytes(text) for path, text in program.items()}
            return {**self.seed, **given}
        main = self._problem.program or min(self.seed)
        content = program.read_bytes() if isinstance(program, Path) else program.encode()
        return {**self.seed, main: content}

    def _score(self, metrics: Mapping[str, float]) -> float:
        value = metrics[self._problem.objective.metric]
        if self._base is None:
            self._base = self._seed_value()
        better = next(each.better for each in self._problem.metrics if each.name == self._problem.objective.metric)
        if value > 0 and self._base > 0:
            return value / self._base if better is Better.HIGHER else self._base / value
        return value - self._base if better is Better.HIGHER else self._base - value

    def _seed_value(self) -> float:
        from selfwright.gate.summary import summarise

        outcomes = self._measurer.measure(self._measurer.shots(self.seed, self._measurer.public[-1]))
        bad = next((each for each in outcomes if each.status is not TrialStatus.OK), None)
        if bad is not None:
            raise ProblemError(f"{self.problem}: the seed fails its own evaluation: {bad.status.value}: {bad.reason}")
        readings = [reading for outcome in outcomes for reading in outcome.readings]
        return summarise(self._problem.metrics, readings)[self._problem.objective.metric]


def as_evaluator(
    problem: str | Path, *, sandbox: str | None = None, workers: int | None = None, failed: float = 0.0
) -> Evaluator:  # fmt: skip
    """Return our sandbox and judge as a function for OpenEvolve, GEPA or Optuna.

        judge = selfwright.as_evaluator("problem/")
        optuna.create_study(direction="maximize").optimize(judge.optuna, n_trials=50)
        gepa.optimize_anything.optimize_anything(seed, evaluator=judge.gepa, ...)
        openevolve.run_evolution("program.py", judge.write_openevolve("evaluator.py"), ...)

    The score tells the search; whether a gain is real, the gate tells: hand the best to ``submit``.

    Args:
        problem: A problem's folder, or the name of a bundled one.
        sandbox: Where programs run; default: the strongest here that contains hostile code.
        workers: Measurements at once; default: all cores.
        failed: The score of a program that fails or breaks a constraint. Set it below 0 where the objective may cross
            zero.

    Raises:
        ProblemError: The problem is wrong, or its judge can not be loaded.
    """
    return Evaluator(problem, sandbox=sandbox, workers=workers, failed=failed)
