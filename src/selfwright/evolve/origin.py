"""Structure, tuning or nothing at all, by what changed in the source and not by what its proposer says."""

import ast
import copy
import tokenize
import warnings
from contextlib import suppress
from functools import lru_cache
from io import BytesIO
from itertools import repeat

from selfwright.core.change import Files, Origin
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
        same = all(
            path.endswith(".py") and _equal(_open(parent[path]), _open(files[path]), _MASKED) for path in changed
        )
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
        return all(path.endswith(".py") and _equal(parse(one[path]), parse(other[path]), how) for path in changed)
    except (SyntaxError, ValueError, RecursionError):
        return False


@lru_cache(maxsize=16)  # a proposal's own tree is asked for several times, and its parent's again and again
def parse(content: bytes) -> ast.Module:
    """Return the syntax tree of a Python file as an import would read it; nothing is executed. Not to be changed.

    Raises:
        SyntaxError: It is not Python.
        ValueError: It holds a null byte.
        RecursionError: It is nested too deeply.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what candidates write, such as invalid escapes; not ours to print
        return ast.parse(content)


def _open(content: bytes) -> ast.Module:
    """Return the syntax tree, with a number for every choice that a comment on its line marks for tuning."""
    marks = _marks(content) if b"tune" in content else {}
    if not marks:
        return parse(content)
    tree = copy.deepcopy(parse(content))
    for node in ast.walk(tree):
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
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:] or [ast.Pass()]
    return body


def _is_number(node: object) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)
