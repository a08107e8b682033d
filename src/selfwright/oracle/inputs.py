"""Inputs like those that were recorded: varied ones, of the same types and in the same ranges, and odd ones.

A varied input is one that a person's program could meet: a string keeps its classes of characters, a number stays near
the numbers that were seen in its place. An odd one has a value at the edge of its type in one place.
"""

import ast
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

Row = tuple[object, ...]
Place = tuple[object, ...]
"""Where a value stands: number of the argument, then keys of dicts and positions in tuples; a list is one place."""

_DIGITS, _LOWER, _UPPER = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STRINGS = (
    "",
    " ",
    "a",
    "A",
    "0",
    "é",
    "ß",
    "İ",
    "ǆ",
    "e\u0301",
    "漢字",
    "\U0001f600",
    "\n",
    "\t a \r\n",
    "\0",
    "a" * 200,
    "-",
    "_",
)
_NUMBERS = (0.0, -0.0, 1.0, -1.0, 0.1, 1e-300, 1e300, math.inf, -math.inf, math.nan)
_EDGES: dict[str, tuple[object, ...]] = {
    "str": _STRINGS, "float": _NUMBERS, "int": (0, 1, -1, 2), "bool": (False, True), "None": (None,),
    "bytes": (b"", b"\0", b"\xff"), "list": ([],), "dict": ({},), "tuple": ((),),
}  # fmt: skip
_MOST_KNOWN = 300


@dataclass(slots=True)
class _Known:
    """What was seen in one place."""

    numbers: list[float] = field(default_factory=list)
    texts: list[Any] = field(default_factory=list)
    longest: int = 0
    keys: set[str] = field(default_factory=set)


