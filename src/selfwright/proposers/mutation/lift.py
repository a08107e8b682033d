"""What a function makes anew in each call, made once where its module is loaded: an assignment before the statement."""

from collections.abc import Callable, Mapping

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source

Replace = Callable[[cst.CSTNode], cst.CSTNode]
"""From a node as it is by then, what it holds changed, to what stands there instead."""


def lifted(
    source: Source, replaced: Mapping[cst.CSTNode, Replace], made: str, words: str, needs: str = ""
) -> Edit | None:
    """Return the edit that puts a statement before that of the module in which some nodes stand, and replaces these.

    Args:
        replaced: Nodes of one function.
        made: The statement as text.
        needs: A module that it uses.
    """
    top = module_level(source, next(iter(replaced)))
    if top is None:
        return None
    changed = top.visit(_Exchange(replaced))
    if not isinstance(changed, cst.FunctionDef | cst.ClassDef):
        return None
    first = cst.parse_statement(made + "\n").with_changes(leading_lines=top.leading_lines)
    line = cst.EmptyLine(indent=False)
    return Edit(old=(top,), new=(first, changed.with_changes(leading_lines=(line, line))), words=words, needs=needs)


def module_level(source: Source, node: cst.CSTNode) -> cst.FunctionDef | cst.ClassDef | None:
    """Return the function or class at the top of the module that a node stands in, if it may be changed."""
    holders = list(source.above(node))
    top = holders[-2] if len(holders) > 1 else None
    is_free = isinstance(top, cst.FunctionDef | cst.ClassDef) and source.may_change(top)
    return top if is_free and source.function(node) is not None else None  # type: ignore[return-value]  # is_free says so


class _Exchange(cst.CSTTransformer):
    def __init__(self, replaced: Mapping[cst.CSTNode, Replace]) -> None:
        super().__init__()
        self._replaced = replaced

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]  # nothing is removed
        replace = self._replaced.get(original_node)
        return replace(updated_node) if replace else updated_node
