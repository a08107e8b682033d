"""A problem: a folder with a ``problem.toml``, parsed once into what the other rooms use.

``load_problem`` finds everything that is wrong at once and says for each the file, the key and the mend. It never runs
anything of the folder; the judge is loaded by the worker.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import dropwhile, pairwise
from pathlib import Path

from selfwright.bench import folder as files
from selfwright.bench import schema
from selfwright.bench.build import Build
from selfwright.bench.environment import as_environment, missing
from selfwright.core.environment import Environment
from selfwright.core.errors import BadInput, ProblemError
from selfwright.core.glob import matches
from selfwright.core.limits import Limits, Profile
from selfwright.core.metric import Aggregate, Condition, Effect, Metric, Objective
from selfwright.core.milestone import Phase, Span, Success, Tier
from selfwright.core.path import check_program

_FILE = "problem.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of the cascade; holdout stages come last and are never shown to a proposer."""

    name: str
    holdout: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem as it was given.

    Attributes:
        folder: Where it lies; absolute.
        editable: Globs of what may change, below the folder.
        program: The editable file whose functions the judge calls.
        judge: File name of the judge.
        metrics: In the order of the file.
        stages: In the order of the file; the holdout ones are the last.
        environment: What a candidate finds beside its program.
        beside: Globs of the locked files that it finds there too.
        build: What is made of its sources before the first call; None where they are used as they are.
        limits: Of each call into the sandbox.
        judge_wall_s: Deadline of one item of a block, judge included.
        alone: Whether an item is measured while no other is, on this machine.
        holdout_tolerance: By how much no case of the holdout may be worse.
        holdout_looks: How many candidates of one run may be measured on the holdout.
        max_pairs: Pairs after which a noisy comparison is parked.
        files: Path → sha256 of every file of the folder that counts.
        features: Metric → edges between its bins, rising: the grid on which the archive keeps programs apart.
    """

    name: str
    description: str
    folder: Path
    editable: tuple[str, ...]
    program: str
    judge: str
    metrics: tuple[Metric, ...]
    objective: Objective
    stages: tuple[Stage, ...]
    environment: Environment
    beside: tuple[str, ...]
    build: Build | None
    limits: Limits
    judge_wall_s: float
    alone: bool
    holdout_tolerance: Effect
    holdout_looks: int
    max_pairs: int
    tiers: tuple[Tier, ...]
    phases: tuple[Phase, ...]
    success: tuple[Success, ...]
    files: Mapping[str, str]
    features: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    @property
    def hash(self) -> str:
        """One sha256 of every file that counts."""
        return files.hash_all(self.files)

    @property
    def locked(self) -> tuple[str, ...]:
        """The files that count and that no change may touch."""
        return tuple(path for path in self.files if not self.is_editable(path))

    @property
    def item_wall_s(self) -> float:
        """Deadline of one item of a block with all that may come before it: the first call builds the program."""
        return self.judge_wall_s + (self.build.limits.wall_s if self.build else 0.0)

    @property
    def subject(self) -> str:
        """What a change of this problem is a change of."""
        return f"problem:{self.name}"

    def is_editable(self, path: str) -> bool:
        """Whether a change may write ``path``; the judge and the problem file never are."""
        return _is_editable(path, editable=self.editable, judge=self.judge)

    def seed_files(self) -> dict[str, bytes]:
        """Return the editable files as they lie in the folder, path → content."""
        paths = [path for path, link in files.files_below(self.folder) if not link and self.is_editable(path)]
        return {path: (self.folder / path).read_bytes() for path in paths}

    def beside_files(self) -> dict[str, bytes]:
        """Return the locked files that a candidate finds beside its own, path → content."""
        return {
            path: (self.folder / path).read_bytes()
            for path in self.locked
            if path not in (self.judge, _FILE) and any(matches(path, glob) for glob in self.beside)
        }


def load_problem(folder: Path) -> Problem:
    """Return the problem in ``folder``.

    Raises:
        ProblemError: It is not there, can not be read or is wrong; lists all that was found, one a line.
    """
    folder = folder.absolute()
    path = folder / _FILE
    try:
        entry = schema.parse(_read(path))
        wrong = (
            entry
            if isinstance(entry, list)
            else [*_mismatches(entry), *_wrong_files(entry, folder), *missing(entry.environment)]
        )
        if isinstance(entry, list) or wrong:
            raise ProblemError("\n".join(f"{path}: {line}" for line in wrong))
        return _build(entry, folder)
    except OSError as error:
        raise ProblemError(f"{error.filename}: can not be read: {error.strerror}") from error


def _read(path: Path) -> dict[str, object]:
    if not path.parent.is_dir():
        raise ProblemError(f"no problem at {path.parent}: there is no such folder; give one that holds a {_FILE}")
    try:
        return tomllib.loads(path.read_bytes().decode())
    except FileNotFoundError as error:
        raise ProblemError(f"no problem at {path.parent}: looked for {path}, which is not there; write one") from error
    except tomllib.TOMLDecodeError as error:
        raise ProblemError(f"{path}: not TOML: {error}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ProblemError(f"{path}: line {line} is not UTF-8; save the file as UTF-8") from error


def _build(entry: schema.ProblemEntry, folder: Path) -> Problem:
    objective, judge = entry.objective, str(entry.evaluate.judge)
    editable = tuple(entry.editable)
    limits = entry.limits.model_dump() | {"allow": tuple(entry.limits.allow)}
    return Problem(
        name=entry.name,
        description=entry.description,
        folder=folder,
        editable=editable,
        program=entry.evaluate.program or _named(folder, editable[0], judge)[0],
        judge=judge,
        metrics=tuple(Metric(name=name, **metric.model_dump()) for name, metric in entry.metrics.items()),
        objective=Objective(
            metric=objective.metric,
            constraints=tuple(map(Condition.parse, objective.constraints)),
            minimum_effect=Effect.parse(objective.minimum_effect),
        ),
        stages=tuple(Stage(name=stage.name, holdout=stage.holdout) for stage in entry.stages),
        environment=as_environment(entry.environment),
        beside=tuple(entry.environment.files),
        build=_build_step(entry.build),
        limits=Limits(**limits),
        judge_wall_s=entry.evaluate.wall_s,
        alone=entry.evaluate.alone,
        holdout_tolerance=Effect.parse(objective.holdout_tolerance),
        holdout_looks=objective.holdout_looks,
        max_pairs=objective.max_pairs,
        tiers=tuple(Tier(name=tier.name, condition=Condition.parse(tier.condition)) for tier in entry.tiers),
        phases=tuple(_phase(phase) for phase in entry.phases),
        success=tuple(
            Success(**success.model_dump() | {"condition": Condition.parse(success.condition)})
            for success in entry.success
        ),
        features={name: tuple(edges) for name, edges in entry.search.features.items()},
        files=files.hash_files(folder, lambda path: _is_editable(path, editable=editable, judge=judge)),
    )


def _build_step(entry: schema.BuildEntry | None) -> Build | None:
    if entry is None:
        return None
    limits = Limits(
        wall_s=entry.wall_s, memory_mb=entry.memory_mb, files_mb=entry.files_mb, processes=entry.processes,
        profile=Profile.NATIVE, allow=("exec",),
    )  # fmt: skip
    return Build(command=tuple(entry.command), produce=tuple(entry.produce), limits=limits)


def _phase(phase: schema.PhaseEntry) -> Phase:
    return Phase(
        name=phase.name,
        trials=Span.parse(phase.trials),
        versions=Span.parse(phase.versions),
        target=Condition.parse(phase.target),
    )


# ------------------------------------------------------------------------------------------------ what must agree


def _mismatches(entry: schema.ProblemEntry) -> Iterator[str]:
    yield from _wrong_evaluator(entry.evaluate)
    yield from _unknown_metrics(entry)
    yield from _wrong_effects(entry)
    yield from _wrong_stages(entry.stages)
    for name, edges in entry.search.features.items():
        if any(low >= high for low, high in pairwise(edges)):
            yield f"search.features.{name}: the edges {edges} do not rise; write each greater than the one before"
    for name, metric in entry.metrics.items():
        if metric.aggregate is Aggregate.GEOMEAN and metric.worst_value is not None and metric.worst_value <= 0:
            yield f"metrics.{name}.worst_value: {metric.worst_value:g} has no geometric mean; give a positive number"


def _wrong_evaluator(evaluate: schema.EvaluateEntry) -> Iterator[str]:
    for kind in ("command", "openevolve"):
        if getattr(evaluate, kind) is not None:
            yield f'evaluate.{kind}: {kind} evaluators are not built yet; write a judge instead: judge = "judge.py"'
    if evaluate.judge is None and evaluate.command is None and evaluate.openevolve is None:
        yield 'evaluate.judge: is missing; name the file that measures: judge = "judge.py"'


def _unknown_metrics(entry: schema.ProblemEntry) -> Iterator[str]:
    named = [("objective.metric", entry.objective.metric)]
    named += _metrics_in("objective.constraints", entry.objective.constraints)
    named += [(f"search.features.{name}", name) for name in entry.search.features]
    named += _metrics_in("tiers", [tier.condition for tier in entry.tiers], ".condition")
    named += _metrics_in("phases", [phase.target for phase in entry.phases], ".target")
    named += _metrics_in("success", [success.condition for success in entry.success], ".condition")
    for key, metric in named:
        if metric not in entry.metrics:
            known = ", ".join(entry.metrics)
            yield f"{key}: {metric!r} is no metric of this problem ({known}){schema.suggest(metric, entry.metrics)}"


def _metrics_in(key: str, conditions: list[str], field: str = "") -> list[tuple[str, str]]:
    return [(f"{key}[{index}]{field}", Condition.parse(text).metric) for index, text in enumerate(conditions)]


def _wrong_effects(entry: schema.ProblemEntry) -> Iterator[str]:
    metric = entry.metrics.get(entry.objective.metric)
    if metric is None:
        return
    for key in ("minimum_effect", "holdout_tolerance"):
        text: str = getattr(entry.objective, key)
        unit = re.sub(r"^\s*[0-9.]+([eE][-+]?[0-9]+)?", "", text).strip()
        if unit == "%" and Effect.parse(text).amount and metric.unit in ("dB", "%"):
            name = entry.objective.metric
            yield (
                f"objective.{key}: {text!r} of {name} has no fixed meaning, because {metric.unit} can cross zero; "
                f"write a plain amount of {metric.unit}: '0.1'"
            )
        elif unit not in ("", "%", metric.unit):
            wanted = f"{metric.unit!r} or %" if metric.unit else "no unit or %"
            yield f"objective.{key}: {text!r} is in {unit!r}, but {entry.objective.metric} has {wanted}"


def _wrong_stages(stages: list[schema.StageEntry]) -> Iterator[str]:
    names = [stage.name for stage in stages]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield f"stages[{index}].name: {name!r} is there already; give each stage a name of its own"
    if all(stage.holdout for stage in stages):
        yield "stages: there is no stage that is not holdout; add one, or leave [[stages]] out for a single 'full'"
    for stage in dropwhile(lambda stage: not stage.holdout, stages):
        if not stage.holdout:
            yield f"stages: {stage.name!r} comes after a holdout stage; put the holdout stages last"


# --------------------------------------------------------------------------------------------------- what must be there


def _wrong_files(entry: schema.ProblemEntry, folder: Path) -> Iterator[str]:
    yield from _missing_files(entry, folder)
    there = [path for path, _ in files.files_below(folder)]
    editable, judge = tuple(entry.editable), entry.evaluate.judge or ""
    try:
        check_program((path for path in there if _is_editable(path, editable=editable, judge=judge)), there)
    except BadInput as error:
        yield f"the files beside it: {error}. Every version is a git commit that carries them; dot files do not count"


def _missing_files(entry: schema.ProblemEntry, folder: Path) -> Iterator[str]:
    judge, program = entry.evaluate.judge, entry.evaluate.program
    if judge is not None:
        if not files.is_inside(judge) or files.is_hidden(judge):
            yield f"evaluate.judge: {judge!r} is no file of this folder; name one below {folder}, not hidden"
        elif not (folder / judge).is_file() or (folder / judge).is_symlink():
            yield f"evaluate.judge: looked for {folder / judge}, which is no regular file; write it, or name another"
    for index, glob in enumerate(entry.editable):
        wrong = _wrong_glob(glob, folder=folder, judge=judge or "")
        if wrong:
            yield f"editable[{index}]: {wrong}"
    found = [path for glob in entry.editable for path in _named(folder, glob, judge or "")]
    for index, glob in enumerate(entry.environment.files):
        locked = (path for path, link in files.files_below(folder) if not link and path not in (judge, _FILE))
        if not files.is_inside(glob) or not any(matches(path, glob) for path in locked):
            yield f"environment.files[{index}]: {glob!r} matches nothing below {folder}; name files that are there"
    if program is not None and program not in found:
        yield f"evaluate.program: {program!r} is none of the editable files{schema.suggest(program, found)}"
    for index, glob in enumerate(entry.build.produce if entry.build else ()):
        if not files.is_inside(glob):
            yield f"build.produce[{index}]: {glob!r} leaves the folder; write a path or glob below it: 'codec.so'"


def _wrong_glob(glob: str, *, folder: Path, judge: str) -> str | None:
    if not files.is_inside(glob):
        return f"{glob!r} leaves the folder; write a path or glob below it, such as 'codec.py' or 'src/**/*.py'"
    link = files.link_on_the_way(glob, [path for path, is_link in files.files_below(folder) if is_link])
    if link:
        return f"{glob!r} names the symbolic link {folder / link}; put a real file or folder there"
    if not _named(folder, glob, judge):
        locked = next((file for file in (judge, _FILE) if file and matches(file, glob)), None)
        why = f"only {locked}, which is locked" if locked else f"nothing below {folder} (dot files never count)"
        return f"{glob!r} matches {why}; name a file that is there and may change"
    return None


def _named(folder: Path, glob: str, judge: str) -> list[str]:
    """Return the files that one glob makes editable, sorted."""
    paths = (path for path, link in files.files_below(folder) if not link)
    return [path for path in paths if _is_editable(path, editable=(glob,), judge=judge)]


def _is_editable(path: str, *, editable: tuple[str, ...], judge: str) -> bool:
    # Folded, because a checkout may land where Judge.py and judge.py are one file.
    if not files.is_inside(path) or files.is_hidden(path) or path.casefold() in (judge.casefold(), _FILE):
        return False
    return any(matches(path, glob) for glob in editable)
