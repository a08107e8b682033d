"""The numeric literals of Python sources: where they stand, in which range they may move, and how to replace them.

A source is cut at its literals and put together again, so everything else survives to the byte. A comment on the line
of a literal marks it and may say its range: ``# tune: 14..30``, ``# tune: 0.001..1 log`` or ``# tune: {4, 8, 16}``.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import libcst as cst
from libcst import metadata

Number = int | float

SPREAD = 4
"""A literal without a range is searched from a fourth of its value to four times its value."""

TRIVIAL = (0, 1, -1, 2)
"""Values that are rarely parameters: searched only where they are marked."""

_MARK = re.compile(r"#\s*tune\b(:?)(.*)")
_MARKS = "write `# tune: 1..9`, `# tune: 0.001..1 log`, `# tune: {4, 8, 16}` or `# tune`"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"\s*({_NUMBER}?)\s*\.\.\s*({_NUMBER})\s*(log)?\b")
_CHOICES = re.compile(rf"\s*\{{\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)\s*,?\s*\}}")
_NEWLINE = re.compile(r"\r\n?|\n")
_BINDS_TIGHTER = re.compile(r"[\s\\]*(\*\*|\.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A number in a source.

    Attributes:
        path: The file, below the problem's folder.
        line: From 1.
        column: From 1, in characters.
        start: First character of it in the source, from 0; a sign belongs to it.
        text: As it is written.
        value: An int or a float; a replacement keeps the kind.
        name: What it is assigned to, for people; empty where it is part of something larger.
        low: Least value that it may take.
        high: Greatest value that it may take.
        log: Whether equal steps are equal ratios.
        choices: The only values that it may take; empty for a range.
        marked: Whether a comment asks for it to be tuned.
    """

    path: str
    line: int
    column: int
    start: int
    text: str
    value: Number
    name: str
    low: Number
    high: Number
    log: bool
    choices: tuple[Number, ...]
    marked: bool

    @property
    def end(self) -> int:
        """The character after it, from 0."""
        return self.start + len(self.text)

    @property
    def size(self) -> float:
        """How many values it may take; infinite for a float in a range."""
        if self.choices:
            return len(self.choices)
        return self.high - self.low + 1 if isinstance(self.value, int) else math.inf if self.low < self.high else 1

    @property
    def grain(self) -> float:
        """The least change of position that changes the value; 0 for a float in a range."""
        if self.choices:
            return 1 / len(self.choices)
        if not isinstance(self.value, int):
            return 0.0
        here = self.position(self.value)
        return max(abs(self.position(self.value + step) - here) for step in (-1, 1))

    def all_values(self) -> tuple[Number, ...]:
        """Return every value that it may take, where they can be counted."""
        return self.choices or tuple(range(int(self.low), int(self.high) + 1))

    def at(self, position: float) -> Number:
        """Return the value at a position in [0, 1] of its range: of its kind, with four significant digits."""
        position = min(1.0, max(0.0, position))
        if self.choices:
            return self.choices[min(int(position * len(self.choices)), len(self.choices) - 1)]
        low, high = float(self.low), float(self.high)
        exact = float(low * (high / low) ** position) if self.log else low + position * (high - low)
        if isinstance(self.value, int):
            return min(max(round(exact), int(self.low)), int(self.high))
        return min(max(float(f"{exact:.4g}"), self.low), self.high)

    def position(self, value: Number) -> float:
        """Return where a value stands in its range, in [0, 1]; a value outside counts as the nearer end."""
        if self.choices:
            near = min(range(len(self.choices)), key=lambda index: abs(self.choices[index] - value))
            return (near + 0.5) / len(self.choices)
        value = min(max(value, self.low), self.high)
        if self.low == self.high:
            return 0.5
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return float((value - self.low) / (self.high - self.low))


