"""The files that a command leaves: read without trust, and carried out of a box by descriptor."""

import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path


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


def read_all(root: str | Path, names: Iterable[str], most: int) -> dict[str, bytes]:
    """Return path → content of those that are there; the last one has too many bytes where together they have."""
    files: dict[str, bytes] = {}
    for name in names:
        content = read(root, name, most)
        if content is None:
            continue
        files[name] = content
        most -= len(content)
        if most < 0:
            break
    return files


def write(files: Mapping[str, bytes], descriptor: int) -> None:
    """Write files into one, for ``take``: the length of a list of names and sizes, the list, the contents."""
    index = json.dumps([(name, len(content)) for name, content in files.items()]).encode()
    for part in (len(index).to_bytes(8, "big"), index, *files.values()):
        view = memoryview(part)
        while view:
            view = view[os.write(descriptor, view) :]


def take(descriptor: int) -> dict[str, bytes]:
    """Return what ``write`` wrote; nothing where it was not called."""
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        index = json.loads(file.read(int.from_bytes(file.read(8), "big")) or b"[]")
        return {name: file.read(size) for name, size in index}
