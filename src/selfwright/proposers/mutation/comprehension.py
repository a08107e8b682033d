"""Loops that only gather turned into comprehensions, `sum` and `join`."""

from collections.abc import Iterator

import libcst as cst

from selfwright.proposers.mutation.accumulation import accumulations
from selfwright.proposers.mutation.edit import Edit
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
