"""What a loop looks up again and again bound to a local name before it: methods, attributes, names of the module."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.hoist import rebind
from selfwright.proposers.mutation.names import Names, names_in
from selfwright.proposers.mutation.source import Source


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every attribute and every name of the module that a loop reads."""
    top = names_in(*[each for each in source.module.body if isinstance(each, cst.SimpleStatementLine)]).stores
    top |= {each.name.value for each in source.module.body if isinstance(each, cst.FunctionDef | cst.ClassDef)}
    for loop in source.loops:
        function = source.function(loop)
        if function is None:
            continue
        inside, local = names_in(loop), names_in(function.params, function.body)
        seen: set[str] = set()
        for node in source.within(loop):
            if not isinstance(node, cst.Attribute | cst.Name) or source.loop(node) is None:
                continue
            if (text := source.code(node)) in seen:
                continue
            if _is_attribute(source, node, inside) or _is_global(source, node, top - local.stores):
                seen.add(text)
                wanted = node.attr.value if isinstance(node, cst.Attribute) else f"local_{text.lstrip('_')}"
                words = f"bound `{text}` to a local name before a loop {source.where(loop)}"
                yield from rebind(source, loop, node, wanted, words)


def _is_attribute(source: Source, node: cst.CSTNode, inside: Names) -> bool:
    """Whether it is read from a name that the loop does not bind, and never set there."""
    if not isinstance(node, cst.Attribute) or not isinstance(node.value, cst.Name):
        return False
    if node.value.value in inside.stores or isinstance(source.holders[node], cst.Attribute):
        return False
    return not isinstance(source.holders[node], cst.AssignTarget | cst.AugAssign | cst.AnnAssign | cst.Del)


def _is_global(source: Source, node: cst.CSTNode, top: set[str]) -> bool:
    """Whether it is a name of the module that is read as it is, and not for one of its attributes."""
    if not isinstance(node, cst.Name) or node.value not in top:
        return False
    return not isinstance(source.holders[node], cst.Attribute | cst.Arg | cst.Param) or _is_value(source, node)


def _is_value(source: Source, node: cst.Name) -> bool:
    holder = source.holders[node]
    return isinstance(holder, cst.Arg) and holder.value is node
