"""Two commits or folders that a person has named, as two folders to run a program in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from selfwright.adapters.repos import Surrounding, export, find_commit, surrounding
from selfwright.adapters.sandboxes.folder import private_folder, remove, sweep
from selfwright.core.errors import BadInput, Unavailable
from selfwright.core.side import Side


@contextmanager
def two_sides(a: str, b: str, here: Path) -> Iterator[tuple[Side, Side]]:
    """Yield A and B. A commit is written into a private folder, which is removed afterwards; a folder stays as it is.

    A commit is one of the repository around ``here``, and is run in the folder below it that corresponds to ``here``.
    Both private paths are equally long: the length of a path can change how fast a program is (Mytkowicz, Diwan,
    Hauswirth, Sweeney 2009, "Producing wrong data without doing anything obviously wrong").

    Raises:
        BadInput: There is no such commit or folder, or there are both of that name.
        RepoError: Git could not write a commit.
    """
    sweep()
    room = private_folder()
    try:
        yield _side("A", a, here, room), _side("B", b, here, room)
    finally:
        remove(room)


def _side(letter: str, name: str, here: Path, room: Path) -> Side:
    if not name:  # as where a shell's variable is not set
        raise BadInput(f"{letter} is empty; name a commit or a folder")
    path = here / name
    if path.is_dir() and name.startswith((".", os.sep)):
        return Side(letter=letter, name=name, folder=path.resolve())
    found, commit = _commit(name, here, needed=not path.is_dir())
    if path.is_dir():
        if commit:
            raise BadInput(f"{name!r} is a folder here and a commit; write ./{name} or {name}^0")
        return Side(letter=letter, name=name, folder=path.resolve())
    if found is None:
        raise BadInput(f"{name!r} is no folder here, and {here} is in no git repository, so it is no commit either")
    if commit is None:
        raise BadInput(f"{name!r} is neither a commit of {found.top} nor a folder here; `git log` shows what there is")
    top = room / letter.lower()
    export(found, commit, top, scratch=room / f"{letter.lower()}.git")
    folder = top / found.prefix
    if not folder.is_dir():
        raise BadInput(f"{name!r} has no folder {found.prefix}, in which the command is to run")
    return Side(letter=letter, name=name, folder=folder, commit=commit)


def _commit(name: str, here: Path, *, needed: bool) -> tuple[Surrounding | None, str | None]:
    with suppress(*([] if needed else [Unavailable])):  # two folders are compared without git
        found = surrounding(here)
        return found, find_commit(found.repo, name) if found else None
    return None, None
