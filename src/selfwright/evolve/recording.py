"""A run's proposals as lines of a recorded session."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from selfwright.core.change import Cost
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
            files = {path: history.blobs.get(sha256) for path, sha256 in said.tree.items()}
        patch = history.blobs.get(said.patch).decode() if said.patch else ""
        yield Line(
            parent=numbers.get(parent, "seed" if parent == "v0" else parent), reason=said.reason,
            proposer=said.proposer, cost=said.cost, files=files, patch=patch,
        )  # fmt: skip


def _difference(history: History, attempt: Attempt) -> dict[str, bytes | None]:
    old, new = history.program(attempt.proposed.parents[0]).files, history.program(attempt.id).files
    changed = {path: content for path, content in new.items() if old.get(path) != content}
    return {**changed, **dict.fromkeys(old.keys() - new.keys())}
