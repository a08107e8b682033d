"""A change written by a person or an agent: a folder, a file or a patch, read into data."""

import filecmp
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from selfwright.core.count import counted
from selfwright.core.errors import BadInput
from selfwright.core.lifecycle import CONCLUDED
from selfwright.core.path import check_files
from selfwright.views.run import Attempt, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was read: files with their whole new content, or a unified diff."""

    files: Mapping[str, bytes]
    patch: str = ""


def read_patch(content: bytes, name: str) -> Submission:
    """Return a submission from the bytes of a unified diff.

    Raises:
        BadInput: It is empty, or not text.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{name}: a patch must be UTF-8 text ({error}); submit the changed file itself instead"
        ) from error
    if not text.strip():
        raise BadInput(f"{name}: the patch is empty")
    return Submission(files={}, patch=text)


def read_submission(
    path: Path, *, editable: Iterable[str], is_editable: Callable[[str], bool], locked: Mapping[str, Path]
) -> Submission:
    """Read a folder (its editable files), one editable file (by its name), or a ``.patch`` or ``.diff``.

    Args:
        editable: The editable files that exist now.
        is_editable: Whether a path below the problem's folder may be written.
        locked: The problem's other files, and where each of them lies; a folder may hold them, unchanged.

    Raises:
        BadInput: Nothing there, nothing editable in it, a locked file changed, or a file name that fits no editable
            file, or several.
    """
    if path.is_dir():
        _check_locked(path, locked)
        found = {
            each.relative_to(path).as_posix(): each.read_bytes()
            for each in sorted(path.rglob("*"))
            if each.is_file() and not each.is_symlink() and is_editable(each.relative_to(path).as_posix())
        }
        if not found:
            raise BadInput(
                f"{path} holds none of the editable files ({', '.join(editable)}): lay it out as the problem's folder"
            )
        return Submission(files=found)
    if not path.is_file():
        raise BadInput(
            f"{path}: no such file or folder; give a folder, an editable file, a .patch, or - for standard input"
        )
    if path.suffix in (".patch", ".diff"):
        return read_patch(path.read_bytes(), str(path))
    fits = [name for name in editable if PurePosixPath(name).name == path.name]
    if len(fits) != 1:
        known = ", ".join(editable)
        why = "fits several editable files" if fits else "is not the name of an editable file"
        raise BadInput(f"{path}: {path.name} {why} ({known}): submit a folder laid out as the problem's, or a .patch")
    return Submission(files={fits[0]: path.read_bytes()})


def given_submission(files: Mapping[str, bytes], patch: str, *, is_editable: Callable[[str], bool]) -> Submission:
    """Return a submission of contents that came over a wire: files, or a patch.

    Raises:
        BadInput: It is neither or both, too large, or names a path that no change may touch.
    """
    if bool(files) == bool(patch):
        raise BadInput("give either files (path and whole new text of each) or a patch (a unified diff)")
    if patch:
        check_files({"the.patch": patch.encode()})
        return read_patch(patch.encode(), "the patch")
    check_files(files)
    if locked := [path for path in files if not is_editable(path)]:
        raise BadInput(f"{locked[0]!r} is not editable, and no change may touch it: leave it out")
    return Submission(files=files)


def verdict_on(state: RunState, seq: int) -> Attempt | None:
    """Return what became of the submission that was written as event ``seq``, once it has its verdict."""
    mine = (each for each in state.attempts() if each.proposed.submission == seq and each.state in CONCLUDED)
    return next(mine, None)


def what_comes_first(state: RunState) -> str:
    """Return what is measured before a new submission, as ``; first t4, which was interrupted, then yours``."""
    begun = [f"t{trial}" for trial in range(state.verdicts + 1, state.asked + 1)]
    words = [f"{', '.join(begun)}, which {'was' if len(begun) == 1 else 'were'} interrupted"] if begun else []
    if waiting := len(state.submissions):
        words.append(f"{counted(waiting, 'submission')} that {'waits' if waiting == 1 else 'wait'}")
    return f"; first {', and '.join(words)}, then yours" if words else ""


def _check_locked(folder: Path, locked: Mapping[str, Path]) -> None:
    for name, original in locked.items():
        given = folder / name
        if given.is_file() and not (original.is_file() and filecmp.cmp(given, original, shallow=False)):
            raise BadInput(
                f"{given} is not as {original}, which is locked: no change may touch it. "
                "Take it out, or put the original back, and submit again"
            )
