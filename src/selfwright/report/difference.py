"""Differences between two versions, line by line, as a unified diff."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from selfwright.core.change import Tree

_MOST_LINES = 20_000
"""Lines a side that are compared: the comparison takes quadratic time at worst."""
_MOST_SHOWN = 3_000
"""Lines of one file's difference that a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a diff.

    Attributes:
        kind: ``add``, ``del``, ``hunk`` or ``same``; also the name of its CSS class.
    """

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What changed in one file.

    Attributes:
        note: Why not all lines are shown; empty where they are.
    """

    path: str
    lines: tuple[Line, ...]
    added: int = 0
    removed: int = 0
    note: str = ""


def differences(before: Tree, after: Tree, load: Callable[[str], bytes]) -> list[Difference]:
    """Return what changed from one program to the next, one entry a file.

    Args:
        load: From sha256 to content.
    """
    changed = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path)]
    return [_difference(path, _content(before, path, load), _content(after, path, load)) for path in changed]


def _content(tree: Tree, path: str, load: Callable[[str], bytes]) -> bytes:
    return load(tree[path]) if path in tree else b""


def _difference(path: str, before: bytes, after: bytes) -> Difference:
    try:
        old, new = _lines(before), _lines(after)
    except UnicodeDecodeError:
        return Difference(path=path, lines=(), note=f"not text: {len(before):,} bytes before, {len(after):,} after")
    if max(len(old), len(new)) > _MOST_LINES:
        return Difference(path=path, lines=(), note=f"too long to compare here: {len(old):,} lines, now {len(new):,}")
    found = list(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", lineterm=""))[2:]
    lines = tuple(Line(kind=_KINDS.get(line[:1], "same"), text=line) for line in found)
    left = len(lines) - _MOST_SHOWN
    return Difference(
        path=path,
        lines=lines[:_MOST_SHOWN],
        added=sum(line.kind == "add" for line in lines),
        removed=sum(line.kind == "del" for line in lines),
        note=f"{left:,} more lines" if left > 0 else "",
    )


_KINDS = {"+": "add", "-": "del", "@": "hunk"}


def _lines(content: bytes) -> list[str]:
    r"""Return lines as ``\n`` ends them: ``splitlines`` also splits at characters that no editor shows."""
    text = content.decode()
    if not text:
        return []
    lines = text.split("\n")
    return lines[:-1] if not lines[-1] else [*lines[:-1], lines[-1] + "  \\ no newline at the end"]
