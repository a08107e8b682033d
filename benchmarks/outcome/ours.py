"""Selfwright with the stream for a model, and what it takes: every measurement counts, whatever it was for."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import selfwright
from benchmarks.outcome.task import PROGRAM, Task
from selfwright.core import event as ev
from selfwright.evolve.history import History


@dataclass(frozen=True, kw_only=True)
class Ended:
    """What a loop came back with.

    Attributes:
        best: The text of its best program.
        claimed: The value that it says this has; None where it says nothing.
        evaluations: How many it took, the seed's included.
    """

    best: str
    claimed: float | None
    evaluations: float


def play(task: Task, folder: Path, *, seed: int = 0) -> Ended:
    """Give the stream to a run."""
    return search(task, folder, f"recorded:{folder / 'session.jsonl'}", seed=seed)


def search(task: Task, folder: Path, proposer: str, *, seed: int = 0) -> Ended:
    """Run with a proposer, within the evaluations of the task.

    A run does not count evaluations, because a confirmation is one too. It is given as many trials, and half as many
    pairs (a pair is two); what it had when it had used its evaluations is what counts.
    """
    with tempfile.TemporaryDirectory() as place:
        history = selfwright.run(
            folder / "problem", proposer=proposer, trials=task.evaluations, seed=seed, dir=Path(place) / "run",
            pairs=task.evaluations // 2 if task.noisy else None,
        )  # fmt: skip
        version, used = _within(history, task.evaluations)
        program = history.program(f"v{version}")
        return Ended(
            best=program.files[PROGRAM].decode(), claimed=program.metrics.get("value"), evaluations=used
        )  # fmt: skip


def _within(history: History, evaluations: int) -> tuple[int, float]:
    """Return the newest version that was adopted within so many evaluations, and how many were made by the end.

    One is a measurement of a program on all cases of the last stage.
    """
    cases = len(history.state.run.cases[history.state.public_stages()[-1]])
    version, used = 0, 0.0
    for record in history.events():
        if isinstance(record.event, ev.Measured):
            used += 1 / cases
        elif isinstance(record.event, ev.Adopted) and used <= evaluations + 1e-9:
            version = record.event.version
    return version, min(round(used, 6), float(evaluations))
