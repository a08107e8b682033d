"""Takes an answer apart: blocks, fences and diffs, wherever they stand."""

import re

from selfwright.proposers.answer.diff import is_diff, scan_diff
from selfwright.proposers.answer.path import Paths
from selfwright.proposers.answer.piece import Edit, Lines, Piece, Scanned, Whole

_OPEN = re.compile(r"^(?P<indent>[ \t]*)(?P<mark>[<-]{5,9}) ?(?:SEARCH|ORIGINAL)\b:?(?P<rest>.*)$", re.IGNORECASE)
_DIVIDER = re.compile(r"^[ \t]*(={5,9})[ \t]*$")
_CLOSE = re.compile(r"^[ \t]*[>+]{5,9} ?(?:REPLACE|UPDATED)\b.*$", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})(?P<info>[^`]*)$")
_TALK = frozenset(("bash", "sh", "shell", "console", "text", "txt", "output", "log"))
"""Languages of fences that show something and change nothing, unless a file is named."""


def scan(text: str, paths: Paths) -> Scanned:
    """Return the pieces of an answer, what is wrong with them, and the prose around them."""
    scanner = _Scanner(text.splitlines() if "\r" not in text else re.split(r"\r\n|\n|\r", text), paths)
    scanner.scan()
    return Scanned(pieces=tuple(scanner.pieces), faults=tuple(scanner.faults), prose=tuple(scanner.prose))


class _Scanner:
    def __init__(self, lines: list[str], paths: Paths) -> None:
        self.pieces: list[Piece] = []
        self.faults: list[str] = []
        self.prose: list[str] = []
        self._lines = lines
        self._paths = paths
        self._above: list[str] = []
        self._fence = ""
        self._last = ""
        self._blocks = 0

    def scan(self) -> None:
        index = 0
        while index < len(self._lines):
            line = self._lines[index]
            if _OPEN.match(line):
                index = self._block(index)
            elif self._fence:
                self._fence = "" if _closes(line, self._fence) else self._fence
                self._above.append(line)
                index += 1
            elif _FENCE.match(line):
                index = self._fenced(index)
            elif is_diff(self._lines[index : index + 2]):
                index = self._diff(index, len(self._lines))
            else:
                self.prose.append(line)
                self._above.append(line)
                index += 1

    def _path(self, own: str = "") -> str:
        """Return the file that the piece which begins here is about."""
        path = self._paths.alone(own) or self._paths.nearest(self._above) or self._last
        self._above = []
        self._last = path
        return path

    def _block(self, start: int) -> int:
        """Read a SEARCH/REPLACE block; return the index after it."""
        self._blocks += 1
        opened = _OPEN.match(self._lines[start])
        assert opened is not None  # the caller has looked
        path = self._path(opened["rest"])
        where = f"block {self._blocks}" + (f" ({path})" if path else "")
        end = start + 1
        while end < len(self._lines) and not _CLOSE.match(self._lines[end]):
            if _OPEN.match(self._lines[end]):
                break
            end += 1
        if end == len(self._lines) or not _CLOSE.match(self._lines[end]):
            self.faults.append(f"{where} has no line '>>>>>>> REPLACE' at its end; was the answer cut off?")
            return end
        dividers = [at for at in range(start + 1, end) if _DIVIDER.match(self._lines[at])]
        if len(dividers) > 1:  # an underlined heading may look like one
            marks = {at: _DIVIDER.match(self._lines[at]) for at in dividers}
            dividers = [at for at, found in marks.items() if found and len(found[1]) == len(opened["mark"])]
        if len(dividers) != 1:
            many = f"{len(dividers)} lines" if dividers else "no line"
            mend = "it needs one between what is searched and what replaces it; or give the file whole"
            self.faults.append(f"{where} has {many} '======='; {mend}")
            return end + 1
        old, new = self._lines[start + 1 : dividers[0]], self._lines[dividers[0] + 1 : end]
        indent = len(opened["indent"])
        self.pieces.append(Edit(where=where, path=path, old=tuple(old), new=tuple(new), indent=indent))
        return end + 1

    def _fenced(self, start: int) -> int:
        """Read a fence that holds a diff or a file; of one with blocks in it, only its first line."""
        opened = _FENCE.match(self._lines[start])
        assert opened is not None  # the caller has looked
        mark, info = opened["mark"], opened["info"].strip()
        end = next((at for at in range(start + 1, len(self._lines)) if _closes(self._lines[at], mark)), None)
        body = self._lines[start + 1 : end]
        if any(_OPEN.match(line) for line in body):
            self._above.append(_label(info))
            self._fence = mark
            return start + 1
        closed = len(self._lines) if end is None else end
        if any(is_diff(body[at : at + 2]) for at in range(len(body))) or (info.startswith("diff") and body):
            self._diff(start + 1, closed)
        elif end is None:
            self.faults.append(f"the fence that line {start + 1} of the answer opens is not closed; was it cut off?")
        else:
            self._whole(info, body)
        return closed + 1

    def _whole(self, info: str, body: list[str]) -> None:
        named = self._paths.alone(_label(info)) or self._paths.nearest(self._above[-4:])
        first = self._paths.alone(body[0]) if body and body[0].lstrip().startswith(("#", "//", "<!--", "/*")) else ""
        if first and named in ("", first):
            named, body = first, body[1:]
        if not named and info.partition(" ")[0].lower() in _TALK:
            return
        self._above, self._last = [], named or self._last
        where = named or f"the fence of {len(body)} lines"
        self.pieces.append(Whole(where=where, path=named, lines=tuple(body)))

    def _diff(self, start: int, end: int) -> int:
        pieces, faults, after = scan_diff(self._lines[start:end], self._paths, self._path())
        self.pieces += pieces
        self.faults += faults
        return start + after


def _label(info: str) -> str:
    """Return what a fence says beside its language: ``python:a.py``, ``python title="a.py"``, ``a.py``."""
    return re.sub(r"^\w+(?:[:\s]+|$)|\{|\}|(?:title|file(?:name)?|path)\s*=", "", info).strip()


def _closes(line: str, mark: str) -> bool:
    text = line.strip()
    return len(text) >= len(mark) and set(text) == {mark[0]}


def undressed(lines: Lines) -> Lines:
    """Return lines without the fence around them, if there is one."""
    opened = _FENCE.match(lines[0]) if len(lines) > 1 else None
    return lines[1:-1] if opened and _closes(lines[-1], opened["mark"]) else lines
