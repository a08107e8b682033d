"""Structure, tuning or nothing at all, by what changed in the source and not by what its proposer says."""

import ast
import warnings
from functools import lru_cache

from selfwright.core.change import Files, Origin

_USES_DOCSTRINGS = (b"__doc__", b"inspect", b"pydoc", b"docopt", b"dspy", b"getsource", b"__file__")
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def origin_of(parent: Files, files: Files) -> Origin:
    """Return tuning where nothing but numeric literals of Python files differ, else structure.

    Comments, docstrings and layout do not count, a sign belongs to its number, and an int may become a float.
    """
    if parent.keys() != files.keys():
        return Origin.STRUCTURE
    changed = [path for path in files if files[path] != parent[path]]
    try:
        same = all(path.endswith(".py") and _masked(parent[path]) == _masked(files[path]) for path in changed)
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
    read = parse if any(word in text for text in one.values() for word in _USES_DOCSTRINGS) else _bare
    try:
        return all(
            path.endswith(".py") and ast.dump(read(one[path])) == ast.dump(read(other[path])) for path in changed
        )
    except (SyntaxError, ValueError, RecursionError):
        return False


def parse(content: bytes) -> ast.Module:
    """Return the syntax tree of a Python file as an import would read it; nothing is executed.

    Raises:
        SyntaxError: It is not Python.
        ValueError: It holds a null byte.
        RecursionError: It is nested too deeply.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what candidates write, such as invalid escapes; not ours to print
        return ast.parse(content)


def _bare(content: bytes) -> ast.Module:
    """Return the syntax tree without docstrings."""
    tree = parse(content)
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body[:1] = [] if node.body[1:] else [ast.Pass()]
    return tree


@lru_cache(maxsize=64)  # most proposals are made of one of a few parents
def _masked(content: bytes) -> str:
    """Return the syntax tree as text, with every number replaced by 0."""
    tree = _bare(content)
    for node in ast.walk(tree):
        for name, value in ast.iter_fields(node):
            if isinstance(value, list):
                value[:] = [_mask(item) for item in value]
            else:
                setattr(node, name, _mask(value))
    return ast.dump(tree)


def _mask(node: object) -> object:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    return ast.Constant(value=0) if isinstance(inner, ast.Constant) and type(inner.value) in (int, float) else node
