"""What other engines say that they have gained, read from what their runs left; nothing of it is run or unpickled."""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from selfwright.core.errors import BadInput

SCORE = "combined_score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A program that its engine kept.

    Attributes:
        name: As the engine calls it.
        order: When it came: programs of less order came before.
        code: Its text; of several components, component → text.
        score: What the engine measured; None where it only says that it was better.
    """

    name: str
    order: tuple[float, ...]
    code: str | Mapping[str, str]
    score: float | None


def read_gains(folder: Path, source: str) -> list[Claim]:
    """Return the claimed gains of a run, in order: each program that was better than all before it.

    The first program of a run claims nothing.

    Args:
        source: ``openevolve``, ``shinka`` or ``gepa``.

    Raises:
        BadInput: There is nothing of that engine there.
    """
    if source not in READERS:
        raise BadInput(f"{source!r} is no engine whose results are known; known are {', '.join(READERS)}")
    if not folder.is_dir():
        raise BadInput(f"there is no folder {folder}")
    claims = sorted({claim.name: claim for claim in READERS[source](folder)}.values(), key=lambda each: each.order)
    if not claims:
        raise BadInput(f"{folder}: found no programs of {source}; {_LOOKED[source]}")
    gains, best = [], claims[0].score
    for claim in claims[1:]:
        if claim.score is None or best is None or claim.score > best:
            gains.append(claim)
            best = claim.score
    return gains


def _openevolve(folder: Path) -> Iterator[Claim]:
    for path in sorted(folder.glob("**/programs/*.json")):
        program = _load(path)
        metrics = program.get("metrics")
        if isinstance(program.get("code"), str) and isinstance(metrics, dict):
            order = (_number(program.get("iteration_found")) or 0.0, _number(program.get("timestamp")) or 0.0)
            yield Claim(name=str(program.get("id")), order=order, code=str(program["code"]), score=_fitness(metrics))


def _shinka(folder: Path) -> Iterator[Claim]:
    for path in sorted(folder.glob("**/*.sqlite")):
        try:
            with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
                rows = database.execute(
                    "SELECT id, generation, timestamp, code, combined_score FROM programs WHERE correct"
                ).fetchall()
        except sqlite3.Error:
            continue  # prompts.sqlite, and what else lies there
        for name, generation, time_s, code, score in rows:
            yield Claim(name=str(name), order=(float(generation), float(time_s)), code=str(code), score=_number(score))


def _gepa(folder: Path) -> Iterator[Claim]:
    results = [(path, _load(path)) for path in sorted(folder.glob("*.json"))]
    for path, result in results:
        candidates, scores = result.get("candidates"), result.get("val_aggregate_scores")
        if path.name == "candidates.json":
            candidates, scores = result.get("list"), None
        if not isinstance(candidates, list):
            continue
        for index, candidate in enumerate(candidates):
            if isinstance(candidate, dict) and all(isinstance(text, str) for text in candidate.values()):
                code = next(iter(candidate.values())) if len(candidate) == 1 else candidate
                score = _number(scores[index]) if isinstance(scores, list) and index < len(scores) else None
                yield Claim(name=f"candidate {index}", order=(float(index),), code=code, score=score)
        if scores is not None:
            return


READERS: Mapping[str, Callable[[Path], Iterator[Claim]]] = {
    "openevolve": _openevolve, "shinka": _shinka, "gepa": _gepa,
}  # fmt: skip
_LOOKED = {
    "openevolve": "looked for checkpoints/checkpoint_N/programs/*.json; name openevolve_output",
    "shinka": "looked for programs.sqlite with programs that are correct; name the results folder",
    "gepa": "looked for candidates.json of a run_dir, or a result.to_dict() that was saved as JSON",
}


def _load(path: Path) -> dict[str, object]:
    """Return a JSON object; of a list ``{"list": ...}``; nothing of what can not be read."""
    try:
        read = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {"list": read}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _fitness(metrics: Mapping[str, object]) -> float:
    """Return OpenEvolve's score of a program: ``combined_score``, or else the mean of its numbers."""
    numbers = {name: number for name, value in metrics.items() if (number := _number(value)) is not None}
    return numbers.get(SCORE, sum(numbers.values()) / len(numbers) if numbers else 0.0)
