"""A Python source as mutations see it: its nodes, who holds whom, where it may be changed, and how an edit is applied.

Where a source has `EVOLVE-BLOCK` markers only what stands between them may change; everything outside survives to the
byte. A source is never printed anew: an edit exchanges nodes, and all others keep their spelling.
"""

import dataclasses
import itertools
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import libcst as cst
from libcst import metadata

from selfwright.proposers.block import blocks, outside
from selfwright.proposers.literal import marks_of
from selfwright.proposers.mark import Mark
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import names_in
from selfwright.proposers.mutation.tree import children

Node = TypeVar("Node", bound=cst.CSTNode)
Scope = cst.FunctionDef | cst.ClassDef
Loop = cst.For | cst.While
LITERAL = (cst.Integer, cst.Float, cst.SimpleString, cst.Name)
"""What may be a literal: True, False and None are names."""

MOST_WORDS = 60
"""Characters of a source that a sentence quotes."""

_SPACE = re.compile(r"\s+")
_BRACKETS = {"lpar": (cst.LeftParen(),), "rpar": (cst.RightParen(),)}
_ATOM = (
    cst.Name, cst.Integer, cst.Float, cst.Call, cst.Attribute, cst.Subscript, cst.List, cst.Set, cst.Dict,
    cst.ListComp, cst.SetComp, cst.DictComp, cst.SimpleString, cst.FormattedString, cst.Ellipsis, cst.Imaginary,
)  # fmt: skip
_LOOSE = (
    cst.Arg, cst.Assign, cst.AnnAssign, cst.AugAssign, cst.Return, cst.Expr, cst.Index, cst.Element, cst.DictElement,
    cst.If, cst.While, cst.Assert, cst.Param, cst.For,
)  # fmt: skip
"""Where any expression may stand without brackets."""


