"""What a Python file is made of: the text of each of its statements, and its imports. Nothing is executed.

A file is read once. The tree, which is many times larger than the text, is not kept: of two files whose statements are
written the same but for a few, only these few are parsed, to read the one beside the other as well as to compare them.
"""

import ast
import warnings
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

_RECENT = 48
_TRIES = 3
_NOTHING = (b"", b"\n", b"#", b" ", b"\t", b"\f")
_GOES_ON = (b"else", b"elif", b"except", b"finally")

Import = tuple[int, str]
"""A line, and the top-level module that is imported there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of a module: its whole lines, which say by themselves what they say there.

    Attributes:
        imports: Of every absolute import in it, the line from 0.
    """

    text: bytes
    imports: tuple[Import, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """A file that parses.

    Attributes:
        imports: Every absolute import, inner ones too; the line from 1.
        statements: In order; None where lines do not tell: two share one, or the file declares an encoding.
        documented: Whether the first of them is the docstring.
    """

    imports: tuple[Import, ...]
    statements: tuple[Statement, ...] | None
    documented: bool


_recent: dict[bytes, Syntax] = {}
_lock = Lock()


def read(content: bytes, *, like: bytes = b"") -> Syntax:
    """Return what a file is made of.

    Args:
        like: One from which it is likely to have most of its statements.

    Raises:
        SyntaxError: It is not Python.
        ValueError: It holds a null byte.
        RecursionError: It is nested too deeply.
    """
    with _lock:  # of a proposal it is asked several times, and of its parent again and again
        found, known = _recent.pop(content, None), _recent.get(like)
    if found is None and known is not None:
        found = _beside(content, known)
    found = found or _whole(content)
    with _lock:
        _recent[content] = found
        if len(_recent) > _RECENT:
            del _recent[next(iter(_recent))]
    return found


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


def _whole(content: bytes) -> Syntax:
    tree, lines = parse(content), content.splitlines(keepends=True)
    imports = tuple(each for node in tree.body for each in _imports(node))
    return Syntax(
        imports=imports, statements=_statements(tree, lines), documented=bool(tree.body) and is_docstring(tree.body[0])
    )


def _statements(tree: ast.Module, lines: Sequence[bytes]) -> tuple[Statement, ...] | None:
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
        imports = tuple((line - first, name) for line, name in _imports(node))
        found.append(Statement(text=b"".join(lines[first - 1 : last]), imports=imports))
    return tuple(found)


def _imports(statement: ast.stmt) -> Iterator[Import]:
    left: list[Any] = [statement]  # of a node the class has no hash, says mypy
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


def _beside(content: bytes, known: Syntax) -> Syntax | None:
    """Return what a file is made of by way of the statements of another one, or None where they do not tell."""
    if not known.statements or b"\r" in content or content.startswith(BOM_UTF8):
        return None
    if b"coding" in b"".join(content.split(b"\n", 2)[:2]):
        return None
    by_head: _ByHead = {}
    for each in known.statements:
        by_head.setdefault(each.text[: each.text.find(b"\n") + 1], []).append(each)
    statements: list[Statement] = []
    imports: list[Import] = []
    try:
        for line, new, inside in _pieces(content, by_head):
            statements += new
            imports += [(line + each, name) for each, name in inside]
        documented = bool(statements) and is_docstring(parse(statements[0].text).body[0])
    except (SyntaxError, ValueError, RecursionError):
        return None
    return Syntax(imports=tuple(imports), statements=tuple(statements), documented=documented)


_ByHead = dict[bytes, list[Statement]]
"""Known statements by their first line."""


def _pieces(content: bytes, by_head: _ByHead) -> Iterator[tuple[int, Sequence[Statement], Sequence[Import]]]:
    """Yield line, statements and imports (from the line on) of one piece after the other, known or new."""
    at, line = 0, 1
    while at < len(content):
        end = content.find(b"\n", at) + 1 or len(content)
        same = _standing(content, at, by_head)
        if same is not None:
            yield line, (same,), same.imports
            end = at + len(same.text)
        elif content[at:end].strip()[:1] not in (b"", b"#"):
            end, new = _new(content, at, by_head)
            yield line - 1, new.statements or (), new.imports
        at, line = end, line + content.count(b"\n", at, end)


def _standing(content: bytes, at: int, by_head: _ByHead) -> Statement | None:
    """Return the known statement that begins at a line and is whole there: what follows does not go on with it."""
    head = content[at : content.find(b"\n", at) + 1]
    for each in by_head.get(head, ()):
        if content.startswith(each.text, at) and not head[:1].isspace() and not each.text.endswith(b"\\\n"):
            after = at + len(each.text)
            while content[after : after + 1] in _NOTHING:  # or nothing at all
                end = content.find(b"\n", after) + 1 or len(content)
                if content[after:end].strip()[:1] not in (b"", b"#"):
                    return None  # it is indented
                if end == after:
                    break
                after = end
            return None if content.startswith(_GOES_ON, after) else each
    return None


def _new(content: bytes, at: int, by_head: _ByHead) -> tuple[int, Syntax]:
    """Return where text that is not known ends, and what it is made of.

    It ends where a statement stands that is known, if it parses by itself: no bracket, text or block is open then.

    Raises:
        SyntaxError: It is not told.
    """
    end, tries = at, 0
    while end < len(content) and tries < _TRIES:
        end = content.find(b"\n", end) + 1 or len(content)
        if end == len(content) or _standing(content, end, by_head) is not None:
            tries += 1
            with suppress(SyntaxError):
                new = _whole(content[at:end])
                if new.statements is not None:
                    return end, new
    raise SyntaxError
