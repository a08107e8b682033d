"""The files that a command leaves: read without trust, and carried out of a box by descriptor."""

import json
import os
import stat
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import IO

from selfwright.core.errors import BadInput, SandboxError
from selfwright.core.glob import is_literal, leads_to, matches
from selfwright.core.path import check_path
from selfwright.ports.sandbox import MOST_PRODUCED

MOST_INDEX_BYTES = (MOST_PRODUCED + 1) * (2 * 4096 + 32)
"""Of the list of names and sizes that ``write`` writes: paths of at most PATH_MAX bytes, every byte escaped."""

_CUT_OFF = "a box ended while it carried its files out: killed, perhaps for want of memory"
_MOST_ENTRIES = 100_000  # looked at


def read(root: str | Path, name: str, most: int) -> bytes | None:
    """Return the content of a regular file below ``root`` that nothing else links to; else None.

    No part of the path may be a symbolic link, and a pipe left in its place blocks nobody.

    Args:
        most: Bytes to read; ``most + 1`` come back where there are more.
    """
    *folders, file = name.split("/")
    if ".." in folders or file == "..":
        return None
    opened: list[int] = []
    try:
        opened.append(os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW))
        for folder in folders:
            opened.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=opened[-1]))
        opened.append(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=opened[-1]))
        state = os.fstat(opened[-1])
        if not stat.S_ISREG(state.st_mode) or state.st_nlink != 1:
            return None
        with open(opened[-1], "rb", closefd=False) as found:
            return found.read(most + 1)
    except OSError:
        return None
    finally:
        for descriptor in opened:
            os.close(descriptor)


def read_all(root: str | Path, globs: Iterable[str], most: int) -> dict[str, bytes]:
    """Return path → content of the files that globs name and that are there.

    Where they are too many (``MOST_PRODUCED``) there is one too many; where they are too large, the last one is.
    """
    files: dict[str, bytes] = {}
    for name in _named(str(root), [*globs]):
        content = read(root, name, most)
        if content is None:
            continue
        files[name] = content
        most -= len(content)
        if most < 0 or len(files) > MOST_PRODUCED:
            break
    return files


def _named(root: str, globs: list[str]) -> list[str]:
    """Return the paths that globs name, sorted; no link is followed, a literal path is taken as it is."""
    found = {glob for glob in globs if is_literal(glob)}
    wild = [glob for glob in globs if not is_literal(glob)]
    folders, looked = [""] if wild else [], 0
    while folders and looked < _MOST_ENTRIES:
        below = folders.pop()
        for entry in _entries(f"{root}/{below}"):
            looked += 1
            path = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                folders += [f"{path}/"] if any(leads_to(path, glob) for glob in wild) else []
            elif _is_path(path) and any(matches(path, glob) for glob in wild):
                found.add(path)
    return sorted(found)


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    """Return what lies in a folder; nothing of one that can not be read, not everything of an endless one."""
    try:
        with os.scandir(folder) as entries:
            return list(islice(entries, _MOST_ENTRIES))
    except OSError:
        return []


def _is_path(path: str) -> bool:
    try:
        check_path(path)
    except BadInput:
        return False
    return True


def write(files: Mapping[str, bytes], descriptor: int) -> None:
    """Write files into one, for ``take``: the length of a list of names and sizes, the list, the contents."""
    index = json.dumps([(name, len(content)) for name, content in files.items()], ensure_ascii=False).encode()
    for part in (len(index).to_bytes(8, "big"), index, *files.values()):
        view = memoryview(part)
        while view:
            view = view[os.write(descriptor, view) :]


def take(file: IO[bytes]) -> dict[str, bytes]:
    """Return what ``write`` wrote; nothing where it was not called.

    Raises:
        SandboxError: It was not finished.
    """
    file.seek(0)
    header = file.read(8)
    if not header:
        return {}
    try:
        index = json.loads(file.read(int.from_bytes(header, "big")))
    except ValueError as error:
        raise SandboxError(_CUT_OFF) from error
    files = {name: file.read(size) for name, size in index}
    if any(len(files[name]) < size for name, size in index):
        raise SandboxError(_CUT_OFF)
    return files
