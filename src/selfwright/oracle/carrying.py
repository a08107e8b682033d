"""Takes a function out of a person's program, as source, with all that it uses: into a file that stands alone.

A name that it uses is found as Python finds it, and carried as what it is: an installed module by its import, a
function or class of the person's own by its source (and what that uses), a plain value by its text. Anything else is
told.
"""

import __future__

import ast
import builtins
import inspect
import re
import symtable
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from selfwright.core.errors import BadInput

_MOST_TEXT = 1 << 20
_CARRIED = (
    "Carried are functions and classes of yours with their source, modules that are installed, and plain values (None, "
    "bool, int, float, str, bytes, tuples, lists, dicts and sets of these): hand it in as an argument, or make it in "
    "the function"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A function or class of the person's, as it is carried.

    Attributes:
        text: Without the indentation that it has there; it ends with its last line.
        raw: As it stands there.
        file: Where that is; None where it is no file: a notebook's cell, a prompt.
    """

    name: str
    text: str
    raw: str
    file: Path | None


@dataclass(slots=True, kw_only=True)
class Carried:
    """What was taken out.

    Attributes:
        pieces: In an order in which they can be defined; the last is what was asked for.
        imports: Name → the statement that binds it.
        values: Name → its value's text.
        future: Whether annotations stay unevaluated.
    """

    pieces: dict[str, Piece] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    future: bool = False

    def text(self) -> str:
        """Return the file."""
        head = ["from __future__ import annotations"] * self.future + sorted(set(self.imports.values()))
        values = [f"{name} = {text}" for name, text in self.values.items()]
        blocks = ["\n".join(lines) for lines in (head, values) if lines]
        return "\n\n\n".join([*blocks, *(piece.text for piece in self.pieces.values())]) + "\n"


def carry(*functions: Callable[..., object]) -> Carried:
    """Return what these functions need to stand alone, themselves included.

    Raises:
        BadInput: One has no source, or uses what can not be carried; the message says which.
    """
    carrier = _Carrier()
    for function in functions:
        carrier.take(_plain(function))
    return carrier.carried


def _plain(function: Callable[..., object]) -> FunctionType:
    """Return the function itself, below its decorators."""
    inner = inspect.unwrap(function)
    if not isinstance(inner, FunctionType) or inspect.ismethod(function):
        raise BadInput(f"{function!r} is no plain function; give one that is written with `def`, and no method")
    if inner.__name__ == "<lambda>":
        raise BadInput("a lambda has no name and no source of its own; write it with `def`")
    if "." in inner.__qualname__.rpartition("<locals>.")[2]:
        raise BadInput(f"{inner.__qualname__} is a method; only plain functions are taken: move its work into one")
    return inner


class _Carrier:
    """Takes one thing after the other, with what it uses."""

    def __init__(self) -> None:
        self.carried = Carried()
        self._known: dict[str, object] = {}

    def take(self, thing: FunctionType | type) -> None:
        """Take a function or class of the person's."""
        name = thing.__name__
        if self._is_known(name, thing):
            return
        piece = _piece(thing)
        if isinstance(thing, FunctionType):
            self.carried.future |= bool(thing.__code__.co_flags & __future__.annotations.compiler_flag)
        around = _around(thing)
        for used in sorted(_names(piece)):
            if used == name:
                continue
            if used in around:
                self._resolve(used, around[used], user=name)
            elif not hasattr(builtins, used):
                raise BadInput(f"{name} uses {used}, which is not defined here")
        self.carried.pieces[name] = piece

    def _resolve(self, name: str, value: Any, *, user: str) -> None:
        if isinstance(value, ModuleType):
            if not self._is_known(name, value):
                self.carried.imports[name] = _import(name, value, user=user)
            return
        found = _importable(name, value)
        if found is not None:
            if not self._is_known(name, value):
                self.carried.imports[name] = found
        elif isinstance(value, FunctionType | type):
            self.take(value)
            if value.__name__ != name and not self._is_known(name, value):
                self.carried.values[name] = value.__name__
        elif not self._is_known(name, value):
            self._keep(name, value, user=user)

    def _keep(self, name: str, value: object, *, user: str) -> None:
        if isinstance(value, re.Pattern):
            self._resolve("re", re, user=user)
            self.carried.values[name] = f"re.compile({value.pattern!r}, {int(value.flags)})"
            return
        text = _literal(value)
        if text is None:
            raise BadInput(
                f"{user} uses {name}, an object of {type(value).__qualname__}, which can not be carried. {_CARRIED}"
            )
        if len(text) > _MOST_TEXT:
            raise BadInput(f"{user} uses {name}, which is {len(text) >> 20} MiB as text; hand it in as an argument")
        self.carried.values[name] = text

    def _is_known(self, name: str, value: object) -> bool:
        """Return whether the name was taken before.

        Raises:
            BadInput: For something else.
        """
        if name not in self._known:
            self._known[name] = value
            return False
        known = self._known[name]
        if known is value or (_literal(known) is not None and _literal(known) == _literal(value)):
            return True
        raise BadInput(f"{name} means two things in what is carried; give one of them another name")


def _piece(thing: FunctionType | type) -> Piece:
    name = thing.__name__
    try:
        raw = inspect.getsource(thing)
        file = inspect.getsourcefile(thing)
    except (OSError, TypeError) as error:
        raise BadInput(
            f"{name} has no source: it was made by exec or typed at a prompt; write it into a file or a notebook's cell"
        ) from error
    raw = raw.rstrip("\n")
    text = textwrap.dedent(raw)
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise BadInput(
            f"the source of {name} does not stand alone ({error.msg}); write it with a `def` of its own"
        ) from error
    if text != raw and ast.dump(ast.parse(f"if 1:\n{raw}").body[0].body[0]) != ast.dump(tree.body[0]):  # type: ignore[attr-defined]  # an `if`
        raise BadInput(
            f"{name} stands within something, and has a text of several lines; move it to the top of its file"
        )
    real = Path(file) if file else None
    return Piece(name=name, text=text, raw=raw, file=real.resolve() if real and real.is_file() else None)


def _around(thing: FunctionType | type) -> Mapping[str, object]:
    """Return the names that it can see."""
    if isinstance(thing, FunctionType):
        return {**thing.__globals__, **inspect.getclosurevars(thing).nonlocals}
    return vars(sys.modules[thing.__module__])


def _names(piece: Piece) -> set[str]:
    """Return the names that a source uses and does not bind."""
    try:
        table = symtable.symtable(piece.text, piece.name, "exec")
    except SyntaxError as error:
        raise BadInput(
            f"{piece.name}: {error.msg}: it changes a variable of the function around it; hand it in and return it"
        ) from error
    return set(_used(table))


def _used(table: symtable.SymbolTable) -> Iterator[str]:
    top = table.get_type() == "module"
    for symbol in table.get_symbols():
        bound = symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()
        if (top and symbol.is_referenced() and not bound) or (not top and symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _used(child)


@cache
def _installed() -> frozenset[str]:
    return frozenset(packages_distributions()) | sys.stdlib_module_names


def _is_installed(module: str) -> bool:
    top = module.partition(".")[0]
    return top != "__main__" and (top in sys.stdlib_module_names or top in _installed())


def _import(name: str, module: ModuleType, *, user: str) -> str:
    if not _is_installed(module.__name__):
        raise BadInput(
            f"{user} uses the module {module.__name__}, which is a file of yours and not installed. Import what it "
            "uses of it (`from ... import ...`), which is then carried as source; or take `selfwright speed`, which "
            "takes whole packages"
        )
    return f"import {module.__name__}" if name == module.__name__ else f"import {module.__name__} as {name}"


def _importable(name: str, value: object) -> str | None:
    """Return the statement that imports a value from an installed module; None where there is none."""
    module = getattr(value, "__module__", None) or type(value).__module__
    if not isinstance(module, str) or not _is_installed(module) or module not in sys.modules:
        return None
    for attribute in ("__qualname__", "__name__", "_name"):
        there = getattr(value, attribute, None)
        if isinstance(there, str) and there.isidentifier() and getattr(sys.modules[module], there, None) is value:
            return f"from {module} import {there}" + (f" as {name}" if name != there else "")
    return f"from {module} import {name}" if getattr(sys.modules[module], name, None) is value else None


def _literal(value: object) -> str | None:
    """Return the text of a plain value; None where it is none."""
    if isinstance(value, set | frozenset) and not value:
        return f"{type(value).__name__}()"
    if type(value) is frozenset:
        inner = _literal(set(value))
        return None if inner is None else f"frozenset({inner})"
    text = repr(value)
    try:
        read = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return text if type(read) is type(value) and repr(read) == text else None
