"""The files of a problem folder: which are there, which a glob names, and the hash of those that count."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

_NOT_COUNTED = (".md", ".jsonl", ".pyc")


def is_inside(path: str) -> bool:
    """Whether a path or glob is relative, written with ``/``, and never leaves its folder."""
    parts = path.split("/")
    return bool(path) and "\\" not in path and "\0" not in path and not {"", ".", ".."} & set(parts)


def is_hidden(path: str) -> bool:
    """Whether it is, or lies below, something that is no part of a problem: dot files and Python's caches."""
    parts = path.split("/")
    return any(part.startswith(".") or part == "__pycache__" for part in parts) or path.endswith(".pyc")


def matches(path: str, glob: str) -> bool:
    """Whether ``glob`` names ``path``, segment by segment: ``*`` stays within one, ``**`` is any number of them."""
    return _match(path.split("/"), glob.split("/"))


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


def link_on_the_way(glob: str, links: Sequence[str]) -> str | None:
    """Return the first of ``links`` that ``glob`` names or would lead through."""
    parts = glob.split("/")
    return next((link for link in links if _match(link.split("/"), parts[: link.count("/") + 1])), None)


def hash_folder(folder: Path, also: Callable[[str], bool]) -> str:
    """Return the sha256 over path and content of every file that counts.

    Not counted are hidden files, and Markdown and recordings (``*.jsonl``) unless ``also`` says so: a prompt may be
    editable. A link counts with where it points to and, if that is a file, with its content.
    """
    digest = hashlib.sha256()
    for path, link in files_below(folder):
        if PurePosixPath(path).suffix in _NOT_COUNTED and not also(path):
            continue
        file = folder / path
        target = os.readlink(file) if link else ""
        content = _hash_file(file) if file.is_file() else ""
        digest.update("\0".join((path, target, content, "")).encode(errors="surrogateescape"))
    return digest.hexdigest()


def _hash_file(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _match(path: Sequence[str], glob: Sequence[str]) -> bool:
    if not glob:
        return not path
    if glob[0] == "**":
        return any(_match(path[skip:], glob[1:]) for skip in range(len(path) + 1))
    return bool(path) and fnmatchcase(path[0], glob[0]) and _match(path[1:], glob[1:])
