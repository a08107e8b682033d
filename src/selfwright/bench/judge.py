"""The judge: loads a problem's ``judge.py`` and turns what it says of a candidate into an outcome.

Lives in the worker's process, outside the sandbox. The candidate's failure becomes a status; whatever goes wrong in the
judge itself becomes ``unjudged`` with the place in its source.
"""

import importlib.util
import io
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Protocol

from selfwright.bench.command import Command, evaluator
from selfwright.bench.problem import Problem
from selfwright.bench.reading import Said, clean_text, read_report
from selfwright.core.change import content_id
from selfwright.core.errors import CallFailed, InvalidCandidate, JudgeFault, SelfwrightError
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Item, Outcome, Resources

_MODULE = "selfwright_judge"
_PRINTED = 4 * 1024
_FRAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A stage as the judge sees it.

    Attributes:
        seed: Of every draw that belongs to the stage: constant in a run, or shared by both sides of a pair. 0 where
            cases are listed: that list is fixed before anything is drawn.
    """

    name: str
    seed: int
    holdout: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case as the judge sees it; its seed is the stage's."""

    id: str
    stage: Stage
    seed: int


class Tried(Protocol):
    """What is asked of a candidate here; everything else is between it and the judge."""

    @property
    def resources(self) -> Resources:
        """What its calls used so far."""

    @property
    def log(self) -> str:
        """What it wrote so far, capped and stripped of control characters."""

    @property
    def behaviour(self) -> str:
        """A hash of what it was asked and answered so far; empty where that can not be compared."""

    @property
    def blind(self) -> bool:
        """Whether nothing of the sources was looked at so far but what their functions answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """An outcome and the bytes of its artifacts, by sha256."""

    outcome: Outcome
    artifacts: Mapping[str, bytes]


class Judge:
    """A loaded ``judge.py``: ``evaluate(candidate, stage)``, or ``cases(stage)`` and ``measure(candidate, case)``.

    Where a command is measured, ``evaluate`` is ours, and the file has what verifies.

    Loading puts the problem's folder first on ``sys.path``, so it belongs into a process of its own.

    Args:
        evaluate: What evaluates instead of the file: somebody else's evaluator.

    Raises:
        JudgeFault: It can not be imported, or defines neither form, or both.
    """

    def __init__(self, problem: Problem, *, evaluate: Callable[..., object] | None = None) -> None:
        self._problem = problem
        self._holdout = {stage.name: stage.holdout for stage in problem.stages}
        self._printed = _Tail()
        with self._running():
            ours = evaluate is not None or not problem.judge
            module = ModuleType("nobody") if ours else _load(problem.folder / problem.judge)
        self._evaluate, self._cases, self._measure = (
            _function(module, name) for name in ("evaluate", "cases", "measure")
        )
        if problem.command is not None:
            self._cases, self._measure = None, None
            self._evaluate = _measuring(problem, problem.command, module)
        elif evaluate is not None:
            self._evaluate = evaluate
        forms = (self._evaluate is not None, self._cases is not None, self._measure is not None)
        if forms not in ((True, False, False), (False, True, True)):
            names = [name for name, there in zip(("evaluate", "cases", "measure"), forms, strict=True) if there]
            raise JudgeFault(
                f"{problem.judge} defines {' and '.join(names) or 'none of the functions of a judge'}; it needs either "
                "evaluate(candidate, stage), or both cases(stage) and measure(candidate, case)"
            )

    def cases(self) -> dict[str, tuple[str, ...]]:
        """Return stage → ids of its cases; one empty id where the judge has ``evaluate``.

        Raises:
            JudgeFault: ``cases`` raised, or returned something else than a list of distinct names.
        """
        return {stage.name: self._cases_of(stage.name) for stage in self._problem.stages}

    def measure(self, item: Item, candidate: Tried) -> Judgement:
        """Let the judge measure one item. Never raises for what the candidate or the judge does."""
        started = time.monotonic()
        try:
            said = self._ask(item, candidate)
            outcome = Outcome(status=TrialStatus.OK, readings=said.readings, feedback=said.feedback, log=candidate.log)
        except InvalidCandidate as error:
            said, outcome = _NOTHING, _failed(TrialStatus.INVALID, str(error.reason), candidate.log)
        except CallFailed as error:
            said, outcome = _NOTHING, _failed(TrialStatus(error.status), str(error.reason), candidate.log)
        except SelfwrightError as error:
            said, outcome = _NOTHING, _failed(TrialStatus.UNJUDGED, str(error), candidate.log)
        outcome = replace(outcome, printed=self._printed.take(), behaviour=candidate.behaviour, blind=candidate.blind)
        used = replace(candidate.resources, wall_s=time.monotonic() - started, usd=said.usd)
        if self._holdout[item.stage]:
            said, outcome = _NOTHING, _conceal(outcome)
        named = {name: content_id(content) for name, content in said.artifacts.items()}
        return Judgement(
            outcome=replace(outcome, resources=used, artifacts=named),
            artifacts={content_id(content): content for content in said.artifacts.values()},
        )

    def _ask(self, item: Item, candidate: Tried) -> Said:
        stage = Stage(name=item.stage, seed=item.seed, holdout=self._holdout[item.stage])
        with self._running():
            if self._evaluate:
                returned = self._evaluate(candidate, stage)
            elif self._measure:
                returned = self._measure(candidate, Case(id=item.case, stage=stage, seed=item.seed))
            return read_report(
                returned,
                metrics=self._problem.metrics,
                objective=self._problem.objective,
                case=None if self._evaluate else item.case,
            )

    def _cases_of(self, stage: str) -> tuple[str, ...]:
        if not self._cases:
            return ("",)
        with self._running():
            listed = self._cases(Stage(name=stage, seed=0, holdout=self._holdout[stage]))
            ids = tuple(listed) if isinstance(listed, list | tuple) else ()
            if (
                not ids
                or not all(isinstance(id, str) and id and id.isprintable() for id in ids)
                or len(set(ids)) < len(ids)
            ):
                raise JudgeFault(
                    f"{self._problem.judge}: cases returned {clean_text(repr(listed), 200)} for stage {stage!r}; "
                    "return a list of distinct names, at least one, none of them empty, and each printable"
                )
        return ids

    @contextmanager
    def _running(self) -> Iterator[None]:
        """The boundary around the judge's own code: what it prints is kept, what it raises becomes a ``JudgeFault``."""
        try:
            with redirect_stdout(self._printed), redirect_stderr(self._printed):
                yield
        except (SelfwrightError, KeyboardInterrupt):  # the latter is the worker's own end
            raise
        except BaseException as error:  # SystemExit too: a judge that exits ends its item and not its worker
            raise JudgeFault(_describe(error, self._problem.folder)) from error


