"""The nodes below a node, quickly: no whitespace, no brackets, and none of the copies that a visitor makes."""

import dataclasses
from collections.abc import Iterator
from functools import cache

import libcst as cst

_LAYOUT = (
    "whitespace", "leading_lines", "lines_after", "header", "footer", "lpar", "rpar", "lbracket", "rbracket", "lbrace",
    "rbrace", "comma", "semicolon", "trailing_whitespace", "equal", "colon", "indent", "newline",
)  # fmt: skip


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes that a node holds, layout apart."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, tuple | list):
            for each in value:
                if isinstance(each, cst.CSTNode):
                    yield each


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = [field.name for field in dataclasses.fields(kind)]
    return tuple(name for name in names if not name.startswith(_LAYOUT))
