"""Recorded sessions: proposals that somebody once made, brought again and measured live each time.

A session is JSON Lines, one proposal a line, as ``docs`` and the interface say. It never says how good a proposal is.
"""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from selfwright.core.brief import Past
from selfwright.core.change import Cost, Proposal, dearest
from selfwright.core.errors import RecordingError, Unavailable
from selfwright.ports.proposer import Ask
from selfwright.proposers.label import bears, label


class Recorded:
    """Proposes the lines of a recorded session, one after the other.

    Which line is next follows from the history: as many recorded trials as there are, so many lines are done, whatever
    other trials came between. All recordings of a run are one: to play two, join their files.

    Args:
        path: The session; read and checked as a whole at once.

    Raises:
        RecordingError: It can not be read, or a line is wrong; the message names file and line.
    """

    name = "recorded"
    lag: int | None = 1

    def __init__(self, path: str | Path) -> None:
        self._lines = _read(Path(path))
        self.most: Cost | None = dearest([_cost(line) for line in self._lines])
        self._mine: list[str] = []
        self._counted: list[Past] = []

    def ask(self, ask: Ask) -> Proposal | None:
        mine = self._trials(ask.history)
        if len(mine) >= len(self._lines):
            return None
        line = self._lines[len(mine)]
        files = {path: text if text is None else text.encode() for path, text in (line.files or {}).items()}
        return Proposal(
            files=files, patch=line.patch or "", reason=line.reason, proposer=label(self.name, line.proposer),
            parent=line.parent if isinstance(line.parent, str) else mine[line.parent - 1],
            cost=_cost(line),
        )  # fmt: skip

    def _trials(self, history: Sequence[Past]) -> list[str]:
        """Return the names of the recorded trials: line 1 became the first of them.

        What was counted before is not counted again, as long as this is still the same history.
        """
        known = len(self._counted)
        if known > len(history) or (known and history[known - 1] != self._counted[-1]):
            self._mine, self._counted, known = [], [], 0
        for index in range(known, len(history)):
            self._counted.append(history[index])
            if bears(history[index].proposer, self.name):
                self._mine.append(history[index].trial)
        return self._mine


class Line(Protocol):
    """One proposal to be written: ``files`` or ``patch``."""

    @property
    def files(self) -> Mapping[str, bytes | None]:
        """Path → whole new content, or None where the file is deleted."""

    @property
    def patch(self) -> str:
        """A unified diff, or nothing."""

    @property
    def parent(self) -> str | int:
        """``best``, ``seed``, ``v3``, or the number of an earlier line."""

    @property
    def reason(self) -> str:
        """Why it should be better."""

    @property
    def proposer(self) -> str:
        """Who said so."""

    @property
    def cost(self) -> Cost:
        """What it cost then."""


def write_recording(path: Path, lines: Iterable[Line]) -> None:
    """Write a recorded session, whole or not at all.

    Raises:
        RecordingError: A content is not UTF-8 text, or a proposal has both files and a patch.
        Unavailable: The file can not be written.
    """
    text = "".join(_spell(line, f"{path}:{number}") + "\n" for number, line in enumerate(lines, start=1))
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            part.write_bytes(text.encode())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise Unavailable(f"{path}: the recording can not be written: {error.strerror}") from error


def _spell(line: Line, where: str) -> str:
    if line.files and line.patch:
        raise RecordingError(f"{where}: the proposal has files and a patch; a line of a recording says one of them")
    content: dict[str, object] = {"patch": line.patch} if line.patch else {"files": _texts(line.files, where)}
    said = {
        "parent": line.parent, "reason": line.reason, "proposer": line.proposer, "usd": line.cost.usd,
        "tokens": {"in": line.cost.tokens_in, "out": line.cost.tokens_out},
    }  # fmt: skip
    return json.dumps(content | said, ensure_ascii=False, allow_nan=False)


def _texts(files: Mapping[str, bytes | None], where: str) -> dict[str, str | None]:
    try:
        return {(name := path): None if content is None else content.decode() for path, content in files.items()}
    except UnicodeDecodeError as error:
        raise RecordingError(
            f"{where}: {name} is not UTF-8 text (byte {error.start}), and a recording holds nothing else"
        ) from error


