"""The literals of Python sources that may be tuned: where they stand, where they may move, and how to replace them.

A source is cut at its literals and put together again, so everything else survives to the byte. Numbers count, and what
a comment on the line marks; where a file has ``EVOLVE-BLOCK`` markers, only what stands between them.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst
from libcst import metadata

from selfwright.proposers.block import blocks
from selfwright.proposers.mark import Bounds, Mark, Number, Value, around, is_number, is_same, read_mark

TRIVIAL = (0, 1, -1, 2)
"""Values that are rarely parameters: searched only where they are marked."""

_NEWLINE = re.compile(r"\r\n?|\n")
_BINDS_TIGHTER = re.compile(r"[\s\\]*(\*\*|\.)")
_CONSTANTS: Mapping[str, Value] = {"True": True, "False": False, "None": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A literal in a source that may be tuned.

    Attributes:
        path: The file, below the problem's folder.
        line: From 1.
        column: From 1, in characters.
        start: First character of it in the source, from 0; a sign belongs to it.
        text: As it is written.
        value: A replacement of a number keeps its kind.
        name: What it is assigned to, for people; empty where it is part of something larger.
        bounds: Where it may move.
        marked: Whether a comment asks for it to be tuned.
    """

    path: str
    line: int
    column: int
    start: int
    text: str
    value: Value
    name: str
    bounds: Bounds
    marked: bool

    @property
    def end(self) -> int:
        """The character after it, from 0."""
        return self.start + len(self.text)

    @property
    def size(self) -> float:
        """How many values it may take; infinite for a float in a range."""
        return self._count or (math.inf if self.bounds.low < self.bounds.high else 1)

    @property
    def categories(self) -> int:
        """How many values it may take where there is no order in them; else 0."""
        return 0 if self.bounds.ordered else self._count

    @property
    def grain(self) -> float:
        """The least change of position that changes the value; 0 for a float in a range."""
        if self.bounds.choices or not self.bounds.ordered:
            return 1 / self._count
        if not isinstance(self.value, int):
            return 0.0
        here = self.position(self.value)
        return max(abs(self.position(self.value + step) - here) for step in (-1, 1))

    @property
    def _count(self) -> int:
        """How many values it may take; 0 where nobody can count them."""
        if self.bounds.choices:
            return len(self.bounds.choices)
        return int(self.bounds.high) - int(self.bounds.low) + 1 if isinstance(self.value, int) else 0

    def all_values(self) -> tuple[Value, ...]:
        """Return every value that it may take, where they can be counted."""
        return self.bounds.choices or tuple(range(int(self.bounds.low), int(self.bounds.high) + 1))

    def allows(self, value: Value) -> bool:
        """Whether it may be replaced by a value: a finite number of its kind, or one of the choices."""
        if is_number(self.value) and self.bounds.ordered:
            return type(value) is type(self.value) and is_number(value) and math.isfinite(value)  # type: ignore[arg-type]
        return any(is_same(value, choice) for choice in (*self.bounds.choices, self.value)) or (
            not self.bounds.choices and type(value) is int
        )

    def at(self, position: float) -> Value:
        """Return the value at a position in [0, 1] of its range: of its kind, with four significant digits."""
        low, high, position = self.bounds.low, self.bounds.high, min(1.0, max(0.0, position))
        if self.bounds.choices or not self.bounds.ordered:
            index = min(int(position * self._count), self._count - 1)
            return self.bounds.choices[index] if self.bounds.choices else int(low) + index
        exact = float(low * (high / low) ** position) if self.bounds.log else low + position * (high - low)
        if isinstance(self.value, int):
            return min(max(round(exact), int(low)), int(high))
        return min(max(float(f"{exact:.4g}"), low), high)

    def position(self, value: Value) -> float:
        """Return where a value stands in its range, in [0, 1]; a value outside counts as the nearer end."""
        low, high, choices = self.bounds.low, self.bounds.high, self.bounds.choices
        if not self.bounds.ordered:
            index = _index(choices, value) if choices else min(max(_number(value), low), high) - low
            return (index + 0.5) / self._count
        exact = _number(value)
        if choices:
            near = min(range(len(choices)), key=lambda index: abs(_number(choices[index]) - exact))
            return (near + 0.5) / len(choices)
        exact = min(max(exact, low), high)
        if low == high:
            return 0.5
        return math.log(exact / low) / math.log(high / low) if self.bounds.log else float((exact - low) / (high - low))


