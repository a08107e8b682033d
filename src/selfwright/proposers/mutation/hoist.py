"""What a loop computes anew in each turn, though nothing in it changes, computed once before the loop."""

import itertools
from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import Names, fresh, is_pure, names_in
from selfwright.proposers.mutation.source import Loop, Source

_COMPUTED = (cst.Call, cst.BinaryOperation, cst.Subscript, cst.Comparison)


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every largest expression of a loop that the loop does not change."""
    own = {
        each.name.value
        for each in source.module.body
        if isinstance(each, cst.FunctionDef) and names_in(each.body).touched == set()
    }
    for loop in source.loops:
        inside, seen = names_in(loop), set[str]()
        for node in source.within(loop):
            if not isinstance(node, _COMPUTED) or source.loop(node) is not loop:
                continue
            if not _is_constant(source, node, inside, own):
                continue
            if any(_is_constant(source, each, inside, own) for each in _around(source, node, loop)):
                continue  # the larger one is offered
            if (text := source.code(node)) not in seen:
                seen.add(text)
                words = f"computed {source.quote(node)} once before the loop {source.where(loop)}"
                yield from rebind(source, loop, node, "once", words)


def rebind(source: Source, loop: Loop, node: cst.BaseExpression, wanted: str, words: str) -> Iterator[Edit]:
    """Yield the edit that binds an expression to a name before a loop, and reads that name in it."""
    function = source.function(loop)
    if function is None or "\n" in (text := source.code(node)):
        return
    name = fresh(wanted, source.names)
    changed = loop.visit(_Renamed(source, node, name))
    assert isinstance(changed, cst.For | cst.While)  # only what it holds is renamed
    bound = cst.parse_statement(f"{name} = {text}\n")
    lines = loop.leading_lines
    yield Edit(
        old=(loop,), new=(bound.with_changes(leading_lines=lines), changed.with_changes(leading_lines=())), words=words
    )


def _around(source: Source, node: cst.CSTNode, loop: Loop) -> Iterator[cst.CSTNode]:
    """Yield what is computed from an expression, in its statement."""
    above = itertools.takewhile(lambda each: each is not loop, source.above(node))
    return (each for each in above if isinstance(each, _COMPUTED))


def _is_constant(source: Source, node: cst.CSTNode, inside: Names, own: set[str]) -> bool:
    """Whether nothing in the loop changes what an expression says, as far as names tell."""
    if isinstance(node, cst.Subscript) and isinstance(
        source.holders[node], cst.AssignTarget | cst.AugAssign | cst.Del | cst.AnnAssign
    ):
        return False
    found = names_in(node)
    if found.leaves or found.stores or found.all & (inside.stores | inside.touched) or "*" in inside.touched:
        return False
    if not found.all or not all(is_pure(name) or name in own for name in found.called):
        return False
    return not isinstance(node, cst.Call) or "range" not in found.called  # a range is cheap


class _Renamed(cst.CSTTransformer):
    """Reads a name where an expression was; what begins a `for` and what is bound stay as they are."""

    def __init__(self, source: Source, sought: cst.BaseExpression, name: str) -> None:
        super().__init__()
        self._source, self._sought, self._name = source, sought, name

    def on_visit(self, node: cst.CSTNode) -> bool:
        return not isinstance(node, cst.AssignTarget | cst.Lambda | cst.FunctionDef) or isinstance(
            getattr(node, "target", None), cst.Subscript
        )

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]  # nothing is removed
        if type(original_node) is not type(self._sought) or not self._is_read(original_node):
            return updated_node
        same = self._source.code(original_node) == self._source.code(self._sought)
        return cst.Name(self._name) if same else updated_node

    def _is_read(self, node: cst.CSTNode) -> bool:
        match self._source.holders.get(node):
            case cst.Arg(keyword=other) | cst.Attribute(attr=other):
                return other is not node
            case cst.AugAssign(target=other) | cst.For(target=other) | cst.CompFor(target=other):
                return other is not node
            case cst.NamedExpr(target=other):
                return other is not node
        return True
