"""The space that a search over numbers moves in: the literals of one program, and what is known of it.

Searches see positions, one number in [0, 1] a literal; programs are cut and put together here.
"""

import ast
import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from selfwright.core.change import Files
from selfwright.proposers.literal import Literal, parameters, replace
from selfwright.proposers.mark import Value, is_number, is_same

Position = tuple[float, ...]
"""Where a program stands: one number in [0, 1] a literal."""

Values = tuple[Value, ...]
"""The same as the values in the source."""

_NUMBER = r"-?[ \t]*\.?[0-9](?:[eE][-+]|[0-9a-zA-Z_.])*"
_QUOTED = r"""[a-zA-Z]{0,2}(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_NUMERIC = rf"({_NUMBER})"
_ANY = rf"([ \t]*\(?(?:{_NUMBER}|{_QUOTED}|True|False|None)\)?[ \t]*)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A program that was tried.

    Attributes:
        loss: Its objective, lower is better; None where it was not measured (it crashed, was invalid, ...).
        margins: For each constraint by how much it holds, negative where it is broken; empty without a loss.
        won: Whether it was adopted.
        own: Whether the search itself proposed it.
    """

    position: Position
    loss: float | None
    margins: tuple[float, ...]
    won: bool
    own: bool

    @property
    def feasible(self) -> bool:
        """Whether it was measured and breaks no constraint."""
        return self.loss is not None and min(self.margins, default=0.0) >= 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Landscape:
    """What a search knows when it is asked.

    Attributes:
        base: The incumbent.
        grains: For each literal the least move that changes its value; 0 for floats.
        categories: For each literal how many values it may take where there is no order in them; else 0. Position
            ``(i + 0.5) / categories`` is the i-th.
        points: What was tried with the same structure, oldest first; with the incumbent, where it was a trial.
        noisy: Whether the losses are random.
        ahead: How many earlier trials have no verdict yet.
        seed: For every draw.
    """

    base: Position
    grains: tuple[float, ...]
    categories: tuple[int, ...]
    points: Sequence[Point]
    noisy: bool
    ahead: int
    seed: int

    def costs(self) -> list[tuple[Position, float]]:
        """Return every point with one number, lower is better: where none counts, one beyond all that do."""
        losses = [point.loss for point in self.points if point.loss is not None] or [0.0]
        beyond = max(losses) + (max(losses) - min(losses) or 1.0)
        return [
            (
                point.position,
                point.loss if point.loss is not None and point.feasible else beyond - min(point.margins, default=-1.0),
            )
            for point in self.points
        ]


class Search(Protocol):
    """Yields positions worth trying, the best first; a function of the landscape alone."""

    def __call__(self, land: Landscape, /) -> Iterator[Position]: ...


class Space:
    """The searched literals of one program, and the fixed text between them.

    Attributes:
        literals: In the order of the files and of their text.
        shape: Hash of the text between: programs of one shape differ in these numbers only.
    """

    def __init__(self, files: Files) -> None:
        self.literals = parameters(files)
        self._files = files
        self._parts: dict[str, list[Literal]] = {}
        for literal in self.literals:
            self._parts.setdefault(literal.path, []).append(literal)
        self._pieces = {path: _pieces(files[path].decode(), found) for path, found in self._parts.items()}
        self._pattern = {path: _pattern(self._pieces[path], found) for path, found in self._parts.items()}
        rest = sorted((path, content) for path, content in files.items() if path not in self._parts)
        self.shape = hashlib.sha256(repr((rest, sorted(self._pieces.items()))).encode()).hexdigest()

    @property
    def base(self) -> Values:
        """The values of the program itself."""
        return tuple(literal.value for literal in self.literals)

    @property
    def size(self) -> float:
        """How many programs there are; infinite where a float may move."""
        return math.prod(literal.size for literal in self.literals)

    def values(self, files: Files) -> Values | None:
        """Return the values of a program of the same shape, or None for another one."""
        if files.keys() != self._files.keys():
            return None
        if any(files[path] != self._files[path] for path in files if path not in self._parts):
            return None
        found: list[Value] = []
        for path in self._parts:
            match = self._pattern[path].fullmatch(files[path].decode(errors="replace"))
            if not match:
                return None
            try:
                found += [ast.literal_eval(text) for text in match.groups()]
            except (ValueError, SyntaxError):
                return None
        fits = all(
            is_number(value) or literal.allows(value) for literal, value in zip(self.literals, found, strict=True)
        )
        return tuple(found) if fits else None

    def files(self, values: Values) -> dict[str, bytes]:
        """Return the files that differ, with these values in them."""
        new: Mapping[Literal, Value] = dict(zip(self.literals, values, strict=True))
        changed = {}
        for path, literals in self._parts.items():
            moved = {literal: new[literal] for literal in literals if not is_same(new[literal], literal.value)}
            if moved:
                changed[path] = replace(self._files[path].decode(), moved).encode()
        return changed

    def at(self, position: Position) -> Values:
        """Return the values at a position; those of literals that do not move are kept to the digit."""
        return tuple(
            literal.value if abs(where - literal.position(literal.value)) < 1e-9 else literal.at(where)
            for literal, where in zip(self.literals, position, strict=True)
        )

    def position(self, values: Values) -> Position:
        """Return where values stand."""
        return tuple(literal.position(value) for literal, value in zip(self.literals, values, strict=True))


def _pattern(pieces: Sequence[str], literals: Sequence[Literal]) -> re.Pattern[str]:
    """Return what a text matches that has other values between these pieces."""
    values = [_NUMERIC if is_number(literal.value) and not literal.categories else _ANY for literal in literals]
    groups = zip([*values, ""], pieces, strict=True)
    return re.compile("".join(re.escape(piece) + value for value, piece in groups))


def _pieces(source: str, literals: Sequence[Literal]) -> list[str]:
    """Return the text before, between and after the literals."""
    ends = [0, *(literal.end for literal in literals)]
    starts = [*(literal.start for literal in literals), len(source)]
    return [source[end:start] for end, start in zip(ends, starts, strict=True)]
