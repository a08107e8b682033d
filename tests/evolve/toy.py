"""A toy run in one process: a problem of one number, fakes that are code, and the real loop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from selfwright.bench.problem import Problem, Stage
from selfwright.core import event as ev
from selfwright.core.budget import Budget
from selfwright.core.change import Files, Proposal, tree_of
from selfwright.core.environment import Environment
from selfwright.core.limits import Limits
from selfwright.core.machine import Machine
from selfwright.core.metric import Better, Condition, Effect, Metric, Objective
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Item, Outcome, Reading
from selfwright.evolve.library import Library
from selfwright.evolve.opening import Opening
from selfwright.evolve.run import Drive, lag_for
from selfwright.evolve.sitting import Sitting
from selfwright.evolve.story import Observer, ignore
from selfwright.ports.engine import Order
from selfwright.ports.proposer import Proposer
from selfwright.testing.adopter import MemoryAdopter
from selfwright.testing.blobs import MemoryBlobs
from selfwright.testing.clock import FakeClock
from selfwright.testing.engine import FunctionEngine
from selfwright.testing.journal import MemoryJournal
from selfwright.views.canonical import canonical
from selfwright.views.run import RunState, fold

SEED: Files = {"p.py": b"SIZE = 100\nQUALITY = 40\n"}
CASES = {"smoke": ("a",), "full": ("a", "b", "c"), "hidden": ("z",)}


def program(size: float, quality: float = 40, more: str = "") -> Files:
    return {"p.py": f"SIZE = {size}\nQUALITY = {quality}\n{more}".encode()}


def proposal(size: float, quality: float = 40, more: str = "", **rest) -> Proposal:
    facts = {"files": program(size, quality, more), "reason": f"make it {size}", "proposer": "scripted"} | rest
    return Proposal(**facts)


def toy_problem(folder: Path, *, noisy: bool = False, holdout: bool = True) -> Problem:
    metrics = (Metric(name="size", unit="B", noisy=noisy), Metric(name="quality", unit="dB", better=Better.HIGHER))
    stages = (Stage(name="smoke"), Stage(name="full"), Stage(name="hidden", holdout=True))
    return Problem(
        name="toy", description="Make it small.", folder=folder, editable=("*.py",), program="p.py", judge="judge.py",
        metrics=metrics,
        objective=Objective(
            metric="size", constraints=(Condition.parse("quality >= 30"),), minimum_effect=Effect.parse("1 %")
        ),
        stages=stages if holdout else stages[:2], environment=Environment(), build=None, limits=Limits(), alone=False,
        judge_wall_s=10.0, holdout_looks=30,
        holdout_tolerance=Effect.parse("0 %"), max_pairs=60, tiers=(), phases=(), success=(), files={}, beside=(),
    )  # fmt: skip


def judge_toy(files: Files, item: Item) -> Outcome:
    """Reads the numbers that the program states; knows the words CRASH, BAD, FAULT and HIDDEN."""
    text = files["p.py"].decode()
    numbers = dict(line.split(" = ") for line in text.splitlines() if " = " in line)
    if "CRASH" in text and item.case in ("b", "c"):
        return Outcome(status=TrialStatus.CRASHED, reason="IndexError: on b", log="Traceback ...")
    if "BAD" in text:
        return Outcome(status=TrialStatus.INVALID, reason="the shape is wrong")
    if "FAULT" in text:
        raise RuntimeError("the judge stumbled")
    size = float(numbers["SIZE"]) + (1000 if "HIDDEN" in text and item.stage == "hidden" else 0)
    metrics = {"size": (size,), "quality": (float(numbers["QUALITY"]),)}
    return Outcome(status=TrialStatus.OK, readings=(Reading(case=item.case, metrics=metrics),))


@dataclass
class Toy:
    """A run that can be opened, driven, killed and driven again."""

    folder: Path
    judge: Callable[[Files, Item], Outcome] = judge_toy
    workers: int = 2
    noisy: bool = False
    holdout: bool = True
    finish: Callable[[Sequence[Order]], int] = lambda running: 0
    cases: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: CASES)
    seed: Files = field(default_factory=lambda: SEED)
    machine: Machine | None = None
    select: str = "adaptive"
    features: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    specs: Sequence[str] = ("scripted",)

    def __post_init__(self) -> None:
        self.problem = toy_problem(self.folder, noisy=self.noisy, holdout=self.holdout)
        if not self.holdout:
            self.cases = {stage: cases for stage, cases in self.cases.items() if stage != "hidden"}
        self.clock = FakeClock()
        self.journal = MemoryJournal(clock=self.clock)
        self.blobs = MemoryBlobs()
        self.adopter = MemoryAdopter()
        self.engine = self.new_engine()

    def make_adopter(self) -> MemoryAdopter:
        return self.adopter

    def new_engine(self) -> FunctionEngine:
        return FunctionEngine(self.judge, cases=self.cases, workers=self.workers, finish=self.finish)

    def open(self, proposer: Proposer, *, seed: int = 0) -> None:
        opened = ev.RunOpened(
            version=1, subject="problem:toy", problem=str(self.folder), problem_hash=self.problem.hash,
            metrics=self.problem.metrics, objective=self.problem.objective, cases=self.cases,
            holdout=("hidden",) if self.holdout else (), seed=seed, lag=lag_for(proposer), proposers=("scripted",),
            sandbox="none", tree=Library(self.blobs).keep(self.seed), problem_files=self.problem.files,
            select=self.select, features=self.features,
        )  # fmt: skip
        opening = Opening(
            problem=self.problem,
            opened=opened,
            engine=self.engine,
            blobs=self.blobs,
            now_s=self.clock.now_s,
            observe=ignore,
        )
        with self.journal.lease():
            self.journal.append(opening.measure())

    def drive(
        self, proposer: Proposer, *, trials: int | None = None, observe: Observer = ignore,
        on_ready: Callable[[Sitting], None] = lambda sitting: None, **bounds,
    ) -> RunState:  # fmt: skip
        return Drive(
            problem=self.problem, journal=self.journal, blobs=self.blobs, engine=self.engine, proposer=proposer,
            specs=self.specs, make_adopter=self.make_adopter, clock=self.clock, budget=Budget(trials=trials, **bounds),
            observe=observe, machine=self.machine, folder=self.folder,
        ).sit(on_ready=on_ready)  # fmt: skip

    def run(self, proposer: Proposer, **rest) -> RunState:
        self.open(proposer)
        return self.drive(proposer, **rest)

    def canonical(self) -> list[str]:
        return canonical(self.journal.read())

    def state(self) -> RunState:
        return fold(self.journal.read())


def summary(state: RunState) -> list[str]:
    """One word a trial: ``v1``, ``rejected``, ``refused``, ..."""
    attempts = [state.last(number) for number in sorted(state.trials)]
    return [f"v{each.version}" if each.version is not None else str(each.state) for each in attempts]


__all__ = ["SEED", "Toy", "judge_toy", "program", "proposal", "summary", "tree_of"]
