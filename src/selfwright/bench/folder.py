"""The files of a problem folder: which are there, and the hashes of those that count."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from selfwright.core.glob import match_parts, matches

PROBLEM = "problem.toml"

RECORDING = "session.jsonl"
"""A problem folder may bring a recorded session of this name; it is then the default proposer."""

NOT_COUNTED = ("README.md", RECORDING)
"""Files at the top of a problem folder that no judge should read: changing them does not change the problem."""


def is_inside(path: str) -> bool:
    """Whether a path or glob is relative, written with ``/``, and never leaves its folder."""
    parts = path.split("/")
    return bool(path) and "\\" not in path and "\0" not in path and not {"", ".", ".."} & set(parts)


def is_hidden(path: str) -> bool:
    """Whether it is, or lies below, something that is no part of a problem: dot files and Python's caches."""
    parts = path.split("/")
    return any(part.startswith(".") or part == "__pycache__" for part in parts) or path.endswith(".pyc")


def files_below(folder: Path) -> Iterator[tuple[str, bool]]:
    """Yield every path below ``folder`` that is not hidden, sorted, and whether it is a symbolic link.

    Directories are walked into and not listed; links are listed and not followed; sockets and the like are left out.
    """
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if is_hidden(entry.name):
            continue
        if entry.is_symlink():
            yield entry.name, True
        elif entry.is_dir():
            for path, link in files_below(folder / entry.name):
                yield f"{entry.name}/{path}", link
        elif entry.is_file():
            yield entry.name, False


def named_by(folder: Path, glob: str, judge: str) -> list[str]:
    """Return the files that one glob makes editable, sorted."""
    paths = (path for path, link in files_below(folder) if not link)
    return [path for path in paths if is_editable(path, editable=(glob,), judge=judge)]


def is_editable(path: str, *, editable: tuple[str, ...], judge: str) -> bool:
    """Whether a change may write ``path``; judge and problem file never are.

    Args:
        editable: Globs.
    """
    # Folded, because a checkout may land where Judge.py and judge.py are one file.
    if not is_inside(path) or is_hidden(path) or path.casefold() in (judge.casefold(), PROBLEM):
        return False
    return any(matches(path, glob) for glob in editable)


def link_on_the_way(glob: str, links: Sequence[str]) -> str | None:
    """Return the first of ``links`` that ``glob`` names or would lead through."""
    parts = glob.split("/")
    return next((link for link in links if match_parts(link.split("/"), parts[: link.count("/") + 1])), None)


def hash_files(folder: Path, also: Callable[[str], bool]) -> dict[str, str]:
    """Return path → sha256 of every file that counts, sorted by path.

    Not counted are hidden files, and ``NOT_COUNTED`` unless ``also`` says so: everything may be editable. A link counts
    with where it points to and, if that is a file, with its content.
    """
    hashes = {}
    for path, link in files_below(folder):
        if path in NOT_COUNTED and not also(path):
            continue
        file = folder / path
        content = _hash_file(file) if file.is_file() else ""
        hashes[path] = _sha256(os.readlink(file), content) if link else content
    return hashes


def hash_all(hashes: Mapping[str, str]) -> str:
    """Return the one sha256 of paths and their hashes."""
    return _sha256(*(part for each in sorted(hashes.items()) for part in each))


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()


def _hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
