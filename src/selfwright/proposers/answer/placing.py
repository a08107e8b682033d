"""Puts an edit where it belongs: into exactly one place, or into none, and then it is said why."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selfwright.core.errors import BadInput
from selfwright.proposers.answer.piece import Edit, Lines
from selfwright.proposers.answer.scanning import undressed

_SHOWN = 100
"""Characters of a line in a message."""


@dataclass(slots=True)
class Text:
    """A file as lines with their ends, so that what no edit touches stays as it is to the byte."""

    lines: list[str]

    @classmethod
    def of(cls, content: bytes) -> "Text":
        """Return the lines of a file.

        Raises:
            UnicodeDecodeError: It is not UTF-8.
        """
        return cls(re.findall(r"[^\n]*\n|[^\n]+", content.decode()))

    def __bytes__(self) -> bytes:
        """Return the file."""
        return "".join(self.lines).encode()

    @property
    def end(self) -> str:
        """Return the end that most of its lines have."""
        dos = sum(line.endswith("\r\n") for line in self.lines)
        return "\r\n" if dos * 2 > len(self.lines) else "\n"

    def bare(self) -> list[str]:
        """Return its lines without their ends."""
        return [line.rstrip("\r\n") for line in self.lines]

    def replace(self, start: int, count: int, new: Lines) -> None:
        """Put other lines where ``count`` lines are, at ``start``."""
        if new and start == len(self.lines) and self.lines and not self.lines[-1].endswith("\n"):
            self.lines[-1] += self.end
        self.lines[start : start + count] = [line + self.end for line in new]


def place(edit: Edit, text: Text) -> None:
    """Change a text as an edit says.

    Raises:
        BadInput: It fits nowhere, or in several places; the message says what is nearest.
    """
    bare = text.bare()
    for old, new in _forms(edit):
        if not any(line.strip() for line in old):
            continue
        found = [at for at in range(len(bare) - len(old) + 1) if bare[at : at + len(old)] == list(old)]
        if edit.line - 1 in found:
            found = [edit.line - 1]
        if len(found) > 1:
            lines = ", ".join(str(at + 1) for at in found[:5]) + (", ..." if found[5:] else "")
            raise BadInput(
                f"{edit.where}: what it searches is in {len(found)} places (lines {lines}); add lines around it until "
                "only one is left"
            )
        if found:
            text.replace(found[0], len(old), new)
            return
    if not any(line.strip() for line in edit.old):
        raise BadInput(
            f"{edit.where}: it searches for nothing, and {edit.path} is not empty; name lines that are there"
        )
    raise BadInput(f"{edit.where}: what it searches is not in {edit.path}{_nearest(edit.old, bare)}")


def _forms(edit: Edit) -> Iterator[tuple[Lines, Lines]]:
    """Yield an edit as it stands, and then without what models like to put around it."""
    old, new = edit.old, edit.new
    yield old, new
    if undressed(old) != old:
        old, new = undressed(old), undressed(new)
        yield old, new
    if edit.indent and all(not line[: edit.indent].strip() for line in (*old, *new)):
        old, new = (tuple(line[edit.indent :] for line in side) for side in (old, new))
        yield old, new
    while old and new and not old[0].strip() and not new[0].strip():
        old, new = old[1:], new[1:]
    while old and new and not old[-1].strip() and not new[-1].strip():
        old, new = old[:-1], new[:-1]
    yield old, new


def _nearest(old: Lines, bare: Sequence[str]) -> str:
    """Return, for a message, which lines are most like those that are searched, and where they differ."""
    wanted = [line.strip() for line in old]
    while wanted and not wanted[0]:
        wanted, old = wanted[1:], old[1:]
    there = [line.strip() for line in bare]
    size = len(wanted)
    scores = {
        at: sum(1 + len(a) for a, b in zip(wanted, there[at : at + size], strict=False) if a and a == b)
        for at in range(max(1, len(there) - size + 1))
    }
    best = max(scores, key=lambda at: scores[at])
    if not scores[best]:
        return "; none of its lines is"
    for at, line in enumerate(old, start=best):
        found = bare[at] if at < len(bare) else None
        if found != line:
            shown = "the file ends" if found is None else f"there is {found[:_SHOWN]!r}"
            only = ", which differs in white space alone" if found and found.split() == line.split() else ""
            return (
                f"; nearest are lines {best + 1} to {best + size}, but at line {at + 1} {shown}, and it searches "
                f"{line[:_SHOWN]!r}{only}"
            )
    return ""