class Inputs:
    """Makes inputs that resemble recorded ones.

    Args:
        rows: What was recorded; at least one.
        spread: How far beyond the numbers that were seen those that are made may lie, in their range; of text and
            lists its logarithm says how much more of them is changed, and how much longer they may get.
        types: Of each parameter, the types that its annotation names; see ``annotated``.
    """

    def __init__(self, rows: Sequence[Row], *, spread: float = 1.0, types: Sequence[Sequence[str]] = ()) -> None:
        self._rows = rows
        self._spread = spread
        self._steps = 1 + round(math.log10(spread))
        self._types = types
        self._known: dict[Place, _Known] = {}
        for row in rows:
            for index, value in enumerate(row):
                self._learn(value, (index,))

    def vary(self, rng: Random) -> Row:
        """Return a recorded row with other values of the same kinds; always new objects."""
        row = rng.choice(self._rows)
        for share in (rng.choice((0.3, 0.7, 1.0)), 1.0, 1.0, 1.0):
            made = tuple(self._varied(value, (index,), rng, share) for index, value in enumerate(row))
            if repr(made) != repr(row):
                break
        return made

    def odd(self, rng: Random) -> Row:
        """Return a recorded row in which one argument, or something in it, is at the edge of its type."""
        row = list(copied(rng.choice(self._rows)))
        if not row:
            return ()
        index = rng.randrange(len(row))
        row[index] = self._odd(row[index], (index,), rng)
        return tuple(row)

    def _learn(self, value: object, place: Place) -> None:
        known = self._known.setdefault(place, _Known())
        if isinstance(value, bool):
            return
        if isinstance(value, int | float) and len(known.numbers) < _MOST_KNOWN:
            if math.isfinite(value) and abs(value) < 1e300:
                known.numbers.append(value)
        elif isinstance(value, str | bytes):
            known.longest = max(known.longest, len(value))
            if len(known.texts) < _MOST_KNOWN:
                known.texts.append(value)
        elif isinstance(value, list):
            known.longest = max(known.longest, len(value))
        for inner, item in _inside(value, place):
            self._learn(item, inner)
        if isinstance(value, dict) and len(known.keys) < _MOST_KNOWN:
            known.keys |= {key for key in value if isinstance(key, str)}

    def _varied(self, value: Any, place: Place, rng: Random, share: float) -> object:
        if rng.random() >= share and not isinstance(value, list | tuple | dict):
            return copied(value)
        known = self._known.get(place, _Known())
        match value:
            case None:
                return None
            case bool():
                return rng.random() < 0.5
            case int():
                return self._integer(value, known, rng)
            case float():
                return self._float(value, known, rng)
            case str():
                return _text(value, known, rng, steps=self._steps)
            case bytes():
                text = _text(value.decode("latin-1"), _latin(known), rng, most=256, steps=self._steps)
                return bytes(map(ord, text))
            case list():
                items = [self._varied(item, (*place, "[]"), rng, share) for item in value]
                for _ in range(self._steps):
                    items = self._rearranged(items, value, place, rng)
                return items
            case tuple():
                return tuple(self._varied(item, inner, rng, share) for inner, item in _inside(value, place))
            case dict():
                return self._dict(value, place, rng, share)
        return _array(value, rng)

    def _integer(self, value: int, known: _Known, rng: Random) -> int:
        low, high = (int(min(known.numbers)), int(max(known.numbers))) if known.numbers else (value, value)
        more = math.ceil((high - low + 2) * self._spread) - (high - low + 2)
        least = low - more if low < 0 else max(0 if low < 2 else 1, low - 1)
        return rng.randint(min(least, high), high + 1 + more)

    def _float(self, value: float, known: _Known, rng: Random) -> float:
        if not math.isfinite(value) or not known.numbers:
            return value
        low, high = min(known.numbers), max(known.numbers)
        if rng.random() < 0.5 or low == high:
            return value * rng.uniform(0.5, 1.5) if value else rng.uniform(0.0, 1.0)
        return rng.uniform(low, high)

    def _rearranged(self, items: list[object], before: list[object], place: Place, rng: Random) -> list[object]:
        known = self._known[place] if place in self._known else _Known()
        choice = rng.random()
        if not items or choice < 0.5:
            return items
        if choice < 0.65 and len(items) < (1 + self._steps) * known.longest:
            items.insert(rng.randrange(len(items) + 1), self._varied(rng.choice(before), (*place, "[]"), rng, 1.0))
        elif choice < 0.75 and len(items) > 1:
            del items[rng.randrange(len(items))]
        elif choice < 0.85:
            rng.shuffle(items)
        elif len(items) > 1:
            items[rng.randrange(len(items))] = copied(rng.choice(before))
        return items

    def _dict(self, value: dict[Any, object], place: Place, rng: Random, share: float) -> dict[object, object]:
        made: dict[object, object] = {}
        known = self._known.get(place, _Known())
        free = len(known.keys) > 2 * len(value)  # keys are data here, and no names of fields
        for (inner, item), key in zip(_inside(value, place), value, strict=True):
            new = _text(key, _Known(texts=sorted(known.keys)), rng) if free and isinstance(key, str) else key
            made[new] = self._varied(item, inner, rng, share)
        return made

    def _odd(self, value: Any, place: Place, rng: Random) -> object:
        if len(place) == 1 and rng.random() < 0.3:
            named = self._types[int(str(place[0]))] if int(str(place[0])) < len(self._types) else ()
            if edges := [edge for name in named for edge in _EDGES.get(name, ())]:
                return copied(rng.choice(edges))
        if isinstance(value, list | tuple | dict) and value and rng.random() < 0.6:
            return self._odd_inside(value, place, rng)
        numbers = self._known.get(place, _Known()).numbers
        match value:
            case bool():
                return not value
            case int():
                return rng.choice([0, 1, -1, int(min(numbers, default=0)) - 1, int(max(numbers, default=0)) + 1])
            case list():
                return rng.choice([[], value[:1], value[::-1], value + copied(value), sorted(value, key=repr)])
            case dict():
                return rng.choice([{}, dict(list(value.items())[1:]), dict(reversed(value.items()))])
            case str() | float() | bytes():
                return rng.choice(_EDGES[type(value).__name__])
        return value

    def _odd_inside(self, value: Any, place: Place, rng: Random) -> object:
        index = rng.randrange(len(value))
        inner, item = list(_inside(value, place))[index]
        made = self._odd(item, inner, rng)
        if isinstance(value, dict):
            return {key: made if at == index else each for at, (key, each) in enumerate(value.items())}
        items = [*value[:index], made, *value[index + 1 :]]
        return items if isinstance(value, list) else tuple(items)


