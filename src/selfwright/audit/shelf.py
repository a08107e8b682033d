"""The shelf beside a run's journal: ``versions/vN/`` for every version, and ``best``, a link to the last one.

A version is written to a folder of its own and renamed into place whole. ``best`` is a relative symbolic link, because
replacing one is atomic on every file system: a reader sees the old version or the new one, and never half of both.
Whatever ``kill -9`` left behind is cleared by doing it again. No link is followed.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from selfwright.core.change import Files
from selfwright.core.errors import Unavailable
from selfwright.core.path import check_program


class Shelf:
    """The versions of one run. One writer: the holder of the journal's lease.

    Args:
        folder: The run's folder; must exist.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._versions = folder / "versions"

    def put(self, version: int, program: Files, records: Files) -> None:
        """Put a version on the shelf and make it ``best``; the same again changes nothing.

        Args:
            records: What is said of it: ``metrics.json``, ``certificate.json``.

        Raises:
            BadInput: The program has a file of the name of a record, or a path that is refused; nothing was written.
            Unavailable: The disk is full or read-only.
        """
        check_program(program)
        files = {**program, **records}
        with _disk(self._folder):
            _make_folder(self._versions)
            self._write(f"v{version}", files)
            self._link_best(f"v{version}")

    def _write(self, name: str, files: Files) -> None:
        place, new, old = (self._versions / each for each in (name, f".{name}.new", f".{name}.old"))
        _remove(new)
        if _content(place) != files:
            for path, content in files.items():
                _write_file(new / path, content)
            _sync_folders(new)
            if os.path.lexists(place):  # not what was measured: somebody wrote in it
                _remove(old)
                place.rename(old)
            new.rename(place)
            _sync_folder(self._versions)
        _remove(old)

    def _link_best(self, name: str) -> None:
        best, new = self._folder / "best", self._folder / ".best.new"
        target = os.path.join("versions", name)
        _remove(new)
        if best.is_symlink() and os.readlink(best) == target:
            return
        new.symlink_to(target)
        if not best.is_symlink():  # a copy of the run that followed the link
            _remove(best)
        new.replace(best)
        _sync_folder(self._folder)


def _make_folder(path: Path) -> None:
    if path.is_symlink():
        raise Unavailable(f"{path} is a link, and nothing is written through links; remove it, then resume")
    path.mkdir(exist_ok=True)


def _remove(path: Path) -> None:
    """Remove whatever is there; of a link, not what it names."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_file(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:  # a new one, or an error
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _content(folder: Path) -> Mapping[str, bytes] | None:
    """Return what lies in a folder; None where it is none, or holds anything but plain files and folders."""
    if folder.is_symlink() or not folder.is_dir():
        return None
    found = {}
    for path in folder.rglob("*"):
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            return None
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def _sync_folders(top: Path) -> None:
    for folder, _, _ in os.walk(top):
        _sync_folder(Path(folder))


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"can not write below {folder}: {error}; mend the disk, then resume") from error
