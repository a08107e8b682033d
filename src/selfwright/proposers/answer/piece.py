"""The pieces of an answer: what it says of a file, before anybody looks whether that is so."""

from dataclasses import dataclass

Lines = tuple[str, ...]
"""Without their ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Lines of a file, and what they become.

    Attributes:
        where: Which piece it is, for messages: ``block 2``.
        path: The file; empty where none was named.
        line: Where it says that it begins, from 1; 0 where it does not say.
        indent: How far the whole piece stood from the margin.
    """

    where: str
    path: str
    old: Lines
    new: Lines
    line: int = 0
    indent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole file, or None for one that is deleted.

    Attributes:
        fresh: Whether it says that the file is not there yet.
    """

    where: str
    path: str
    lines: Lines | None
    fresh: bool = False


Piece = Edit | Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """An answer, taken apart.

    Attributes:
        faults: What could not be read, each a sentence.
        prose: What stands around the pieces.
    """

    pieces: tuple[Piece, ...]
    faults: tuple[str, ...]
    prose: Lines
