"""Loops that only gather turned into comprehensions, `sum` and `join`; those that only look into `any` and `all`."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.accumulation import accumulations
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.names import names_in
from selfwright.proposers.mutation.source import Source

_BECOMES = {"sum": "a `sum`", "str": "a `join`", "bytes": "a `join`"}


def edits(source: Source) -> Iterator[Edit]:
    """Yield an edit for every loop that can be one expression."""
    for each in accumulations(source):
        loop = each.statements[-1]
        made = cst.parse_statement(f"{each.name} = {each.expression}\n", config=source.module.config_for_parsing)
        first, *_ = each.statements
        made = made.with_changes(leading_lines=first.leading_lines)  # type: ignore[attr-defined]  # a statement's
        what = _BECOMES.get(each.kind, "a comprehension")
        words = f"turned the loop over {each.target} {source.where(loop)} into {what}"
        yield Edit(old=each.statements, new=(*each.between, made), words=words)
    for loop in source.all(cst.For):
        yield from _looked(source, loop)


def _looked(source: Source, loop: cst.For) -> Iterator[Edit]:
    """Yield ``return any(...)`` for a loop that returns true when it finds something, and false behind it."""
    siblings = source.siblings(loop)
    at = next((index for index, each in enumerate(siblings) if each is loop), -1)
    match (loop, siblings[at + 1 : at + 2]):
        case (
            cst.For(
                orelse=None,
                asynchronous=None,
                body=cst.IndentedBlock(body=[cst.If(orelse=None, body=cst.IndentedBlock(body=[inner])) as check]),
            ),
            [cst.SimpleStatementLine() as after],
        ):
            found, otherwise = (source.code(each).strip() for each in (inner, after))
        case _:
            return
    if names_in(check.test).leaves or "\n" in (test := source.code(check.test)):
        return
    clauses = f"for {source.code(loop.target)} in {source.code(loop.iter)}"
    if (found, otherwise) == ("return True", "return False"):
        text, word = f"return any({test} {clauses})", "any"
    elif (found, otherwise) == ("return False", "return True"):
        text, word = f"return all(not ({test}) {clauses})", "all"
    else:
        return
    made = cst.parse_statement(text + "\n")
    made = made.with_changes(leading_lines=loop.leading_lines)
    words = f"turned the loop over {source.code(loop.target)} {source.where(loop)} into `{word}`"
    yield Edit(old=(loop, after), new=(made,), words=words)