@lru_cache(maxsize=64)
def find_literals(source: str, path: str = "") -> tuple[Literal, ...]:
    """Return the numeric literals that may be parameters, in the order of the source.

    Numbers in annotations and in subscripts are no parameters; trivial ones only where they are marked. A source that
    does not parse has none.

    Args:
        path: What ``Literal.path`` shall say.
    """
    numbers = _numbers(source)
    if numbers is None:
        return ()
    starts = [int(source.startswith("\ufeff")), *(match.end() for match in _NEWLINE.finditer(source))]
    found = []
    for place, value, name in numbers.found:
        start = starts[place.start.line - 1] + place.start.column
        end = starts[place.end.line - 1] + place.end.column
        mark = _MARK.search(numbers.comments.get(place.start.line, ""))
        if mark or value not in TRIVIAL:
            low, high, log, choices = _bounds(value, mark[2] if mark else "")
            literal = Literal(
                path=path, line=place.start.line, column=place.start.column + 1, start=start, text=source[start:end],
                value=value, name=name, low=low, high=high, log=log, choices=choices, marked=mark is not None,
            )  # fmt: skip
            found.append(literal)
    return tuple(found)


def wrong_marks(files: Mapping[str, bytes]) -> list[str]:
    """Return what is wrong with the marks of a program, and the mend: ``packer.py:3: ...``; empty where nothing is."""
    wrong = []
    for path in sorted(files):
        numbers = _numbers(_text(files[path])) if path.endswith(".py") else None
        for line, comment in sorted(numbers.comments.items()) if numbers else ():
            mark = _MARK.search(comment)
            values = [value for place, value, _ in numbers.found if place.start.line == line] if numbers else []
            fault = _fault(mark, values) if mark else None
            if fault:
                wrong.append(f"{path}:{line}: {comment!r} {fault}")
    return wrong


def parameters(files: Mapping[str, bytes]) -> tuple[Literal, ...]:
    """Return what a search may move in a program: where anything is marked, that; else every literal found."""
    found = [
        literal for path in sorted(files) if path.endswith(".py") for literal in find_literals(_text(files[path]), path)
    ]
    return tuple([literal for literal in found if literal.marked] or found)


def marked_lines(source: str) -> dict[int, str]:
    """Return the lines (from 1) on which a comment marks a number for tuning, and what it says about the range."""
    if not _MARK.search(source):
        return {}
    numbers = _numbers(source)
    found = {line: _MARK.search(comment) for line, comment in numbers.comments.items()} if numbers else {}
    return {line: mark[2] for line, mark in found.items() if mark}


def bounds_of(value: Number, said: str) -> tuple[Number, Number, tuple[Number, ...]]:
    """Return the least and the greatest value that a number with this mark may take, and its choices, if it has any."""
    low, high, _, choices = _bounds(value, said)
    return low, high, choices


def replace(source: str, values: Mapping[Literal, Number]) -> str:
    """Return the source with new values for some of its literals, and everything else as it was.

    A literal that keeps its value keeps its spelling too.

    Args:
        values: Literal of this source → its new value, of the same kind and finite.

    Raises:
        ValueError: A value is of another kind or not finite, or the source is not the one of the literals.
    """
    parts, end = [], 0
    for literal, value in sorted(values.items(), key=lambda item: item[0].start):
        if source[literal.start : literal.end] != literal.text:
            raise ValueError(f"{literal.path}:{literal.line}: {literal.text} is not there; find the literals again")
        if type(value) is not type(literal.value) or not math.isfinite(value):
            raise ValueError(f"{literal.path}:{literal.line}: {value!r} is no finite {type(literal.value).__name__}")
        text = literal.text if value == literal.value else _spell(source, literal, value)
        parts += [source[end : literal.start], text]
        end = literal.end
    return "".join([*parts, source[end:]])


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return ""  # an admitted Python file is UTF-8; what else a folder holds has no literals for us


