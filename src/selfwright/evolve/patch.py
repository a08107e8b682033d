"""Unified diffs, applied strictly: every line must be what the patch says, where it says it.

It reads what ``diff -u``, ``git diff`` and ``git format-patch`` write. There is no fuzz: a patch that nearly fits is
told where it does not.
"""

import re
from dataclasses import dataclass, field

from selfwright.core.change import Files
from selfwright.core.errors import BadInput

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NOWHERE = "/dev/null"


@dataclass(slots=True, kw_only=True)
class _Hunk:
    """Lines with their ends; the last of a file may have none.

    Attributes:
        start: Index of its first line in the old file.
    """

    name: str
    start: int
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class _Section:
    """What a patch says of one file."""

    path: str
    creates: bool
    deletes: bool
    hunks: list[_Hunk] = field(default_factory=list)


def apply_patch(patch: str, files: Files) -> dict[str, bytes | None]:
    """Return the files that a patch changes: path → new content, None for a deleted file.

    Raises:
        BadInput: It is no unified diff, or does not fit ``files``; the message says where and what was found instead.
    """
    changed: dict[str, bytes | None] = {}
    for section in _read(patch):
        if section.path in changed:
            raise BadInput(f"the patch names {section.path} twice; put all hunks of a file under one header")
        changed[section.path] = _apply(section, files)
    if not changed:
        raise BadInput("the patch has no '--- a/file', '+++ b/file' header; write a unified diff, as `git diff` does")
    return changed


def paths_in(patch: str) -> list[str]:
    """Return the files that a patch names, in order.

    Raises:
        BadInput: It is no unified diff.
    """
    return [section.path for section in _read(patch)]


def _apply(section: _Section, files: Files) -> bytes | None:
    path = section.path
    if section.creates == (path in files):
        fault = f"creates {path}, which is there already" if section.creates else f"changes {path}, which is not there"
        raise BadInput(f"the patch {fault}")
    try:
        lines = re.findall(r"[^\n]*\n|[^\n]+", files[path].decode()) if not section.creates else []
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is not UTF-8 text and can not be patched; give it whole") from error
    result: list[str] = []
    done = 0
    for hunk in section.hunks:
        if hunk.start < done:
            raise BadInput(f"{hunk.name} begins at line {hunk.start + 1}, before the end of the hunk above it")
        _compare(hunk, lines)
        result += lines[done : hunk.start] + hunk.new
        done = hunk.start + len(hunk.old)
    result += lines[done:]
    if not all(line.endswith("\n") for line in result[:-1]):
        raise BadInput(f"the patch ends a line of {path} without a newline, and it is not the last one")
    if section.deletes and result:
        raise BadInput(f"the patch deletes {path}, but leaves {len(result)} of its lines")
    return None if section.deletes else "".join(result).encode()


def _compare(hunk: _Hunk, lines: list[str]) -> None:
    if hunk.start > len(lines):
        raise BadInput(f"{hunk.name} begins at line {hunk.start + 1}, but the file has {len(lines)} lines")
    for index, expected in enumerate(hunk.old, start=hunk.start):
        found = lines[index] if index < len(lines) else None
        if found != expected:
            raise BadInput(f"{hunk.name}, line {index + 1}: expected {_show(expected)}, found {_show(found)}")


def _show(line: str | None) -> str:
    if line is None:
        return "the end of the file"
    return repr(line[:-1]) if line.endswith("\n") else f"{line!r} without a newline at the end of the file"


# Reading --------------------------------------------------------------------------------------------------------------


def _read(patch: str) -> list[_Section]:
    lines = patch.split("\n")
    sections: list[_Section] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        if line.startswith("--- ") and lines[index + 1 : index + 2] and lines[index + 1].startswith("+++ "):
            sections.append(_section(_name(line), _name(lines[index + 1])))
            index += 2
        elif line.startswith("@@") and sections:
            index = _read_hunk(lines, index, sections[-1])
        elif line.startswith("diff --git ") and not any(text.startswith("--- ") for text in _until_next(lines, index)):
            raise BadInput(f"{line!r} is followed by no lines (a mode, rename, binary or empty file); give files whole")
        elif sections and line[:1] in ("+", "-", " ", "\\") and line.rstrip() != "--":
            raise BadInput(f"line {index + 1} of the patch, {line!r}, is in no hunk: the counts in '@@' are too small")
        else:
            index += 1
    return sections


def _until_next(lines: list[str], index: int) -> list[str]:
    """Return what a ``diff --git`` line says of its file."""
    end = next((at for at in range(index + 1, len(lines)) if lines[at].startswith("diff --git ")), len(lines))
    return lines[index + 1 : end]


def _name(line: str) -> str:
    name = line[4:].partition("\t")[0].rstrip("\r")
    if name.startswith('"'):
        raise BadInput(f"the patch quotes the path {name}; give the file whole, or name it in plain letters")
    return name


def _section(old: str, new: str) -> _Section:
    creates, deletes = old == _NOWHERE, new == _NOWHERE
    if (creates or old.startswith("a/")) and (deletes or new.startswith("b/")):
        old, new = old.removeprefix("a/"), new.removeprefix("b/")
    if (creates and deletes) or not (creates or deletes or old == new):
        raise BadInput(f"the patch renames {old} to {new}; delete the one and create the other")
    return _Section(path=old if deletes else new, creates=creates, deletes=deletes)


def _read_hunk(lines: list[str], index: int, section: _Section) -> int:
    """Add the hunk that begins at ``index`` to the section; return the index after it."""
    name = f"hunk {len(section.hunks) + 1} of {section.path}"
    match = _HUNK.match(lines[index])
    if not match:
        raise BadInput(f"{name}: {lines[index]!r} is not of the form '@@ -1,3 +1,4 @@'")
    first, old, new = int(match[1]), int(match[2] or 1), int(match[4] or 1)
    hunk = _Hunk(name=name, start=max(0, first - 1) if old else first)
    sides: tuple[list[str], ...] = ()
    while True:
        index += 1
        line = lines[index] if index < len(lines) else ""
        if line.startswith("\\") and sides:  # "\ No newline at end of file" speaks of the line above
            for side in sides:
                side[-1] = side[-1].removesuffix("\n")
            sides = ()
            continue
        if len(hunk.old) == old and len(hunk.new) == new:
            section.hunks.append(hunk)
            return index
        sides = {" ": (hunk.old, hunk.new), "-": (hunk.old,), "+": (hunk.new,)}.get(line[:1], ())
        for side in sides:
            side.append(line[1:] + "\n")
        if not sides or len(hunk.old) > old or len(hunk.new) > new:
            raise BadInput(f"{name}: {match[0]}, but line {index + 1} of the patch is {line!r}")