_NOTHING = Said(readings=())


def _failed(status: TrialStatus, reason: str, log: str) -> Outcome:
    return Outcome(status=status, reason=clean_text(reason), log=log)


def _conceal(outcome: Outcome) -> Outcome:
    """Drop what could tell of the holdout: a candidate sees its data, so its log could too. A fault keeps its words."""
    return replace(
        outcome, feedback="", log="", printed=outcome.printed if outcome.status is TrialStatus.UNJUDGED else "",
        behaviour="",
    )  # fmt: skip


def _load(path: Path) -> ModuleType:
    sys.dont_write_bytecode = True  # a cache below the folder would be a file that nobody put there
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(_MODULE, path)
    if spec is None or spec.loader is None:
        raise JudgeFault(f"{path} is no Python file; name one that ends in .py (evaluate.judge)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)
    return module


def _function(module: ModuleType, name: str) -> Callable[..., object] | None:
    found = getattr(module, name, None)
    return found if callable(found) else None


def _measuring(problem: Problem, command: Command, module: ModuleType) -> Callable[..., object]:
    """Return the ``evaluate`` of a problem whose command is measured."""
    functions = {}
    for name in filter(None, (command.verify, command.stdin)):
        found = _function(module, name)
        if found is None:
            raise JudgeFault(f"{problem.judge} defines no function {name}, which problem.toml names")
        functions[name] = found
    return evaluator(command, functions, problem.metrics, problem.objective)


def _describe(error: BaseException, folder: Path) -> str:
    """Say what was raised, where in the judge, and how it came there: the folder's own frames only."""
    if isinstance(error, SyntaxError) and error.filename:
        return clean_text(f"the judge raised SyntaxError: {error.msg} at {Path(error.filename).name}:{error.lineno}")
    what = "".join(traceback.format_exception_only(error)).strip()
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)
    ]
    if not frames:
        return clean_text(f"the judge raised {what}")
    trail = [f"  {_place(frame, folder)}: {frame.line}" for frame in frames[-_FRAMES:]]
    return clean_text("\n".join([f"the judge raised {what} at {_place(frames[-1], folder)}", *trail]))


def _place(frame: traceback.FrameSummary, folder: Path) -> str:
    return f"{Path(frame.filename).relative_to(folder)}:{frame.lineno} ({frame.name})"


class _Tail(io.TextIOBase):
    """Keeps the end of what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str, /) -> int:
        self._kept = (self._kept + text)[-_PRINTED:]
        return len(text)

    def take(self) -> str:
        """Return what was kept, and forget it."""
        kept, self._kept = self._kept, ""
        return clean_text(kept, _PRINTED)
