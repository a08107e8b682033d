"""Recorded calls: the tests are run with the tracer beside them, and what it wrote down is read."""

import ast
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from selfwright.bench import wire
from selfwright.core.count import counted
from selfwright.core.errors import Unfit
from selfwright.core.job import Reply
from selfwright.core.status import CallStatus
from selfwright.oracle import tracer
from selfwright.oracle.target import Target
from selfwright.oracle.why import Why

Row = tuple[object, ...]
Run = Callable[[Sequence[str]], Reply]
"""Runs a command of the person's own, where they are."""

_WITH_TRACER = 'PYTHONPATH="$0${PYTHONPATH:+:$PYTHONPATH}" exec "$@"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What the tests called the function with.

    Attributes:
        rows: Arguments by position, each row once, in the order of the calls.
        told: In words, what of it could not be used.
    """

    rows: tuple[Row, ...]
    told: tuple[str, ...] = ()


def record(target: Target, command: Sequence[str], run: Run) -> Recording:
    """Run the tests, and return what they called the function with.

    They run as their owner's own program, with all its rights, as they do without us.

    Raises:
        Unfit: They did not call it, or with nothing that is carried; the message has what was seen.
    """
    with TemporaryDirectory(prefix="selfwright-tracer-") as scratch:
        place, found = Path(scratch, "place"), Path(scratch, "found")
        place.mkdir()
        found.mkdir()
        shutil.copyfile(tracer.__file__, place / "sitecustomize.py")
        orders = {
            "file": str(target.file), "function": target.function, "folder": str(found),
            "wire": str(Path(wire.__file__).parent),
        }  # fmt: skip
        (place / "orders.json").write_text(json.dumps(orders))
        ended = run(["sh", "-c", _WITH_TRACER, str(place), *command])
        frames = [frame for path in sorted(found.iterdir()) for frame in _frames(path.read_bytes())]
    return _read(target, command, ended, frames)


def _frames(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content; a frame that a killed process left half written is not there."""
    at = 0
    while at + 9 <= len(content):
        end = at + 9 + int.from_bytes(content[at + 1 : at + 9], "big")
        if end <= len(content):
            yield content[at : at + 1], content[at + 9 : end]
        at = end


def _read(target: Target, command: Sequence[str], ended: Reply, frames: list[tuple[bytes, bytes]]) -> Recording:
    calls = dict.fromkeys(content for kind, content in frames if kind == tracer.ROW)
    lost = Counter(content.decode(errors="replace") for kind, content in frames if kind == tracer.UNCARRIED)
    rows: dict[bytes, Row] = {}
    for call in calls:
        row = _by_position(target.node, *_arguments(call))
        if isinstance(row, str):
            lost[row] += 1
        else:
            rows.setdefault(wire.encode(row, max_bytes=1 << 30), row)
    if not rows:
        raise _nothing(target, command, ended, lost, imported=any(kind == tracer.IMPORTED for kind, _ in frames))
    told = [f"{counted(len(rows), 'distinct call')} of {target.function} recorded"]
    if lost:
        why, count = lost.most_common(1)[0]
        told.append(f"left out are calls with what can not be carried, such as {why} ({count} times)")
    if ended.status is not CallStatus.OK:
        told.append(f"the tests did not pass ({ended.reason}); what the function does now counts as right")
    return Recording(rows=tuple(rows.values()), told=tuple(told))


def _nothing(target: Target, command: Sequence[str], ended: Reply, lost: Counter[str], *, imported: bool) -> Unfit:
    where, said = f"{target.program}:{target.function}", " ".join(command)
    if lost:
        why, count = lost.most_common(1)[0]
        return Unfit(
            Why.UNCARRIED,
            f"no call of {where} has arguments that can all be carried: {why} ({count} times). Carried are None, bool, "
            "int, float, str, bytes, lists, tuples, dicts of these and numpy arrays, by position. Take a function that "
            "is called with these",
        )
    tail = ended.log.strip().splitlines() or ended.payload.decode(errors="replace").strip().splitlines()
    last = f"; it ended with: {tail[-1][:200]}" if tail else ""
    if ended.status is not CallStatus.OK:
        last = f" ({ended.reason}){last}"
    if imported:
        return Unfit(
            Why.UNTESTED,
            f"`{said}` imports {target.file} and never calls {target.function}{last}. Write a test that does",
        )
    return Unfit(
        Why.UNTESTED,
        f"`{said}` did not import {target.file}{last}. Name the command that tests it with --tests, and see that it "
        "imports this file and no installed copy (PYTHONPATH, or pip install -e), with a Python that heeds PYTHONPATH",
    )


def _arguments(call: bytes) -> tuple[Row, dict[str, object]]:
    said: Any = wire.decode(call, max_depth=wire.MAX_DEPTH + 2)
    row, named = said
    return row, named


def _by_position(node: ast.FunctionDef, row: Row, named: dict[str, object]) -> Row | str:
    """Return all arguments by position, or which of them can not be given so."""
    names = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
    defaults = dict(zip(reversed(names), reversed(node.args.defaults), strict=False))
    given = list(row)
    left = dict(named)
    for name in names[len(given) :]:
        if not left:
            break
        if name in left:
            given.append(left.pop(name))
            continue
        try:
            given.append(ast.literal_eval(defaults[name]))
            wire.encode(given[-1], max_bytes=1 << 20)
        except (KeyError, ValueError, TypeError, wire.WireError):
            return f"the default of {name}, which stands before an argument that is given by name"
    return f"{min(left)}=, which can not be given by position" if left else tuple(given)
