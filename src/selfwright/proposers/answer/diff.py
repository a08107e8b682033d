"""Reads diffs as models write them: the numbers of lines are hardly ever right, so that what is there counts."""

import re
from collections.abc import Sequence

from selfwright.proposers.answer.path import Paths
from selfwright.proposers.answer.piece import Edit, Piece, Whole

_HUNK = re.compile(r"^@@(?:[ \t]*-(?P<line>\d+)(?:,\d+)?[ \t]+\+\d+(?:,\d+)?[ \t]*@@)?")
_CODEX = re.compile(r"^\*\*\* (?P<verb>Update|Add|Delete) File: (?P<path>.+)$")
_NOISE = re.compile(
    r"^(?:diff --git |index [0-9a-f]+\.\.|(?:new|deleted) file mode |(?:old|new) mode |\\ |\*\*\* (?:Begin|End) )"
)
_NOWHERE = "/dev/null"


def is_diff(lines: Sequence[str]) -> bool:
    """Whether a diff begins with these two lines."""
    first, second = [*lines, "", ""][:2]
    if first.startswith(("diff --git ", "*** Begin Patch")) or _CODEX.match(first):
        return True
    hunk = _HUNK.match(first)
    return (first.startswith("--- ") and second.startswith("+++ ")) or bool(hunk and hunk["line"])


def scan_diff(lines: Sequence[str], paths: Paths, path: str) -> tuple[list[Piece], list[str], int]:
    """Return what a diff says, its faults, and how many of the lines belong to it.

    Args:
        path: The file that it is about, unless it says so.
    """
    diff = _Diff(lines, paths, path)
    index = 0
    while index < len(lines):
        after = diff.take(index)
        if after == index:
            break
        index = after
    diff.close()
    return diff.pieces, diff.faults, index


class _Diff:
    """What was read of a diff so far."""

    def __init__(self, lines: Sequence[str], paths: Paths, path: str) -> None:
        self.pieces: list[Piece] = []
        self.faults: list[str] = []
        self._lines = lines
        self._paths = paths
        self._path = path
        self._kind = "change"
        self._hunks = 0
        self._open = True
        self._line = 0
        self._old: list[str] = []
        self._new: list[str] = []

    def take(self, index: int) -> int:
        """Read what begins at ``index``; return the index after it, or the same where it is none of the diff's."""
        line = self._lines[index]
        following = self._lines[index + 1] if index + 1 < len(self._lines) else ""
        if line.startswith("--- ") and following.startswith("+++ "):
            self._file(line[4:], following[4:])
            return index + 2
        if found := _CODEX.match(line):
            self._codex(found["verb"], found["path"])
        elif hunk := _HUNK.match(line):
            self.close()
            self._begin(int(hunk["line"] or 0))
        elif _NOISE.match(line):
            pass
        elif self._open and (line[:1] in ("+", "-", " ", "\t") or not line):
            self._add(line)
        elif self._open and line.strip("`~"):
            return self._stray(index, line)
        else:
            return index
        return index + 1

    def close(self) -> None:
        """End the hunk that is open."""
        old, new = self._old, self._new
        was_open, self._open, self._old, self._new = self._open, False, [], []
        if not was_open or not (old or new):
            return
        self._hunks += 1
        if self._kind == "create":
            self.pieces.append(Whole(where=self._path, path=self._path, lines=tuple(new), fresh=True))
        elif self._kind == "change":
            where = f"hunk {self._hunks} of {self._path or 'the diff'}"
            self.pieces.append(
                Edit(where=where, path=self._path, old=tuple(old), new=tuple(new), line=self._line)
            )  # fmt: skip

    def _file(self, old: str, new: str) -> None:
        old, new = (name.partition("\t")[0].strip() for name in (old, new))
        if old == _NOWHERE:
            self._turn_to(new.removeprefix("b/"), "create")
        else:
            self._turn_to(old, "change")
        if new == _NOWHERE:
            self._delete()

    def _codex(self, verb: str, path: str) -> None:
        self._turn_to(path, "create" if verb == "Add" else "change")
        if verb == "Delete":
            self._delete()
        else:
            self._begin(0)

    def _turn_to(self, path: str, kind: str) -> None:
        self.close()
        self._path, self._kind, self._hunks = self._paths.resolve(path), kind, 0
        self._begin(0)

    def _delete(self) -> None:
        self._kind = "delete"
        self.pieces.append(Whole(where=self._path, path=self._path, lines=None))

    def _begin(self, line: int) -> None:
        self._open, self._line = True, line

    def _add(self, line: str) -> None:
        text = line[1:]
        if line[:1] != "+":
            self._old.append(line if line.startswith("\t") else text)
        if line[:1] != "-":
            self._new.append(line if line.startswith("\t") else text)

    def _stray(self, index: int, line: str) -> int:
        """A line without a sign: prose after the diff, or a mistake in it if the diff goes on below."""
        rest = self._lines[index + 1 : index + 4]
        if any(each[:1] in ("+", "-") for each in rest):
            self.faults.append(
                f"hunk {self._hunks + 1} of {self._path or 'the diff'}: {line!r} begins with none of ' ', '-' and '+'"
            )
            return index + 1
        return index
