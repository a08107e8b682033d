"""Which paths may be written, by whom ever they were proposed: deny what any file system or git could misread.

Paths are compared by segments, after NFKC and casefold, because a checkout may land on a file system that folds case or
ignores trailing dots. Which of the allowed paths are *editable* is not decided here.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from selfwright.core.errors import BadInput

MOST_FILES = 25
"""Files in one change."""

MOST_FILE_BYTES = 512 * 1024
"""Bytes in one file of a change."""

MOST_CHANGE_BYTES = 1024 * 1024
"""Bytes in all files of a change together."""

RECORDS = ("metrics.json", "certificate.json")
"""What is kept beside the program of a version, in ``best/`` and ``versions/``."""

_MOST_SEGMENT_BYTES = 255  # what Linux and macOS can store
_CONTROL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SEPARATORS = re.compile(r"[/\\:]")
# As git spells them, and as NTFS shortens them (git's own fsck knows these: is_ntfs_dotgit and its sisters).
_GIT = re.compile(r"\.git|git~\d+|\.git(modules|attributes)|git(mod|att)~\d+|gi7(eba|d29)~\d+")


def check_path(path: str) -> None:
    """Accept a relative ``/`` separated path that means the same file everywhere.

    Raises:
        BadInput: It is absolute, climbs, or has a segment that is empty, of git, or can be misread; the message names
            the segment.
    """
    for segment in path.split("/"):
        if wrong := _wrong(segment):
            raise BadInput(f"path {path!r}: the segment {segment!r} {wrong}; rename it, as in 'lib/fast.py'")


def check_paths(paths: Iterable[str]) -> None:
    """Accept paths that can stand beside each other in one tree.

    Raises:
        BadInput: ``check_path`` refuses one, two are equal after folding, or one is the folder of another.
    """
    spelling: dict[str, str] = {}
    for path in paths:
        check_path(path)
        first = spelling.setdefault(folded := _fold_path(path), path)
        if first != path:
            raise BadInput(f"paths {first!r} and {path!r} are one file where case is folded ({folded!r}); rename one")
    for folded, path in spelling.items():
        segments = folded.split("/")
        for length in range(1, len(segments)):
            if (folder := "/".join(segments[:length])) in spelling:
                raise BadInput(f"path {spelling[folder]!r} is a file and the folder of {path!r}; rename one")


def check_program(files: Iterable[str], locked: Iterable[str] = ()) -> None:
    """Accept the paths of a whole program, beside the locked files of its problem and the records of a version.

    Raises:
        BadInput: ``check_paths`` refuses it, or a file has the name of a record.
    """
    files = list(files)
    for path in files:
        if (record := _fold(path.split("/")[0])) in RECORDS:
            raise BadInput(f"path {path!r}: {record!r} is kept beside every version of the program; rename yours")
    check_paths([*files, *locked])


def check_files(files: Mapping[str, bytes | None]) -> None:
    """Accept a change of a size that a person can read.

    Args:
        files: Path → new content; None deletes.

    Raises:
        BadInput: ``check_paths`` refuses it, or it has too many files or bytes.
    """
    check_paths(files)
    if len(files) > MOST_FILES:
        raise BadInput(f"{len(files)} files in one change; at most {MOST_FILES}: make several changes")
    sizes = {path: len(content) for path, content in files.items() if content is not None}
    for path, size in sizes.items():
        if size > MOST_FILE_BYTES:
            raise BadInput(f"{path!r} has {size} bytes; at most {MOST_FILE_BYTES} a file: leave data out")
    if sum(sizes.values()) > MOST_CHANGE_BYTES:
        raise BadInput(f"{sum(sizes.values())} bytes in one change; at most {MOST_CHANGE_BYTES}: make several changes")


def _wrong(segment: str) -> str | None:
    """Return what is wrong with one segment, or None."""
    folded = _fold(segment)
    if not segment:
        return "is empty"
    if not _CONTROL.isdisjoint(map(unicodedata.category, segment)):
        return "has a control or format character"
    if not folded:
        return "is nothing but dots or spaces"
    if _SEPARATORS.search(folded):
        return "has a '/', '\\' or ':' in it"
    if _GIT.fullmatch(folded):
        return "belongs to git"
    if len(segment.encode()) > _MOST_SEGMENT_BYTES:
        return f"is longer than {_MOST_SEGMENT_BYTES} bytes"
    return None


def _fold(segment: str) -> str:
    """Return what file systems may take the segment for; NTFS drops trailing dots and spaces."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", segment).casefold())
    return folded.rstrip(". ")


def _fold_path(path: str) -> str:
    return "/".join(map(_fold, path.split("/")))