# Reading --------------------------------------------------------------------------------------------------------------


_NO_PARENT = "is no parent; write 'best', 'seed', a version such as 'v3', or the number of a line"


def _parent(value: object) -> object:
    named = isinstance(value, str) and (value in ("best", "seed") or (value[:1] == "v" and value[1:].isdecimal()))
    if not named and (not isinstance(value, int) or isinstance(value, bool)):
        raise ValueError(f"{value!r} {_NO_PARENT}")
    return value


def _whole(text: str) -> str:
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("has half of a surrogate pair in it, which no UTF-8 file can hold; write the whole letter")
    return text


_Text = Annotated[str, AfterValidator(_whole)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class _Tokens(_Entry):
    read: Annotated[int, Field(alias="in", ge=0)] = 0
    written: Annotated[int, Field(alias="out", ge=0)] = 0


class _Line(_Entry):
    files: dict[_Text, _Text | None] | None = None
    patch: _Text | None = None
    parent: Annotated[str | int, AfterValidator(_parent)] = "best"
    reason: _Text = ""
    proposer: _Text = ""
    usd: Annotated[float, Field(ge=0)] | None = 0.0
    tokens: _Tokens = _Tokens()


def _cost(line: _Line) -> Cost:
    return Cost(usd=line.usd, tokens_in=line.tokens.read, tokens_out=line.tokens.written)


def _read(path: Path) -> list[_Line]:
    try:
        rows = path.read_bytes().split(b"\n")
    except OSError as error:
        raise RecordingError(f"{path}: the recording can not be read: {error.strerror}") from error
    rows = rows[:-1] if not rows[-1].strip() else rows
    if not rows:
        raise RecordingError(f"{path}: the recording is empty; write one proposal a line")
    return [_parse(row, number, f"{path}:{number}") for number, row in enumerate(rows, start=1)]


def _parse(row: bytes, number: int, where: str) -> _Line:
    try:
        line = _Line.model_validate(json.loads(row, object_pairs_hook=_once, parse_constant=_no_number))
    except json.JSONDecodeError as error:
        raise RecordingError(f"{where}: not JSON: {error.msg} (column {error.colno}); one proposal a line") from error
    except ValidationError as error:
        wrong = "; ".join(dict.fromkeys(map(_complaint, error.errors(include_url=False))))
        raise RecordingError(f"{where}: {wrong}") from error
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{where}: {error}") from error
    if (line.files is None) == (line.patch is None):
        fault = "neither 'files' nor 'patch'" if line.files is None else "both 'files' and 'patch'"
        raise RecordingError(f"{where}: has {fault}; give one of them")
    if isinstance(line.parent, int) and not 1 <= line.parent < number:
        raise RecordingError(f"{where}: parent: line {line.parent} does not come before this one (line {number})")
    return line


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) < len(pairs):
        twice = next(key for key, _ in pairs if sum(key == other for other, _ in pairs) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object; keep one")
    return data


def _no_number(text: str) -> object:
    raise ValueError(f"{text} is not a number of JSON; use null where it is unknown")


def _complaint(details: ErrorDetails) -> str:
    """Say what is wrong with one value, and the mend."""
    key = ".".join(map(str, details["loc"]))
    value = repr(details["input"])
    shown = value if len(value) <= 80 else f"{value[:77]}..."
    match details["type"]:
        case "extra_forbidden":
            known = "in and out" if key.startswith("tokens.") else ", ".join(_Line.model_fields)
            return f"unknown key {key!r}; known are {known}"
        case "value_error":
            return f"{key}: {details['ctx']['error']}"
        case "model_type":
            return f"{key or 'the line'} is not an object: {shown}"
        case "string_type" if key.startswith("files."):
            return f"{key}: {shown} is neither the whole text of the file nor null (which deletes it)"
        case _ if key.startswith("parent"):
            return f"parent: {shown} {_NO_PARENT}"
        case _:
            return f"{key}: {shown}: {details['msg'].lower()}"