def annotated(node: ast.FunctionDef) -> list[list[str]]:
    """Return of each parameter the plain types that its annotation names, as ``["str", "None"]``."""
    return [sorted(_names(each.annotation)) for each in (*node.args.posonlyargs, *node.args.args)]


def copied(value: Any) -> Any:
    """Return a copy that shares nothing that can be changed."""
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, tuple):
        return tuple(copied(item) for item in value)
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return value.copy() if hasattr(value, "dtype") else value


def _names(node: ast.expr | None) -> set[str]:
    match node:
        case ast.Name(id=name) if name in _EDGES:
            return {name}
        case ast.Constant(value=None):
            return {"None"}
        case ast.Constant(value=str(text)):
            try:
                return _names(ast.parse(text, mode="eval").body)
            except SyntaxError:
                return set()
        case ast.BinOp(left=left, right=right):
            return _names(left) | _names(right)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return _names(inner) | {"None"}
        case ast.Subscript(value=ast.Name(id="Union"), slice=ast.Tuple(elts=parts)):
            return {name for part in parts for name in _names(part)}
        case ast.Subscript(value=outer):
            return _names(outer)
    return set()


def _inside(value: object, place: Place) -> Iterable[tuple[Place, object]]:
    """Yield what is in a container, with its place."""
    if isinstance(value, list):
        return [((*place, "[]"), item) for item in value]
    if isinstance(value, tuple):
        return [((*place, index), item) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return [((*place, key if isinstance(key, str) else "{}"), item) for key, item in value.items()]
    return []


def _latin(known: _Known) -> _Known:
    return _Known(
        texts=[each.decode("latin-1") for each in known.texts if isinstance(each, bytes)], longest=known.longest
    )


def _text(value: str, known: _Known, rng: Random, *, most: int = 0x110000, steps: int = 1) -> str:
    """Return another string: mostly with other characters of the same classes, else cut, joined or longer."""
    pool = [each for each in known.texts if isinstance(each, str)] or [value]
    if not value:
        return value if rng.random() < 0.5 else rng.choice(pool)
    signs, stays = list(value), 0.75 if steps == 1 else 0.3
    for _ in range(steps + int(rng.expovariate(1.0) * (1 + len(signs) / 8))):
        at, choice = rng.randrange(len(signs)), rng.random()
        if choice < stays or len(signs) >= (1 + steps) * max(known.longest, 8):
            signs[at] = _alike(signs[at], rng)
        elif choice < 0.87:
            signs.insert(at, _alike(signs[at], rng))
        elif choice < 0.94 and len(signs) > 1:
            del signs[at]
        else:
            other = rng.choice(pool)
            signs[at:] = other[rng.randrange(len(other) + 1) :] or [signs[at]]
    return "".join(sign if ord(sign) < most else "?" for sign in signs)


_ALIKE: tuple[tuple[Callable[[str], bool], str], ...] = (
    (str.isdigit, _DIGITS), (str.islower, _LOWER), (str.isupper, _UPPER),
)  # fmt: skip


def _alike(sign: str, rng: Random) -> str:
    return next((rng.choice(others) for fits, others in _ALIKE if fits(sign) and sign in others), sign)


def _array(value: Any, rng: Random) -> Any:
    """Return an array of the same shape: its values in another order, and of floats a little other ones."""
    import numpy as np

    generator = np.random.default_rng(rng.getrandbits(63))
    made = generator.permuted(value, axis=None) if value.ndim else value.copy()
    return made * generator.uniform(0.9, 1.1, made.shape).astype(made.dtype) if value.dtype.kind == "f" else made
