"""Which lines of a program a change touches, and which of them ran: advice on what an evaluator exercises.

Python only. What a compiler made of a function (numba) runs without its lines.
"""

import ast
import difflib
import warnings
from collections.abc import Iterator, Mapping, Set
from types import CodeType

from selfwright.core.change import Files
from selfwright.core.count import counted

Lines = Mapping[str, tuple[int, ...]]
"""File → numbers of its lines, from 1, sorted."""

_HEADED = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_IDLE = (ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal)
_COMPILED = ("jit", "vectorize", "stencil", "cfunc", "compile")
_SHOWN = 5


def changed_lines(before: Files, after: Files) -> Lines:
    """Return the lines of ``after`` that a change wrote and that can run; what only defines or imports is left out.

    Raises:
        ValueError: It touches what is no Python, or what a compiler takes; the message says which file.
    """
    found = {}
    for path, content in after.items():
        if content == before.get(path):
            continue
        new = runnable_lines(path, content)
        old = before.get(path, b"").splitlines()
        matcher = difflib.SequenceMatcher(a=old, b=content.splitlines(), autojunk=False)
        written = {
            line + 1 for tag, _, _, first, end in matcher.get_opcodes() if tag != "equal" for line in range(first, end)
        }  # fmt: skip
        if lines := tuple(sorted(written & new)):
            found[path] = lines
    return found


def runnable_lines(path: str, content: bytes) -> set[int]:
    """Return the lines of a file that do something when they run.

    Raises:
        ValueError: It is no Python, or has a function that a compiler takes.
    """
    if not path.endswith(".py"):
        raise ValueError(f"{path} is no Python")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what candidates write; not ours to print
            tree = ast.parse(content)
            code = compile(tree, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} is no Python") from error
    lines = {line for each in _codes(code) for _, _, line in each.co_lines() if line}
    for node in ast.walk(tree):
        if isinstance(node, _HEADED):
            if any(word in ast.unparse(mark) for mark in node.decorator_list for word in _COMPILED):
                raise ValueError(f"{path} has functions that a compiler takes")
            first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
            lines -= set(range(first, max(node.lineno + 1, node.body[0].lineno)))
        if isinstance(node, _IDLE) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def of_changed(changed: Lines, ran: Mapping[str, Set[int]]) -> str:
    """Return how many of the changed lines ran, and which did not."""
    missed = {path: tuple(n for n in lines if n not in ran.get(path, ())) for path, lines in changed.items()}
    every, left = sum(map(len, changed.values())), sum(map(len, missed.values()))
    said = f"{counted(every, 'changed line')}"
    if not left:
        return f"its {said} ran" if every == 1 else f"all of its {said} ran"
    if left < every:
        return f"{left} of its {said} ran in no public case ({shown(missed)})"
    return f"its {said} ran in no public case ({shown(missed)})" if every == 1 else (
        f"none of its {said} ran in a public case ({shown(missed)})"
    )  # fmt: skip


def shown(lines: Lines) -> str:
    """Return ``p.py 4-6, 9``; of many the first few."""
    spans = [f"{path} {', '.join(_spans(numbers))}" for path, numbers in lines.items() if numbers]
    return "; ".join(spans)


def _spans(numbers: tuple[int, ...]) -> Iterator[str]:
    starts = [n for n in numbers if n - 1 not in numbers]
    ends = [n for n in numbers if n + 1 not in numbers]
    for start, end in list(zip(starts, ends, strict=True))[:_SHOWN]:
        yield f"{start}-{end}" if end > start else str(start)
    if len(starts) > _SHOWN:
        yield "..."


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
