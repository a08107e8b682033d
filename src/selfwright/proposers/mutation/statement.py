"""Statements deleted, swapped, moved out of a loop or into the next block; one branch of an `if` taken for both."""

from collections.abc import Iterator, Sequence

import libcst as cst

from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source

_FIXED = (cst.FunctionDef, cst.ClassDef)


def edits(source: Source) -> Iterator[Edit]:
    """Yield every deletion, swap and move of statements."""
    for statement in source.nodes:
        if not isinstance(statement, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            continue
        siblings = source.siblings(statement)
        if not siblings or not _is_movable(statement) or source.function(statement) is None:
            continue  # at the top of a module stand the names that everything needs
        yield Edit(old=(statement,), new=(), words=f"deleted {source.quote(statement)} {source.where(statement)}")
        yield from _swaps(source, statement, siblings)
        yield from _moves(source, statement)
        if isinstance(statement, cst.If):
            yield from _branches(source, statement)


def _is_movable(statement: cst.CSTNode) -> bool:
    if isinstance(statement, cst.SimpleStatementLine):
        return not any(
            isinstance(small, cst.Import | cst.ImportFrom | cst.Pass | cst.Global | cst.Nonlocal)
            or (isinstance(small, cst.Expr) and isinstance(small.value, cst.SimpleString))
            for small in statement.body
        )
    return not isinstance(statement, _FIXED)


def _swaps(source: Source, statement: cst.CSTNode, siblings: Sequence[cst.CSTNode]) -> Iterator[Edit]:
    after = siblings[_index(siblings, statement) + 1 :][:1]
    if after and _is_movable(after[0]) and source.may_change(after[0]) and not _leaves(statement):
        words = f"swapped {source.quote(statement)} and {source.quote(after[0])} {source.where(statement)}"
        yield Edit(old=(statement, *after), new=(*after, statement), words=words)


def _moves(source: Source, statement: cst.CSTNode) -> Iterator[Edit]:
    """Yield the first statement of a loop moved before it, and the last one moved behind it."""
    block = source.holders[statement]
    loop = source.holders.get(block)
    if not isinstance(loop, cst.For | cst.While) or loop.body is not block or not isinstance(block, cst.IndentedBlock):
        return
    if len(block.body) < 2 or _leaves(statement) or not source.siblings(loop) or not source.may_change(loop):
        return
    rest = [each for each in block.body if each is not statement]
    smaller = loop.with_changes(body=block.with_changes(body=rest))
    what, where = source.quote(statement), source.where(statement)
    if statement is block.body[0]:
        yield Edit(old=(loop,), new=(statement, smaller), words=f"moved {what} before the loop {where}")
    if statement is block.body[-1]:
        yield Edit(old=(loop,), new=(smaller, statement), words=f"moved {what} behind the loop {where}")


def _branches(source: Source, statement: cst.If) -> Iterator[Edit]:
    """Yield an `if` without its condition, and what stands in its `else` alone."""
    test = source.quote(statement.test)
    branches = [(statement.body, f"took the branch of `if` {test} for good")]
    if isinstance(statement.orelse, cst.Else):
        branches.append((statement.orelse.body, f"took the branch of `else` to {test} for good"))
    for block, words in branches:
        if isinstance(block, cst.IndentedBlock):
            yield Edit(old=(statement,), new=tuple(block.body), words=f"{words} {source.where(statement)}")


def _leaves(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(small, cst.Return | cst.Raise | cst.Break | cst.Continue) for small in statement.body
    )


def _index(siblings: Sequence[cst.CSTNode], statement: cst.CSTNode) -> int:
    return next(at for at, each in enumerate(siblings) if each is statement)