@lru_cache(maxsize=64)
def find_literals(source: str, path: str = "") -> tuple[Literal, ...]:
    """Return the literals that may be parameters, in the order of the source.

    Numbers in annotations and in subscripts are no parameters; trivial ones, and what is no number, only where they are
    marked. A source that does not parse has none, and neither has one whose blocks do not close.

    Args:
        path: What ``Literal.path`` shall say.
    """
    try:
        inside, read = blocks(source), _read(source)
    except ValueError:
        return ()
    return tuple(_literals(source, path, read, inside)) if read else ()


def wrong_marks(files: Mapping[str, bytes]) -> list[str]:
    """Return what is wrong with the marks of a program, and the mend: ``packer.py:3: ...``; empty where nothing is."""
    wrong = []
    for path in sorted(files):
        text = _text(files[path]) if path.endswith(".py") else ""
        try:
            wrong += [f"{path}:{line}: {fault}" for line, fault in _faults(text)]
        except ValueError as error:  # of the blocks
            wrong.append(f"{path}:{error}")
    return wrong


def parameters(files: Mapping[str, bytes]) -> tuple[Literal, ...]:
    """Return what a search may move in a program: where anything is marked, that; else every literal found."""
    found = [
        literal for path in sorted(files) if path.endswith(".py") for literal in find_literals(_text(files[path]), path)
    ]
    return tuple([literal for literal in found if literal.marked] or found)


def marks_of(source: str) -> dict[int, Mark]:
    """Return the marks of a source by their line, from 1."""
    read = _read(source) if "tune" in source else None
    found = {line: read_mark(comment) for line, comment in read.comments.items()} if read else {}
    return {line: mark for line, mark in found.items() if mark}


def replace(source: str, values: Mapping[Literal, Value]) -> str:
    """Return the source with new values for some of its literals, and everything else as it was.

    A literal that keeps its value keeps its spelling too.

    Args:
        values: Literal of this source → its new value.

    Raises:
        ValueError: A literal may not be that, or the source is not the one of the literals.
    """
    parts, end = [], 0
    for literal, value in sorted(values.items(), key=lambda item: item[0].start):
        if source[literal.start : literal.end] != literal.text:
            raise ValueError(f"{literal.path}:{literal.line}: {literal.text} is not there; find the literals again")
        if not literal.allows(value):
            raise ValueError(f"{literal.path}:{literal.line}: {literal.text} can not become {value!r}")
        text = literal.text if is_same(value, literal.value) else _spell(source, literal, value)
        parts += [source[end : literal.start], text]
        end = literal.end
    return "".join([*parts, source[end:]])


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""  # an admitted Python file is UTF-8; what else a folder holds has no literals for us


def _number(value: Value) -> Number:
    return value if isinstance(value, int | float) else 0


def _index(choices: tuple[Value, ...], value: Value) -> int:
    return next((index for index, choice in enumerate(choices) if is_same(choice, value)), 0)


def _spell(source: str, literal: Literal, value: Value) -> str:
    """Return a value as it can stand there: ``return-1`` needs a space before 1, ``2**n`` needs brackets around -2."""
    text = repr(value)
    if _BINDS_TIGHTER.match(source, literal.end) and (
        text.startswith("-") or is_number(value) > is_number(literal.value)
    ):
        return f"({text})"
    before, after = source[: literal.start][-1:], source[literal.end : literal.end + 1]
    space = " " if _is_wordlike(text[0]) and _is_wordlike(before) else ""
    return f"{space}{text} " if _is_wordlike(text[-1]) and _is_wordlike(after) else f"{space}{text}"


