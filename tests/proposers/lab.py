"""A run in miniature: programs of named numbers, a function that measures them, an exact gate. No mock: it plays."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from selfwright.core.brief import Brief, Memory, Past
from selfwright.core.budget import Budget
from selfwright.core.change import Files, Origin, Proposal
from selfwright.core.draw import draw
from selfwright.core.metric import Condition, Metric, Objective
from selfwright.core.status import TrialStatus
from selfwright.core.verdict import Decision
from selfwright.ports.proposer import Proposer
from selfwright.testing.proposer import START

Measure = Callable[[Mapping[str, float]], Mapping[str, float] | None]
"""Named numbers → metrics; None for a crash."""

BRIEF = Brief(
    name="lab", description="", editable=("p.py",), metrics=(Metric(name="cost"), Metric(name="room")),
    objective=Objective(metric="cost", constraints=(Condition.parse("room >= 0"),)),
)  # fmt: skip


NO_BOUNDS = Budget()


@dataclass
class LabAsk:
    """What a proposer is asked with."""

    trial: int
    best: str
    history: list[Past]
    programs: Mapping[str, Files]
    seed: int
    brief: Brief = BRIEF
    attempt: int = 0
    parent: str = "best"
    inspirations: tuple[str, ...] = ()
    start: Past = START
    left: Budget = NO_BOUNDS

    def program(self, name: str) -> Files:
        return self.programs[self.best if name == "best" else name]

    def memory(self, name: str) -> Memory:
        return Memory()


def numbers(files: Files) -> dict[str, float]:
    """Return the top-level ``NAME = number`` of ``p.py``."""
    found = {}
    for node in ast.parse(files["p.py"]).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = ast.literal_eval(node.value)
    return found


class Lab:
    """Plays a run.

    Args:
        lag: Proposal n sees the state after verdict n - lag.
    """

    def __init__(self, files: Files, measure: Measure, *, lag: int = 1, seed: int = 0, minimum: float = 0.005) -> None:
        self.programs: dict[str, Files] = {"v0": files, "seed": files}
        self.measure, self.lag, self.seed, self.minimum = measure, lag, seed, minimum
        self.history: list[Past] = []
        self.bests = ["v0"]
        self.costs = [(measure(numbers(files)) or {})["cost"]]

    def ask(self) -> LabAsk:
        """Return the request for the next proposal."""
        trial = len(self.history) + 1
        seen = max(0, trial - self.lag)
        names = {past.trial for past in self.history[seen:]}
        programs = {name: files for name, files in self.programs.items() if name not in names}
        return LabAsk(
            trial=trial, best=self.bests[seen], history=self.history[:seen], programs=programs,
            seed=draw(self.seed, "ask", trial),
            start=replace(START, metrics=self.measure(numbers(self.programs["v0"])) or {}),
        )  # fmt: skip

    def tell(self, proposal: Proposal) -> Past:
        """Measure and judge a proposal."""
        trial = f"t{len(self.history) + 1}"
        parent = self.programs[self.bests[-1] if proposal.parent == "best" else proposal.parent]
        files = {**parent, **{path: content for path, content in proposal.files.items() if content is not None}}
        twin = files in self.programs.values()
        metrics = None if twin else self.measure(numbers(files))
        won = metrics is not None and metrics["room"] >= 0 and metrics["cost"] <= self.costs[-1] * (1 - self.minimum)
        version = len(set(self.bests)) if won else None
        self.programs[trial] = files
        if won and metrics is not None:
            self.programs[f"v{version}"] = files
        self.bests.append(f"v{version}" if won else self.bests[-1])
        self.costs.append(metrics["cost"] if won and metrics is not None else self.costs[-1])
        status = None if twin else TrialStatus.CRASHED if metrics is None else TrialStatus.OK
        past = Past(
            trial=trial, parents=(proposal.parent,), proposer=proposal.proposer, reason=proposal.reason,
            origin=Origin.TUNING, status=status, decision=Decision.ADOPT if won else Decision.REJECT, version=version,
            metrics=metrics or {}, detail="", measured=int(metrics is not None),
            gain=1 - metrics["cost"] / self.costs[-2] if won and metrics is not None else 0.0,
        )  # fmt: skip
        self.history.append(past)
        return past

    def play(self, proposer: Proposer, trials: int) -> list[Proposal]:
        """Return what was proposed in so many trials, or until the proposer is exhausted."""
        said = []
        for _ in range(trials):
            proposal = proposer.ask(self.ask())
            if proposal is None:
                break
            said.append(proposal)
            self.tell(proposal)
        return said

    @property
    def gain(self) -> float:
        """By which share the incumbent is better than the seed."""
        return 1 - self.costs[-1] / self.costs[0]
