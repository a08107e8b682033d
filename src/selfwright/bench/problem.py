"""A problem: a folder with a ``problem.toml``, parsed once into what the other rooms use.

``load_problem`` finds everything that is wrong at once and says for each the file, the key and the mend. It never runs
anything of the folder; the judge is loaded by the worker.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from selfwright.bench import fit, schema
from selfwright.bench import folder as files
from selfwright.bench.build import Build
from selfwright.bench.command import Command
from selfwright.bench.environment import as_environment, missing
from selfwright.bench.foreign import Foreign
from selfwright.core.environment import Environment
from selfwright.core.errors import ProblemError
from selfwright.core.glob import matches
from selfwright.core.limits import Limits, Profile
from selfwright.core.metric import Condition, Effect, Metric, Objective
from selfwright.core.milestone import Phase, Span, Success, Tier

_ENDING_S = 10.0


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
        program: The editable file whose functions the judge calls; empty where a command is measured.
        judge: File name of the judge, or of what verifies a command; empty where nobody does.
        command: What is measured instead of what a judge says; None where there is a judge.
        foreign: What is particular about a judge that was written for another engine; else None.
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
    command: Command | None = None
    foreign: Foreign | None = None
    metrics: tuple[Metric, ...]
    objective: Objective
    stages: tuple[Stage, ...]
    environment: Environment
    beside: tuple[str, ...] = ()
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
        ending_s = _ENDING_S if self.foreign else 0.0  # of a jail that is ended at its own deadline
        return self.judge_wall_s + (self.build.limits.wall_s if self.build else 0.0) + ending_s

    @property
    def judged(self) -> str:
        """Who says what its metrics are, in words."""
        if self.foreign:
            return self.foreign.judged
        return self.command.judged([metric.name for metric in self.metrics]) if self.command else "outside"

    @property
    def subject(self) -> str:
        """What a change of this problem is a change of."""
        return f"problem:{self.name}"

    def is_editable(self, path: str) -> bool:
        """Whether a change may write ``path``; the judge and the problem file never are."""
        return files.is_editable(path, editable=self.editable, judge=self.judge)

    def seed_files(self) -> dict[str, bytes]:
        """Return the editable files as they lie in the folder, path → content."""
        paths = [path for path, link in files.files_below(self.folder) if not link and self.is_editable(path)]
        return {path: (self.folder / path).read_bytes() for path in paths}

    def locked_files(self) -> dict[str, bytes]:
        """Return the files that no change may touch, path → content; links are left out."""
        paths = [path for path, link in files.files_below(self.folder) if not link and not self.is_editable(path)]
        return {path: (self.folder / path).read_bytes() for path in paths}

    def beside_files(self) -> dict[str, bytes]:
        """Return the locked files that a candidate finds beside its own, path → content."""
        return {
            path: (self.folder / path).read_bytes()
            for path in self.locked
            if path not in (self.judge, files.PROBLEM) and any(matches(path, glob) for glob in self.beside)
        }


def load_problem(folder: Path, *, to_run: bool = True) -> Problem:
    """Return the problem in ``folder``.

    Args:
        to_run: Whether what its candidates need must be on this machine; not to be listed.

    Raises:
        ProblemError: It is not there, can not be read or is wrong; lists all that was found, one a line.
    """
    folder = folder.absolute()
    path = folder / files.PROBLEM
    try:
        entry = schema.parse(_read(path))
        wrong = entry if isinstance(entry, list) else [*fit.mismatches(entry), *fit.wrong_files(entry, folder)]
        if to_run and not isinstance(entry, list):
            wrong = [*wrong, *missing(entry.environment)]
        if isinstance(entry, list) or wrong:
            raise ProblemError("\n".join(f"{path}: {line}" for line in wrong))
        return _build(entry, folder)
    except OSError as error:
        raise ProblemError(f"{error.filename}: can not be read: {error.strerror}") from error


def _read(path: Path) -> dict[str, object]:
    if not path.parent.is_dir():
        raise ProblemError(f"no problem at {path.parent}: there is no such folder; give one that holds a {path.name}")
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
    objective, judge, given = entry.objective, entry.evaluate.judging, entry.environment.files
    editable = tuple(entry.editable)
    first = files.named_by(folder, editable[0], judge)[0]
    hashes = files.hash_files(folder, lambda path: files.is_editable(path, editable=editable, judge=judge))
    limits = entry.limits.model_dump() | {"allow": tuple(entry.limits.allow)}
    return Problem(
        name=entry.name,
        description=entry.description,
        folder=folder,
        editable=editable,
        program="" if entry.evaluate.command else entry.evaluate.program or first,
        judge=judge,
        command=_command(entry.evaluate),
        foreign=_foreign(entry.evaluate),
        metrics=tuple(Metric(name=name, **metric.model_dump()) for name, metric in entry.metrics.items()),
        objective=Objective(
            metric=objective.metric,
            constraints=tuple(map(Condition.parse, objective.constraints)),
            minimum_effect=Effect.parse(objective.minimum_effect),
        ),
        stages=tuple(Stage(name=stage.name, holdout=stage.holdout) for stage in entry.stages),
        environment=as_environment(entry.environment),
        beside=("**",) if given is None and entry.evaluate.command else tuple(given or ()),
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
        files=hashes,
    )


def _command(evaluate: schema.EvaluateEntry) -> Command | None:
    if evaluate.command is None:
        return None
    verify, stdin = (schema.function_in(each)[1] if each else "" for each in (evaluate.verify, evaluate.stdin))
    return Command(
        argv=tuple(evaluate.command), measure=tuple(evaluate.measure), produce=tuple(evaluate.produce), verify=verify,
        stdin=stdin,
    )  # fmt: skip


def _foreign(evaluate: schema.EvaluateEntry) -> Foreign | None:
    if not evaluate.foreign:
        return None
    cascade = None if evaluate.cascade is None else tuple(evaluate.cascade)
    return Foreign(form=evaluate.foreign, file=evaluate.judging, whole=evaluate.whole, cascade=cascade)


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
