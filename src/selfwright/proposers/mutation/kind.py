"""The kinds of edits by name, and what they find in a source."""

from collections.abc import Sequence
from functools import lru_cache

from selfwright.proposers.mutation import (
    binding,
    cache,
    call,
    comprehension,
    constant,
    hoist,
    idiom,
    inline,
    membership,
    operator,
    regex,
    statement,
    table,
    vectorise,
)
from selfwright.proposers.mutation.edit import Edit
from selfwright.proposers.mutation.source import Source

SPEED = {
    "regex": regex.edits, "table": table.edits, "inline": inline.edits, "comprehension": comprehension.edits,
    "membership": membership.edits, "idiom": idiom.edits, "hoist": hoist.edits, "binding": binding.edits,
    "cache": cache.edits, "vectorise": vectorise.edits,
}  # fmt: skip
"""These keep what is computed, and mean to be faster; those that gain most in CPython come first."""

FREE = {"operator": operator.edits, "constant": constant.edits, "statement": statement.edits, "call": call.edits}
"""These compute something else."""

KINDS = {**SPEED, **FREE}


@lru_cache(maxsize=256)
def edits_of(kind: str, source: Source) -> Sequence[Edit]:
    """Return the edits of one kind that a source offers, in its order."""
    return tuple(KINDS[kind](source))


@lru_cache(maxsize=16)
def read(path: str, content: bytes, modules: frozenset[str]) -> Source | None:
    """Return a file as a source, or None where there is nothing in it for us: it does not parse, or is not UTF-8."""
    try:
        return Source(path, content.decode(), modules=modules)
    except ValueError:  # of decoding, too
        return None
