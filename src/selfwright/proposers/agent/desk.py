"""The folder that an agent works in: what is laid there, and what of it is taken back as a change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from selfwright.core.change import Files, content_id
from selfwright.core.errors import BadInput
from selfwright.core.glob import matches
from selfwright.proposers.agent.start import LEFT

_NAMES = ("TASK.md", "SELFWRIGHT_TASK.md", "SELFWRIGHT_TASK_.md")
_MOST_NAMED = 5


class _Left(BaseModel):
    found: dict[str, str] = {}
    changed: list[str] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an agent finds.

    Attributes:
        editable: Globs of what may change.
        parent: The program that a change is a change of.
        laid: Its files as they are laid: those of a change that is to be repaired.
        beside: Locked files that it may read.
    """

    editable: tuple[str, ...]
    parent: Files
    laid: Files
    beside: Files

    @property
    def task(self) -> str:
        """Name of the file that says what to do: one that is free."""
        return next(name for name in _NAMES if name not in self.laid and name not in self.beside)

    @property
    def produce(self) -> tuple[str, ...]:
        """Globs of what is brought back."""
        return (*self.editable, LEFT)

    @property
    def locked(self) -> dict[str, str]:
        """Path → sha256 of what may only be read."""
        return {path: content_id(content) for path, content in self.beside.items()}

    def taken(self, files: Files) -> dict[str, bytes | None]:
        """Return what came back as a change of the parent: path → content, None where it is deleted.

        Raises:
            BadInput: It can not be taken as it is, or is no change; the message is for the agent.
        """
        left = _read(files.get(LEFT, b""))
        now = {path: content for path, content in files.items() if self._counts(path)}
        if left.changed:
            raise BadInput(
                f"it changed {_some(left.changed)}, which is locked; change {', '.join(self.editable)} alone"
            )
        odd = {path: kind for path, kind in left.found.items() if kind != "file" and self._counts(path)}
        for path, kind in odd.items():
            if path in self.laid or any(matches(path, glob) for glob in self.editable):
                raise BadInput(f"{path} is {kind} now, and only plain files are taken: write the file itself")
        for path, content in now.items():
            if not _is_text(content) and _is_text(self.parent.get(path, b"")):
                raise BadInput(f"{path} is no text any more ({len(content)} bytes that are not UTF-8): write text")
        if now == dict(self.laid):
            raise BadInput("it left the program as it was" + self._others(left.found))
        changed: dict[str, bytes | None] = {p: text for p, text in now.items() if self.parent.get(p) != text}
        return changed | dict.fromkeys(self.parent.keys() - now.keys())

    def _counts(self, path: str) -> bool:
        """Whether a path is part of the program; what hides, caches and the task are not."""
        if path in self.laid:
            return True
        parts = path.split("/")
        hidden = any(part.startswith(".") or part == "__pycache__" for part in parts) or path.endswith(".pyc")
        return not hidden and path != self.task and path not in self.beside

    def _others(self, found: Mapping[str, str]) -> str:
        others = [p for p in sorted(found) if self._counts(p) and not any(matches(p, each) for each in self.editable)]
        if not others:
            return ""
        return f"; what it wrote ({_some(others)}) is not part of it: change {', '.join(self.editable)}"


def _read(listed: bytes) -> _Left:
    try:
        return _Left.model_validate(json.loads(listed))
    except (ValueError, ValidationError, RecursionError):  # the agent was ended, or wrote it itself
        return _Left()


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _some(paths: Sequence[str]) -> str:
    return ", ".join(paths[:_MOST_NAMED]) + (f" and {len(paths) - _MOST_NAMED} more" if paths[_MOST_NAMED:] else "")