def _is_wordlike(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def _literals(source: str, path: str, read: "_Reader", inside: list[tuple[int, int]] | None) -> Iterator[Literal]:
    starts = [int(source.startswith("\ufeff")), *(match.end() for match in _NEWLINE.finditer(source))]
    for place, value, name in read.found:
        line, column = place.start.line, place.start.column
        mark = read_mark(read.comments.get(line, ""))
        marked = mark is not None and mark.concerns(value)
        if _stands_in(line, inside) and (marked or (is_number(value) and value not in TRIVIAL)):
            start, end = starts[line - 1] + column, starts[place.end.line - 1] + place.end.column
            yield Literal(
                path=path, line=line, column=column + 1, start=start, text=source[start:end], value=value, name=name,
                bounds=mark.bounds(value) if mark and marked else around(value), marked=marked,
            )  # fmt: skip


def _faults(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and what is wrong with the mark on it.

    Raises:
        ValueError: The blocks do not close.
    """
    read, inside, lines = _read(text), blocks(text), _NEWLINE.split(text)
    for line, comment in sorted(read.comments.items()) if read else ():
        mark = read_mark(comment)
        if read is None or mark is None:
            continue
        values = [value for place, value, _ in read.found if place.start.line == line]
        alone = lines[line - 1].lstrip().startswith("#")
        fault = mark.fault(values, alone=alone)
        if not fault and any(map(mark.concerns, values)) and not _stands_in(line, inside):
            fault = (
                "stands outside of the EVOLVE-BLOCK, where nothing may change; move it inside, or take the mark away"
            )
        if fault:
            yield line, f"{comment!r} {fault}"


def _stands_in(line: int, inside: list[tuple[int, int]] | None) -> bool:
    return inside is None or any(start < line < end for start, end in inside)


def _read(source: str) -> "_Reader | None":
    """Return the literals and comments of a source; None where it does not parse."""
    try:
        tree = metadata.MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    except cst.ParserSyntaxError:
        return None
    reader = _Reader()
    tree.visit(reader)
    return reader


class _Reader(cst.CSTVisitor):
    """Collects literals and comments with their places.

    Attributes:
        found: (place, value, what it is assigned to), in the order of the source.
        comments: Line → the comment on it.
    """

    METADATA_DEPENDENCIES = (metadata.PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[metadata.CodeRange, Value, str]] = []
        self.comments: dict[int, str] = {}
        self._names: dict[cst.CSTNode, str] = {}

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Take in a node; return whether to look into it."""
        match node:
            case cst.Annotation() | cst.SubscriptElement() | cst.ConcatenatedString():
                return False
            case cst.UnaryOperation(
                operator=cst.Minus(), expression=cst.Integer(lpar=()) | cst.Float(lpar=()) as number
            ):
                self._add(node, -number.evaluated_value)
                return False
            case cst.Integer() | cst.Float():
                self._add(node, node.evaluated_value)
            case cst.SimpleString(quote="'" | '"'):
                self._add(node, node.evaluated_value)
            case cst.Name(value="True" | "False" | "None" as constant):
                self._add(node, _CONSTANTS[constant])
            case cst.Comment():
                self.comments[self._place(node).start.line] = node.value
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value):
                self._names[value] = name
            case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression() as value):
                self._names[value] = name
            case cst.Param(name=cst.Name(value=name), default=cst.BaseExpression() as value):
                self._names[value] = name
            case cst.Arg(keyword=cst.Name(value=name), value=value):
                self._names[value] = name
        return True

    def _add(self, node: cst.CSTNode, value: Value) -> None:
        if not isinstance(value, float) or math.isfinite(value):
            self.found.append((self._place(node), value, self._names.get(node, "")))

    def _place(self, node: cst.CSTNode) -> metadata.CodeRange:
        place = self.get_metadata(metadata.PositionProvider, node)
        assert isinstance(place, metadata.CodeRange)  # what this provider gives
        return place
