"""An answer as a change of the files that it was asked about."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from selfwright.core.change import Files
from selfwright.core.errors import BadInput
from selfwright.proposers.answer.path import Paths
from selfwright.proposers.answer.piece import Edit, Lines, Piece, Scanned, Whole
from selfwright.proposers.answer.placing import Text, place
from selfwright.proposers.answer.scanning import scan

LONGEST_REASON = 300
"""Characters."""

MOST_FAULTS = 6
"""So many are told at once."""

_THOUGHT = re.compile(r"\A\s*(?:<think(?:ing)?>)?(?:(?!<think).)*?</think(?:ing)?>", re.DOTALL)
_ELIDED = re.compile(
    r"^\s*(?:#|//|--|/\*|<!--|\.\.\.).*(?:\.\.\.|\u2026).*\b(?:rest|existing|unchanged|remaining|same|previous|omitted|other)\b"
    r"|^\s*(?:#|//|--|/\*|<!--|\.\.\.).*\b(?:rest|existing|unchanged|remaining|same|previous|omitted)\b.*(?:\.\.\.|\u2026)",
    re.IGNORECASE,
)
_ENDING = re.compile(r"</?(?:answer|code|output)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What an answer says.

    Attributes:
        files: Path → new content, or None where the file is deleted.
        reason: Its first words, in one line.
    """

    files: dict[str, bytes | None]
    reason: str


def read_answer(text: str, files: Files) -> Said:
    """Return what an answer changes in ``files``, and why it says that this is better.

    Raises:
        BadInput: It changes nothing, or something of it does not fit; the message says which piece, where and why.
    """
    text = _THOUGHT.sub("", text, count=1)
    if re.match(r"\s*<think", text):
        raise BadInput("the answer ends while it is still thinking; think less, or give the change first")
    scanned = scan(text, Paths(files))
    pieces = scanned.pieces or _bare(text, files)
    changing = _Changing(files)
    faults = [*scanned.faults, *changing.take(_named(pieces, files))]
    if not pieces and not faults:
        faults = ["the answer holds no change: give SEARCH/REPLACE blocks, or a whole file in a fence under its path"]
    if faults:
        more = f"; and {len(faults) - MOST_FAULTS} more" if len(faults) > MOST_FAULTS else ""
        raise BadInput("; ".join(faults[:MOST_FAULTS]) + more)
    return Said(files=changing.changed, reason=_reason(scanned, Paths(files)))


def _named(pieces: Sequence[Piece], files: Files) -> list[Piece]:
    """Return the pieces that are about a file: those that name none are about the only one, or show something."""
    only = next(iter(files)) if len(files) == 1 else ""
    named = [piece for piece in pieces if piece.path]
    nameless = [piece for piece in pieces if not piece.path]
    if named or len(nameless) > 1:  # an example beside a change
        nameless = [piece for piece in nameless if isinstance(piece, Edit)]
    if not named and not nameless:
        nameless = list(pieces)
    return [*named, *(replace(piece, path=only) for piece in nameless)]


def _bare(text: str, files: Files) -> tuple[Piece, ...]:
    """Return an answer that is nothing but the only program, without any dress."""
    only = next(iter(files)) if len(files) == 1 else ""
    if not only.endswith(".py"):
        return ()
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    if not any(isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Assign) for node in body):
        return ()
    return (Whole(where=only, path=only, lines=tuple(text.splitlines())),)


class _Changing:
    """The files, piece after piece.

    Attributes:
        changed: What is other than it was.
    """

    def __init__(self, files: Files) -> None:
        self.changed: dict[str, bytes | None] = {}
        self._files = files
        self._texts: dict[str, Text] = {}
        self._whole: dict[str, Lines | None] = {}

    def take(self, pieces: Sequence[Piece]) -> list[str]:
        """Carry out the pieces in order; return what is wrong with them."""
        faults = []
        for piece in pieces:
            try:
                if not piece.path:
                    known = ", ".join(sorted(self._files))
                    raise BadInput(f"{piece.where} names no file; write its path on the line above ({known})")
                if isinstance(piece, Whole):
                    self._replace(piece)
                else:
                    self._edit(piece)
            except BadInput as error:
                faults.append(str(error))
        return faults

    def _replace(self, piece: Whole) -> None:
        path = piece.path
        if path in self._texts or (path in self._whole and self._whole[path] != piece.lines):
            raise BadInput(f"{path} is changed twice, and once of that whole; give it once")
        if piece.fresh and path in self._files:
            raise BadInput(f"the diff creates {path}, which is there already")
        if piece.lines is None:
            if path not in self._files:
                raise BadInput(f"{path} can not be deleted: it is not there")
            self.changed[path] = None
        else:
            _check_whole(piece.lines, self._files.get(path, b"").decode(errors="replace"), path)
            self.changed[path] = ("\n".join(piece.lines).rstrip("\n") + "\n").encode()
        self._whole[path] = piece.lines

    def _edit(self, edit: Edit) -> None:
        path = edit.path
        if path in self._whole:
            raise BadInput(f"{path} is changed twice, and once of that whole; give it once")
        if path not in self._files and path not in self._texts and any(line.strip() for line in edit.old):
            known = ", ".join(sorted(self._files))
            raise BadInput(f"{edit.where}: there is no file {path}; there are {known}")
        if path not in self._texts:
            try:
                self._texts[path] = Text.of(self._files.get(path, b""))
            except UnicodeDecodeError as error:
                raise BadInput(f"{path} is not UTF-8 text and can not be edited; give it whole") from error
        text = self._texts[path]
        _check_whole(edit.new, "\n".join((*text.bare(), *edit.old)), edit.where)
        if text.lines or any(line.strip() for line in edit.old):
            place(edit, text)
        else:
            text.replace(0, 0, edit.new)
        self.changed[path] = bytes(text)


def _check_whole(lines: Lines, before: str, where: str) -> None:
    """Raise where lines stand for others that were left out."""
    for number, line in enumerate(lines, start=1):
        if _ELIDED.match(line) and line.strip() not in before:
            raise BadInput(
                f"{where}: its line {number}, {line.strip()!r}, stands for code that was left out; write it all, or "
                "change less"
            )


def _reason(scanned: Scanned, paths: Paths) -> str:
    """Return the first paragraph of the prose, in one line."""
    words: list[str] = []
    for line in scanned.prose:
        text = line.strip().strip("#*>").strip()
        if text and not paths.alone(text) and not _ENDING.fullmatch(text):
            words.append(text)
        elif words:
            break
    reason = re.sub(r"^\W*reason\W*:\W*", "", " ".join(words), flags=re.IGNORECASE)
    return reason if len(reason) <= LONGEST_REASON else f"{reason[: LONGEST_REASON - 3]}..."