class Source:
    """A parsed file.

    Args:
        modules: Top-level packages that it may import beyond the standard library.

    Raises:
        ValueError: It does not parse, is nested too deeply, or has a block that is not closed.
    """

    def __init__(self, path: str, text: str, *, modules: frozenset[str] = frozenset()) -> None:
        self.path, self.text, self.modules = path, text, modules
        try:
            self.module = cst.parse_module(text)
            walk = _Walk(self.module)
        except (cst.ParserSyntaxError, RecursionError) as error:
            raise ValueError(f"{path}: does not parse") from error
        self.holders, self._every, self._spans = walk.holders, walk.nodes, walk.spans
        self._codes: dict[cst.CSTNode, str] = {}
        self.blocks = blocks(text)
        self.nodes: Sequence[cst.CSTNode] = walk.nodes if self.blocks is None else self._inside(walk.nodes)

    def all(self, kind: type[Node]) -> Iterator[Node]:
        """Yield the nodes of one kind that may be changed; whoever holds comes before what it holds."""
        return (node for node in self.nodes if isinstance(node, kind))

    @property
    def loops(self) -> Iterator[Loop]:
        """The loops of functions that a statement can be put in front of."""
        for node in self.nodes:
            if isinstance(node, cst.For | cst.While) and self.siblings(node) and self.function(node) is not None:
                yield node

    def within(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield the nodes below a node that may be changed, the same way."""
        start, end = self._spans[node]
        return (each for each in self._every[start + 1 : end] if self.blocks is None or self.may_change(each))

    def may_change(self, node: cst.CSTNode) -> bool:
        """Whether a node may be changed as a whole."""
        return node in self._free

    @cached_property
    def _free(self) -> frozenset[cst.CSTNode]:
        return frozenset(self.nodes)

    def code(self, node: cst.CSTNode) -> str:
        """Return the text of a node."""
        if node not in self.holders:
            return self.module.code_for_node(node)  # a new one, that nobody asks for again
        if node not in self._codes:
            self._codes[node] = self.module.code_for_node(node)
        return self._codes[node]

    def quote(self, node: cst.CSTNode) -> str:
        """Return the text of a node for a sentence: one line, in backquotes, cut where it is long."""
        if isinstance(node, cst.SimpleStatementLine):
            text = "; ".join(self.code(small).rstrip("; ") for small in node.body)
        elif isinstance(node, cst.BaseCompoundStatement):
            text = self.module.code_for_node(node.with_changes(leading_lines=())).partition("\n")[0] + " ..."
        else:
            text = self.code(node)
        text = _SPACE.sub(" ", text).strip()
        return f"`{text if len(text) <= MOST_WORDS else text[: MOST_WORDS - 4] + ' ...'}`"

    def above(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """Yield who holds a node, the nearest first."""
        while (holder := self.holders.get(node)) is not None:
            yield holder
            node = holder

    def function(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """Return the function that a node stands in, or None."""
        return next((holder for holder in self.above(node) if isinstance(holder, cst.FunctionDef)), None)

    def loop(self, node: cst.CSTNode) -> Loop | None:
        """Return the innermost loop that runs a node again and again, or None."""
        inner = node
        for holder in self.above(node):
            if isinstance(holder, cst.FunctionDef | cst.Lambda | cst.ClassDef):
                return None
            if (isinstance(holder, cst.For) and inner is holder.body) or (
                isinstance(holder, cst.While) and (inner is holder.body or inner is holder.test)
            ):
                return holder
            inner = holder
        return None

    def where(self, node: cst.CSTNode) -> str:
        """Return where a node stands, for a sentence: ``in `Codec.encode```."""
        names = [holder.name.value for holder in self.above(node) if isinstance(holder, Scope)]
        return f"in `{'.'.join(reversed(names))}`" if names else f"at the top of {self.path}"

    def statement(self, node: cst.CSTNode) -> cst.BaseStatement | None:
        """Return the statement that a node stands in, or is; None in a one-line suite, which nothing fits into."""
        for each in (node, *self.above(node)):
            if isinstance(each, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                holder = self.holders.get(each)
                return each if isinstance(holder, cst.IndentedBlock | cst.Module) else None
            if isinstance(each, cst.SimpleStatementSuite):
                return None
        return None

    def siblings(self, statement: cst.CSTNode) -> Sequence[cst.BaseStatement]:
        """Return the statements of the block that a statement stands in; none where it is no block's."""
        holder = self.holders.get(statement)
        return holder.body if isinstance(holder, cst.IndentedBlock | cst.Module) else ()

    @cached_property
    def names(self) -> set[str]:
        """Every name in it."""
        return names_in(self.module).all

    @cached_property
    def imported(self) -> frozenset[str]:
        """The modules that are imported under their own name at the top, with the aliases that are usual."""
        found = set()
        for statement in self.module.body:
            for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
                if isinstance(small, cst.Import):
                    found |= {_SPACE.sub(" ", self.code(alias)).strip(" ,") for alias in small.names}
        return frozenset(found)

    def apply(self, edit: Edit) -> str | None:
        """Return the source after an edit; None where that is no program, changes nothing or leaves the blocks."""
        try:
            text = self._exchanged(edit)
            stays = self.blocks is None or outside(text) == outside(self.text)
        except (cst.CSTValidationError, ValueError):
            return None
        return text if stays and text != self.text and compiles(text) else None

    def _exchanged(self, edit: Edit) -> str:
        old, new = tuple(edit.old), tuple(edit.new)
        if len(new) == 1 and isinstance(old[0], cst.BaseExpression) and isinstance(new[0], cst.BaseExpression):
            new = (_fitting(self.holders[old[0]], old[0], new[0]),)
        while not isinstance(holder := self.holders[old[0]], cst.Module):
            new = (_exchange(holder, old, new),)
            old = (holder,)
        if edit.needs and edit.needs not in self.imported:
            new = _after_import(edit.needs, new)
        body = self.module.body
        at = next(index for index, statement in enumerate(body) if statement is old[0])
        before, after = self.text[: self._starts[at]], self.text[self._starts[at + len(old)] :]
        return "".join([before, *map(self.module.code_for_node, new), after])

    @cached_property
    def _starts(self) -> Sequence[int]:
        """Where each statement of the module begins in its text, its comments included; and where the last one ends."""
        lengths = [len(self.code(statement)) for statement in self.module.body]
        header = sum(len(self.code(line)) for line in self.module.header) + self.text.startswith("\ufeff")
        return tuple(itertools.accumulate(lengths, initial=header))

    @cached_property
    def marks(self) -> dict[cst.CSTNode, Mark]:
        """The literals on whose line a comment asks for tuning, and that comment."""
        marks = marks_of(self.text)
        literals = [node for node in self.nodes if isinstance(node, LITERAL)] if marks else []
        return {node: marks[line] for node in literals if (line := self._places[node].start.line) in marks}

    @cached_property
    def _places(self) -> Mapping[cst.CSTNode, metadata.CodeRange]:
        wrapper = metadata.MetadataWrapper(self.module, unsafe_skip_copy=True)
        return wrapper.resolve(metadata.PositionProvider)

    def _inside(self, nodes: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
        """Return the nodes that stand wholly inside the blocks."""
        lines = [(node, self._places[node]) for node in nodes if node in self._places]
        return [
            node
            for node, place in lines
            if any(start < place.start.line and place.end.line <= end for start, end in self.blocks or ())
        ]


def following(source: Source, statement: cst.CSTNode) -> Iterator[cst.BaseStatement]:
    """Yield what may run after a statement in its function: what stands behind it, further out too."""
    inner: cst.CSTNode = statement
    for holder in source.above(statement):
        if isinstance(holder, cst.IndentedBlock):
            at = next((index for index, each in enumerate(holder.body) if each is inner), len(holder.body))
            yield from holder.body[at + 1 :]
        if isinstance(holder, cst.FunctionDef):
            return
        inner = holder


def compiles(text: str) -> bool:
    """Whether a text is a Python program; nothing of it is executed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(text, "candidate.py", "exec", flags=0, dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def bracketed(node: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression that can stand anywhere."""
    if isinstance(node, _ATOM) or node.lpar:
        return node
    return node.with_changes(**_BRACKETS)


class _Walk:
    """Finds out who holds whom; what is no code (annotations, docstrings, decorators) it does not list.

    Attributes:
        holders: Node → who holds it.
        nodes: Whoever holds comes before what it holds.
        spans: Node → where it and all that it holds stand in ``nodes``.
    """

    def __init__(self, module: cst.Module) -> None:
        self.holders: dict[cst.CSTNode, cst.CSTNode] = {}
        self.nodes: list[cst.CSTNode] = []
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}
        self._walk(module, quiet=False)

    def _walk(self, node: cst.CSTNode, *, quiet: bool) -> None:
        quiet, start = quiet or _is_quiet(node), len(self.nodes)
        if not quiet:
            self.nodes.append(node)
        for child in children(node):
            self.holders[child] = node
            self._walk(child, quiet=quiet)
        self.spans[node] = (start, len(self.nodes))


def _is_quiet(node: cst.CSTNode) -> bool:
    match node:
        case cst.Annotation() | cst.Decorator() | cst.Import() | cst.ImportFrom() | cst.Global() | cst.Nonlocal():
            return True
        case cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return True
        case cst.If(test=cst.Comparison(left=cst.Name(value="__name__"))):
            return True
    return False


def _exchange(holder: cst.CSTNode, old: Sequence[cst.CSTNode], new: Sequence[cst.CSTNode]) -> cst.CSTNode:
    """Return the holder with ``new`` in the place of ``old``.

    Raises:
        ValueError: They do not fit there.
    """
    for field in dataclasses.fields(holder):
        value = getattr(holder, field.name)
        if value is old[0] and len(new) == 1:
            return _with_child(holder, field.name, new[0])
        if isinstance(value, list | tuple):
            at = next((index for index, each in enumerate(value) if each is old[0]), None)
            if at is not None:
                rest = [*value[:at], *new, *value[at + len(old) :]]
                if not rest and isinstance(holder, cst.IndentedBlock):
                    rest = [cst.SimpleStatementLine(body=[cst.Pass()])]
                return holder.with_changes(**{field.name: rest})
    raise ValueError("the nodes are not there")


def _with_child(holder: cst.CSTNode, name: str, new: cst.CSTNode) -> cst.CSTNode:
    try:
        return holder.with_changes(**{name: new})
    except cst.CSTValidationError:  # `return(x)` without its brackets is `returnx`
        if not isinstance(new, cst.BaseExpression) or new.lpar:
            raise
        return holder.with_changes(**{name: new.with_changes(**_BRACKETS)})


def _fitting(holder: cst.CSTNode, old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    """Return an expression with the brackets that it needs in the place of another one."""
    if isinstance(holder, cst.Attribute) and isinstance(new, cst.Integer | cst.Float):
        return new.with_changes(**_BRACKETS)
    if old.lpar and not new.lpar and not isinstance(new, _ATOM):
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    if not isinstance(holder, _LOOSE) or isinstance(new, cst.GeneratorExp | cst.NamedExpr):
        return bracketed(new)
    return new


def _after_import(module: str, statements: Sequence[cst.CSTNode]) -> tuple[cst.CSTNode, ...]:
    """Return statements after an import; the comments above the first stand above the import then."""
    first, line = statements[0], cst.parse_statement(f"import {module}")
    return (
        line.with_changes(leading_lines=first.leading_lines),  # type: ignore[attr-defined]  # a statement's
        first.with_changes(leading_lines=()),
        *statements[1:],
    )