def _spell(source: str, literal: Literal, value: Number) -> str:
    """Return a value as it can stand there: ``return-1`` needs a space before 1, ``2**n`` needs brackets around -2."""
    text, before = repr(value), source[literal.start - 1 : literal.start] if literal.start else ""
    if text.startswith("-"):
        return f"({text})" if _BINDS_TIGHTER.match(source, literal.end) else text
    return f" {text}" if literal.text.startswith("-") and (before.isalnum() or before == "_") else text


def _bounds(value: Number, comment: str) -> tuple[Number, Number, bool, tuple[Number, ...]]:
    """Return low, high, log and choices: what the comment says, else a range around the value."""
    kind = type(value)
    if listed := _CHOICES.match(comment):
        exact = [float(text) for text in listed[1].split(",")]
        choices = tuple(dict.fromkeys(kind(choice) for choice in exact if kind(choice) == choice))
        if choices:
            return min(choices), max(choices), False, choices
    if ranged := _RANGE.match(comment):
        low, high = float(ranged[1]), float(ranged[2])
        if kind is int:
            low, high = math.ceil(low), math.floor(high)
        if low <= high:
            return low, high, ranged[3] is not None and low * high > 0, ()
    near, far = (value / SPREAD, value * SPREAD) if value else (-1, 1)
    if kind is int:
        near = int(near) or (value > 0) - (value < 0) or -1
    low, high = sorted((near, far))
    return low, high, low * high > 0, ()


def _numbers(source: str) -> "_Numbers | None":
    """Return the numbers and comments of a source; None where it does not parse."""
    try:
        tree = metadata.MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    except cst.ParserSyntaxError:
        return None
    numbers = _Numbers()
    tree.visit(numbers)
    return numbers


def _fault(mark: re.Match[str], values: Sequence[Number]) -> str | None:
    """Return what is wrong with a mark on a line with these numbers."""
    said, listed = mark[2], _CHOICES.match(mark[2])
    if not mark[1] or not said.strip():
        return None
    ranged = _RANGE.match(said)
    if not values:  # words about tuning may stand on a line of their own; a range there is meant for some number
        return "is on a line without a number; put it on the line of the number" if ranged or listed else None
    whole = all(isinstance(value, int) for value in values)
    if listed:
        fits = not whole or any(float(text).is_integer() for text in listed[1].split(","))
        return None if fits else "has no whole number; add one, or write the number on its line as a float"
    if not ranged:
        return f"is neither a range nor a choice; {_MARKS}"
    low, high = float(ranged[1]), float(ranged[2])
    if low > high:
        return f"runs backwards; write {ranged[2]}..{ranged[1]}"
    if whole and math.ceil(low) > math.floor(high):
        return "holds no whole number; widen it, or write the number on its line as a float"
    if ranged[3] and low * high <= 0:
        return "has no logarithm, because it touches zero; leave `log` out, or keep to one side of zero"
    return None


class _Numbers(cst.CSTVisitor):
    """Collects numbers and comments with their places.

    Attributes:
        found: (place, value, what it is assigned to), in the order of the source.
        comments: Line → the comment on it.
    """

    METADATA_DEPENDENCIES = (metadata.PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[metadata.CodeRange, Number, str]] = []
        self.comments: dict[int, str] = {}
        self._names: dict[cst.CSTNode, str] = {}

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Take in a node; return whether to look into it."""
        match node:
            case cst.Annotation() | cst.SubscriptElement():
                return False
            case cst.UnaryOperation(
                operator=cst.Minus(), expression=cst.Integer(lpar=()) | cst.Float(lpar=()) as number
            ):
                self._add(node, -number.evaluated_value)
                return False
            case cst.Integer() | cst.Float():
                self._add(node, node.evaluated_value)
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

    def _add(self, node: cst.CSTNode, value: Number) -> None:
        if math.isfinite(value):
            self.found.append((self._place(node), value, self._names.get(node, "")))

    def _place(self, node: cst.CSTNode) -> metadata.CodeRange:
        place = self.get_metadata(metadata.PositionProvider, node)
        assert isinstance(place, metadata.CodeRange)  # what this provider gives
        return place
