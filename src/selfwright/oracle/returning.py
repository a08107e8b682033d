"""Puts a better function back where it came from, if it fits: the person's file, with the changed pieces in it."""

import ast
import textwrap
from collections.abc import Sequence
from pathlib import Path

from selfwright.core.errors import BadInput
from selfwright.oracle.carrying import Carried, Piece


def put_back(carried: Carried, before: str, after: str) -> dict[Path, tuple[str, str]]:
    """Return the person's files as they are and as they would be, those that change.

    A piece that has changed takes its place; what is new (an import, a value) stands above the function.

    Args:
        before: The program as it was carried.
        after: As it is better.

    Raises:
        BadInput: It does not fit; the message says why.
    """
    old, new = _statements(before), _statements(after)
    goal = list(carried.pieces.values())[-1]
    changed = [name for name in old if name in new and old[name] != new[name]]
    if loose := [name for name in changed if name not in carried.pieces]:
        raise BadInput(f"it also changes {', '.join(loose)}, which is defined elsewhere; take it from `source` by hand")
    if gone := [name for name in old if name not in new and name in carried.pieces]:
        raise BadInput(f"it does without {', '.join(gone)}; take it from `source` by hand")
    added = [text for name, text in new.items() if name not in old]
    if added and goal.name not in changed:
        changed.append(goal.name)
    files: dict[Path, tuple[str, str]] = {}
    for name in changed:
        piece = carried.pieces[name]
        if piece.file is None:
            raise BadInput(f"{name} stands in no file (a notebook's cell?); take it from `source` by hand")
        original, text = files.get(piece.file) or (_read(piece.file),) * 2
        above = [line for line in added if f"\n{line}\n" not in f"\n{text}"] if name == goal.name else []
        files[piece.file] = original, _replaced(text, piece, new[name], above)
    return files


def _replaced(text: str, piece: Piece, new: str, above: Sequence[str]) -> str:
    if text.count(piece.raw) != 1:
        raise BadInput(
            f"{piece.file} has not the {piece.name} that was measured, or has it several times; take it from `source`"
        )
    indent = piece.raw[: len(piece.raw) - len(piece.raw.lstrip())]
    gap = "\n" if indent else "\n\n\n"
    made = gap.join(textwrap.indent(each, indent) for each in ("\n".join(above), new) if each)
    result = text.replace(piece.raw, made)
    try:
        ast.parse(result)
    except SyntaxError as error:
        raise BadInput(f"{piece.file} would not parse any more: {error}; take it from `source` by hand") from error
    return result


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file} can not be read: {error}") from error


def _statements(program: str) -> dict[str, str]:
    """Return the statements of a program by what they bind, in order: of one that binds nothing, its text."""
    lines = program.splitlines()
    found: dict[str, str] = {}
    for node in ast.parse(program).body:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", []))])
        text = "\n".join(lines[first - 1 : node.end_lineno])
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = text
            case ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = text
            case _:
                found[text] = text
    return found
