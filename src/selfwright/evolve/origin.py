"""Structure, tuning or nothing at all, by what changed in the source and not by what its proposer says."""

import ast
import tokenize
from contextlib import suppress
from io import BytesIO
from itertools import repeat

from selfwright.core.change import Files, Origin
from selfwright.evolve.syntax import Statement, is_docstring, parse, read
from selfwright.proposers.mark import Mark, Value, read_mark

_USES_DOCSTRINGS = (b"__doc__", b"inspect", b"pydoc", b"docopt", b"dspy", b"getsource", b"__file__")
_EXACT, _BARE, _MASKED = range(3)
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def origin_of(parent: Files, files: Files) -> Origin:
    """Return tuning where nothing but numeric literals of Python files and marked choices differ, else structure.

    Comments, docstrings and layout do not count, a sign belongs to its number, and an int may become a float.
    """
    if parent.keys() != files.keys():
        return Origin.STRUCTURE
    changed = [path for path in files if files[path] != parent[path]]
    try:
        same = all(path.endswith(".py") and _alike(parent[path], files[path], _MASKED) for path in changed)
    except (SyntaxError, ValueError, RecursionError):
        return Origin.STRUCTURE
    return Origin.TUNING if same else Origin.STRUCTURE


def is_same_program(one: Files, other: Files) -> bool:
    """Whether two trees run the same: nothing but comments, docstrings and layout of Python files differs.

    Docstrings count where a program may use them, as what it asks a model with.
    """
    if one.keys() != other.keys():
        return False
    changed = [path for path in one if one[path] != other[path]]
    how = _EXACT if any(word in text for text in one.values() for word in _USES_DOCSTRINGS) else _BARE
    try:
        return all(path.endswith(".py") and _alike(one[path], other[path], how) for path in changed)
    except (SyntaxError, ValueError, RecursionError):
        return False


def _alike(one: bytes, other: bytes, how: int) -> bool:
    """Whether two files have the same syntax, as :func:`_equal` has it, in what they say and not in how."""
    ours, theirs = _written(one, how), _written(other, how)
    if ours and theirs:
        if len(ours) != len(theirs):
            return False
        with suppress(SyntaxError):  # not by itself: a line that goes on, or what only its whole file allows
            return all(
                a.text == b.text or _equal(_open(a.text, how).body, _open(b.text, how).body, how)
                for a, b in zip(ours, theirs, strict=True)
                if a is not b
            )
    return _equal(_open(one, how), _open(other, how), how)


def _written(content: bytes, how: int) -> tuple[Statement, ...]:
    """Return the statements of a file that count, without a docstring; none where their texts do not tell."""
    syntax = read(content)
    return (syntax.statements or ())[how is not _EXACT and syntax.documented :]


def _open(content: bytes, how: int) -> ast.Module:
    """Return the syntax tree; to be masked, with a number for every choice that a comment on its line marks."""
    tree = parse(content)
    marks = _marks(content) if how is _MASKED and b"tune" in content else {}
    for node in ast.walk(tree) if marks else ():
        if isinstance(node, ast.Constant) and isinstance(node.value, Value):
            mark = marks.get(node.lineno)
            node.value = 0 if mark is not None and mark.concerns(node.value) else node.value
    return tree


def _marks(content: bytes) -> dict[int, Mark]:
    """Return line → the comment on it that marks choices, among which are others than numbers."""
    found = {}
    with suppress(tokenize.TokenError):  # it may stumble where the parser does not
        for token in tokenize.tokenize(BytesIO(content).readline):
            mark = read_mark(token.string) if token.type == tokenize.COMMENT else None
            if mark is not None and mark.exact:
                found[token.start[0]] = mark
    return found


def _equal(one: object, other: object, how: int) -> bool:
    """Whether two syntax trees, or parts of them, are equal; it ends at the first difference.

    Args:
        how: ``_BARE`` lets docstrings differ, ``_MASKED`` numbers as well.
    """
    if one is other or (how is _MASKED and _is_number(one) and _is_number(other)):
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other, repeat(how)))
    if not isinstance(one, ast.AST):
        return repr(one) == repr(other)  # tells 0.0 and -0.0 apart
    for name in one._fields:
        a, b = getattr(one, name, None), getattr(other, name, None)
        if name == "body" and how is not _EXACT and isinstance(one, _DOCUMENTED):
            a, b = _bare(a), _bare(b)
        if name != "ctx" and not _equal(a, b, how):
            return False
    return True


def _bare(body: object) -> object:
    """Return the statements of a body without its docstring; of one that is nothing else, a ``pass``."""
    assert isinstance(body, list)  # of a module, class or function
    return body[1:] or [ast.Pass()] if body and is_docstring(body[0]) else body


def _is_number(node: object) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)
