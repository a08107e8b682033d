"""A run's proposals as lines of a recorded session."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from selfwright.bench.folder import NOT_COUNTED, RECORDING, is_hidden
from selfwright.core.change import Cost
from selfwright.core.errors import BadInput
from selfwright.evolve.history import History
from selfwright.views.run import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One proposal of a recorded session; ``files`` or ``patch``, as interface.md says.

    Attributes:
        files: Path → whole new content, or None where the file is deleted.
        parent: ``seed``, ``v3``, or the number of an earlier line.
    """

    parent: str | int
    reason: str
    proposer: str
    cost: Cost
    files: dict[str, bytes | None] = field(default_factory=dict)
    patch: str = ""


def lines_of(history: History) -> Iterator[Line]:
    """Yield every proposal of a run in trial order, repairs too, as what changed against its parent."""
    numbers: dict[str, int] = {}
    for number, attempt in enumerate(history.state.attempts(), start=1):
        said = attempt.proposed
        numbers[f"t{said.trial}"] = number  # of its last attempt, which is what the name stands for
        parent = said.parents[0]
        files: dict[str, bytes | None]
        if said.change:
            files = _difference(history, attempt)
        else:
            files = {path: history.load(sha256) for path, sha256 in said.tree.items()}
        patch = history.load(said.patch).decode() if said.patch else ""
        yield Line(
            parent=numbers.get(parent, "seed" if parent == "v0" else parent), reason=said.reason,
            proposer=said.proposer, cost=said.cost, files=files, patch=patch,
        )  # fmt: skip


def _difference(history: History, attempt: Attempt) -> dict[str, bytes | None]:
    old, new = history.program(attempt.proposed.parents[0]).files, history.program(attempt.id).files
    changed = {path: content for path, content in new.items() if old.get(path) != content}
    return {**changed, **dict.fromkeys(old.keys() - new.keys())}


def check_record(path: Path, *, problem: str | Path | None = None) -> None:
    """Accept a place for the recording of a run, before the run.

    Args:
        problem: What was given to open the run: the folder of a problem, or a name.

    Raises:
        BadInput: Nothing can be written there; or it would change the problem, and the run could not be resumed.
    """
    if not path.parent.is_dir():
        raise BadInput(f"--record {path}: there is no folder {path.parent}; make it first")
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise BadInput(f"--record {path}: no file can be written there; name a file in a folder that is yours")
    folder, place = Path(problem or "").resolve(), path.resolve()
    if problem is None or not folder.is_dir() or not place.is_relative_to(folder):
        return
    name = place.relative_to(folder).as_posix()
    if name not in NOT_COUNTED and not is_hidden(name):
        raise BadInput(
            f"{path} is in the problem's folder, where a new file changes the problem: record it elsewhere, or as "
            f"{folder / RECORDING}"
        )
