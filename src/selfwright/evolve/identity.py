"""What a source says, as one hash: equal where nothing but layout, comments or names of local variables differ.

(Of variables that no inner function shares: a closure knows them by name.)

Made of what Python compiles it to, where local variables have numbers, and lines count for nothing; nothing is
executed. It is only asked where nobody but Python reads the source (``Outcome.blind``), and a program that may look at
itself is told apart by every byte. Another version of Python gives other hashes.
"""

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from functools import lru_cache
from types import CodeType

from selfwright.core.change import Files, content_id

_LOOKS_AT_ITSELF = frozenset((
    "__annotations__", "__code__", "__doc__", "__file__", "__loader__", "_getframe", "currentframe", "dir", "dis",
    "eval", "exc_info", "exec", "getsource", "globals", "inspect", "linecache", "locals", "open", "pathlib", "pickle",
    "resources", "symtable", "tokenize", "traceback", "vars",
))  # fmt: skip
"""Names by which a program may come to its own text, or to the names of its variables."""

_SIMPLE = (int, float, str, bytes, bool, type(None))


def source_id(files: Files) -> str:
    """Return the hash of a program's sources. What is not Python counts by its bytes."""
    digest = hashlib.sha256()
    for path in sorted(files):
        said = _said(files[path]) if path.endswith(".py") else content_id(files[path])
        digest.update(f"{path}\0{said}\0".encode())
    return digest.hexdigest()


@lru_cache(maxsize=256)
def _said(content: bytes) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what candidates write; not ours to print
            module = compile(content, "", "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return content_id(content)
    looks = any(_looks_at_itself(code.co_names) for code in _codes(module))
    return content_id(content if looks else _plain(module).encode())


def _looks_at_itself(names: Sequence[str]) -> bool:
    dotted = (part for name in names if "." in name for part in name.split("."))
    return not (_LOOKS_AT_ITSELF.isdisjoint(names) and _LOOKS_AT_ITSELF.isdisjoint(dotted))


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield a code object and all that lie in it."""
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def _plain(value: object) -> str:
    """Return a constant as text, code too: of its variables it keeps the parameters and what closures share."""
    if isinstance(value, CodeType):
        code, given = value, value.co_argcount + value.co_kwonlyargcount
        given += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)  # *args and **kwargs
        parts = (
            code.co_qualname, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags,
            code.co_varnames[:given], code.co_cellvars, code.co_freevars, code.co_names, code.co_code,
            code.co_exceptiontable,
        )  # fmt: skip
        return f"{parts!r}{_plain(code.co_consts)}"
    if isinstance(value, tuple):
        inner = [repr(each) if type(each) in _SIMPLE else _plain(each) for each in value]
        return f"({','.join(inner)})"
    if isinstance(value, frozenset):
        return f"{{{','.join(sorted(map(_plain, value)))}}}"
    return repr(value)  # tells 1, 1.0 and True apart, and -0.0 from 0.0
