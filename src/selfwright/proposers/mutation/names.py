"""Which names a piece of code reads, binds and may change: what a rewrite has to know before it moves anything."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import libcst as cst

from selfwright.proposers.mutation.tree import children

PURE = frozenset({
    "abs", "all", "any", "bin", "bool", "bytes", "chr", "complex", "dict", "divmod", "enumerate", "float", "frozenset",
    "hash", "hex", "int", "isinstance", "len", "list", "max", "min", "oct", "ord", "pow", "range", "repr", "reversed",
    "round", "set", "slice", "sorted", "str", "sum", "tuple", "type", "zip",
})  # fmt: skip
"""Built-in functions that change nothing."""

PURE_MODULES = frozenset({"math", "cmath", "operator"})
"""Modules whose functions change nothing and depend on their arguments alone."""


@dataclass(slots=True)
class Names:
    """What was found in a piece of code.

    Attributes:
        loads: Names that are read.
        stores: Names that are bound, by whatever statement.
        touched: Names whose object may be changed: an item or an attribute is set or deleted, or a method called.
        called: Names of functions that are called, ``math.sqrt`` with its module; ``.append`` of anything else.
        leaves: Whether it may leave its place: return, break, continue, yield, await, raise.
    """

    loads: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    leaves: bool = False

    @property
    def all(self) -> set[str]:
        """Every name in it."""
        return self.loads | self.stores

    @property
    def is_pure(self) -> bool:
        """Whether it changes nothing and calls only what changes nothing, as far as names tell."""
        return not self.stores and not self.touched and not self.leaves and all(map(is_pure, self.called))


def is_pure(function: str) -> bool:
    """Whether a function of that name changes nothing: ``len``, ``math.sqrt``."""
    module, _, name = function.rpartition(".")
    return function in PURE if not module else bool(name) and module in PURE_MODULES


def names_in(*nodes: cst.CSTNode) -> Names:
    """Return the names in some nodes."""
    reader = _Reader()
    reader.read(*nodes)
    return reader.found


def fresh(wanted: str, taken: Iterable[str]) -> str:
    """Return a name that is not taken yet: the wanted one, or with a number."""
    taken = set(taken)
    names = (wanted, *(f"{wanted}_{number}" for number in range(2, 1000)))
    return next(name for name in names if name not in taken)


def read_later(statements: Iterable[cst.CSTNode], watched: set[str]) -> bool:
    """Whether any of these names is read in statements before it is bound there again by a loop or an assignment."""
    watched = set(watched)
    for statement in statements:
        match statement:
            case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
                if watched & names_in(iterable).loads:
                    return True
                inner = watched - names_in(cst.AssignTarget(target=target)).stores
                rest = [body] if orelse is None else [body, orelse]
                if inner & names_in(*rest).loads:
                    return True
            case _:
                found = names_in(statement)
                if watched & found.loads:
                    return True
                if isinstance(statement, cst.SimpleStatementLine):
                    watched -= found.stores
    return False


def root(node: cst.BaseExpression) -> str | None:
    """Return the name that a chain of attributes and items hangs on: ``a`` for ``a.b[0].c``."""
    while isinstance(node, cst.Attribute | cst.Subscript):
        node = node.value
    return node.value if isinstance(node, cst.Name) else None


class _Reader:
    """Reads nodes; every kind that binds, calls or leaves is a case of its own."""

    def __init__(self) -> None:
        self.found = Names()

    def read(self, *nodes: cst.CSTNode | None) -> None:
        """Take in nodes and what is below them."""
        for node in nodes:
            if node is not None and not self._is_read(node):
                self.read(*children(node))

    def _is_read(self, node: cst.CSTNode) -> bool:
        """Take in one node; return whether that was all of it."""
        found = self.found
        match node:
            case cst.Name(value=name):
                found.loads.add(name)
            case cst.Attribute(value=value) | cst.Arg(value=value):
                self.read(value)
                return True
            case cst.Annotation():
                return True
            case cst.Call(func=function):
                self._call(function)
            case cst.Return() | cst.Break() | cst.Continue() | cst.Yield() | cst.Await() | cst.Raise():
                found.leaves = True
            case cst.Global(names=names) | cst.Nonlocal(names=names):
                found.stores |= {item.name.value for item in names}
                found.touched.add("*")
            case cst.ImportAlias(name=name, asname=None):
                found.stores.add(root(name) or "")
                return True
            case _:
                return self._is_bound(node)
        return False

    def _is_bound(self, node: cst.CSTNode) -> bool:
        """Take in a node if it binds something; return whether that was all of it."""
        match node:
            case cst.AssignTarget(target=target) | cst.AsName(name=target) | cst.Del(target=target):
                self._bind(target)
            case cst.AugAssign(target=target, value=value):
                self.read(target, value)
                self._bind(target)
            case cst.AnnAssign(target=target, value=value) | cst.NamedExpr(target=target, value=value):
                self._bind(target)
                self.read(value)
            case cst.For(target=target, iter=iterable, body=body, orelse=orelse):
                self._bind(target)
                self.read(iterable, body, orelse)
            case cst.CompFor(target=target, iter=iterable, ifs=ifs, inner_for_in=inner):
                self._bind(target)
                self.read(iterable, *ifs, inner)
            case cst.Param(name=name, default=default):
                self._bind(name)
                self.read(default)
            case cst.FunctionDef(name=name, params=params, body=body, decorators=decorators):
                self._bind(name)
                self.read(params, body, *decorators)
            case cst.ClassDef(name=name, bases=bases, body=body, decorators=decorators):
                self._bind(name)
                self.read(body, *bases, *decorators)
            case _:
                return False
        return True

    def _bind(self, target: cst.CSTNode) -> None:
        match target:
            case cst.Name(value=name):
                self.found.stores.add(name)
            case cst.Tuple(elements=elements) | cst.List(elements=elements):
                for element in elements:
                    self._bind(element.value)
            case cst.Attribute() | cst.Subscript():
                self.found.touched.add(root(target) or "*")
                self.read(target)

    def _call(self, function: cst.BaseExpression) -> None:
        match function:
            case cst.Name(value=name):
                self.found.called.add(name)
            case cst.Attribute(value=cst.Name(value=module), attr=cst.Name(value=name)):
                self.found.called.add(f"{module}.{name}")
                if not is_pure(f"{module}.{name}"):
                    self.found.touched.add(module)
            case cst.Attribute(attr=cst.Name(value=name)):
                self.found.called.add(f".{name}")
                self.found.touched.add(root(function) or "*")
            case _:
                self.found.called.add("*")
