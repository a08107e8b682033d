"""What a Python file is made of: its imports, and the text of each of its statements. Nothing is executed.

It is read once, and the tree, which is many times larger than the text, is not kept: of two files whose statements are
written the same but for a few, only these few have to be parsed again to be compared.
"""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """A file that parses.

    Attributes:
        imports: Line and top-level module of every absolute import, inner ones too.
        statements: The whole lines of each statement of the module, in order; each says by itself what it says there.
            None where lines do not tell: two statements share one, or the file declares an encoding.
        documented: Whether the first of them is the docstring.
    """

    imports: tuple[tuple[int, str], ...]
    statements: tuple[bytes, ...] | None
    documented: bool


@lru_cache(maxsize=64)  # of a proposal it is asked for several times, and of its parent again and again
def read(content: bytes) -> Syntax:
    """Return what a file is made of.

    Raises:
        SyntaxError: It is not Python.
        ValueError: It holds a null byte.
        RecursionError: It is nested too deeply.
    """
    tree = parse(content)
    return Syntax(
        imports=tuple(_imports(tree)), statements=_statements(tree, content),
        documented=bool(tree.body) and is_docstring(tree.body[0]),
    )  # fmt: skip


def parse(content: bytes) -> ast.Module:
    """Return the syntax tree of a file, as an import would read it.

    Raises:
        SyntaxError: It is not Python.
        ValueError: It holds a null byte.
        RecursionError: It is nested too deeply.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what candidates write, such as invalid escapes; not ours to print
        return ast.parse(content)


def is_docstring(statement: object) -> bool:
    """Whether a statement that is the first of its body documents it."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    left: list[Any] = [tree]  # of a node the class has no hash, says mypy
    while left:  # no expression, in which most nodes lie, holds a statement
        node = left.pop()
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.partition(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.lineno, (node.module or "").partition(".")[0]
        for name in _bodies(node.__class__):
            left += reversed(getattr(node, name))


@cache
def _bodies(kind: type[ast.AST]) -> tuple[str, ...]:
    return tuple(name for name in ("body", "orelse", "finalbody", "handlers", "cases") if name in kind._fields)


def _statements(tree: ast.Module, content: bytes) -> tuple[bytes, ...] | None:
    lines = content.splitlines(keepends=True)
    if any(b"coding" in line for line in lines[:2]):
        return None  # the declaration would be missing from the rest
    found, last = [], 0
    for node in tree.body:
        first = node.lineno
        if decorators := getattr(node, "decorator_list", None):
            first = decorators[0].lineno
            if not lines[first - 1].startswith(b"@"):
                return None
        if first <= last:
            return None
        last = node.end_lineno or first
        found.append(lines[first - 1] if last == first else b"".join(lines[first - 1 : last]))
    return tuple(found)
