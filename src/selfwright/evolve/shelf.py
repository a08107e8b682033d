"""Where runs lie: finding one by its name, staging a new one, deleting one."""

import os
import shlex
import shutil
import socket
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from selfwright.core.count import counted
from selfwright.core.errors import BadInput, RunHeld, Unavailable
from selfwright.views.run import RunState

JOURNAL = "journal.db"
_HOST = socket.gethostname()


def find_run(name: str, runs: Path) -> Path:
    """Return the folder of a run by its path, or by a unique prefix of its name below ``runs``; of none, the only run.

    Raises:
        BadInput: None fits, or several do.
    """
    path = Path(name)
    if (path / JOURNAL).is_file():
        return path
    if path.is_dir() and os.sep in name:
        raise BadInput(f"{path} is no run: it has no {JOURNAL}")
    known = sorted(runs_below(runs))
    fits = [each for each in known if each == name] or [each for each in known if each.startswith(name)]
    if len(fits) == 1:
        return runs / fits[0]
    if fits and not name:
        raise BadInput(f"there are several runs in {runs}: {', '.join(fits)}; name one")
    if fits:
        raise BadInput(f"{name!r} fits several runs in {runs}: {', '.join(fits)}; give more of the name")
    there = f"there are {', '.join(known)}" if known else "there is none yet"
    what = f"no run {name!r}" if name else "no run"
    raise BadInput(f"{what} in {runs} ({there}); give the path of its folder, or a prefix of its name")


def runs_below(runs: Path) -> dict[str, Path]:
    """Return name → folder of the runs below a folder; what is being opened is none yet."""
    there = runs.iterdir() if runs.is_dir() else ()
    return {each.name: each for each in there if each.name[0] != "." and (each / JOURNAL).is_file()}


def free_folder(name: str, runs: Path, taken: Collection[str] = ()) -> Path:
    """Return a folder below ``runs`` that does not exist yet: ``name``, else ``name-2``, ``name-3``, ...

    Args:
        taken: Names that somebody else is about to use.
    """
    folder, number = runs / name, 1
    while folder.exists() or folder.name in taken:
        number += 1
        folder = runs / f"{name}-{number}"
    return folder


@contextmanager
def staged(
    folder: Path, *, holder: Callable[[Path], str | None], sync: Callable[[Path], None],
    announce: Callable[[str], None], hidden: bool = False,
) -> Iterator[Path]:  # fmt: skip
    """Yield a new folder that is renamed to ``folder`` at the end, or removed where something goes wrong.

    Args:
        holder: Says who drives the run that lies in a folder, or None.
        sync: Makes the names in a folder survive a power loss.
        announce: Told what became of it where it is interrupted.
        hidden: Whether git is told to ignore everything in the folder around it: the one that holds runs only.

    Raises:
        BadInput: ``folder`` exists already, or does so by the end.
        RunHeld: And somebody drives the run in it.
        Unavailable: It can not be written.
    """
    _check_free(folder, holder)
    ignore = folder.parent / ".gitignore"
    missing = [each for each in (folder.parent, *folder.parent.parents) if not each.exists()]
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if hidden and not ignore.exists():
            ignore.write_text("*\n")
        _sweep(folder.parent)
        staging = Path(tempfile.mkdtemp(prefix=f".opening-{_HOST}-{os.getpid()}-", dir=folder.parent))
    except OSError as error:
        raise Unavailable(
            f"can not make a run in {folder.parent}: {error.strerror}; choose another place with --dir"
        ) from error
    try:
        yield staging
        try:
            staging.rename(folder)
        except OSError:
            _check_free(folder, holder)  # another opening was faster
            raise
        sync(folder.parent)
    except BaseException as error:
        shutil.rmtree(staging, ignore_errors=True)
        if missing and os.listdir(folder.parent) == [ignore.name]:
            ignore.unlink()
        for each in missing:  # innermost first: what was not there before is not there after
            with suppress(OSError):
                each.rmdir()
        if isinstance(error, KeyboardInterrupt):
            announce("interrupted while the seed was measured; nothing was kept: run it again")
        raise


def _check_free(folder: Path, holder: Callable[[Path], str | None]) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if (folder / JOURNAL).is_file() and (who := holder(folder)):
        raise RunHeld(f"{folder} is running already ({who}); `selfwright status {folder}` shows it")
    if not (folder / JOURNAL).is_file():
        raise BadInput(f"{folder} exists already and is not a run; choose another --dir")
    raise BadInput(
        f"{folder} exists already: `selfwright resume {folder}` goes on with it, `selfwright purge` deletes it"
    )


def _sweep(runs: Path) -> None:
    """Remove what an opening left behind that was killed."""
    for left in runs.glob(f".opening-{_HOST}-*"):
        pid = left.name.split("-")[-2]
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What deleting a run would remove.

    Attributes:
        words: The same in words, with counts.
        stays: What it leaves in a repository of the user's, and how that is deleted; or nothing.
    """

    folder: Path
    words: str
    stays: str

    def carry_out(self) -> str:
        """Delete it and return what was deleted, in words.

        Raises:
            Unavailable: A file could not be deleted; the message names it.
        """
        try:
            shutil.rmtree(self.folder)
        except OSError as error:
            raise Unavailable(f"could not delete {error.filename}: {error.strerror}") from error
        return self.words


def plan_purge(folder: Path, state: RunState) -> Purge:
    """Return what deleting this run would remove, in words with counts."""
    files = [each for each in folder.rglob("*") if each.is_file() and not each.is_symlink()]
    size_mb = sum(each.stat().st_size for each in files) / 1e6
    counted_things = {"event": state.seq, "trial": state.asked, "version": len(state.versions), "file": len(files)}
    counts = ", ".join(counted(number, noun) for noun, number in counted_things.items())
    waiting = f", {counted(len(state.submissions), 'submission')} waiting" if state.submissions else ""
    words = f"{folder}: {counts}{waiting}, {size_mb:.1f} MB"
    return Purge(folder=folder, words=words, stays=_stays(state))


def _stays(state: RunState) -> str:
    """Return what is not the run's to delete: its commits in a repository of the user's."""
    if state.run.target == "run" or not state.versions:
        return ""
    branch, commits = state.versions[-1].branch, counted(len(state.versions), "commit")
    delete = shlex.join(["git", "-C", state.run.target, "branch", "-D", branch])
    return f"{commits} of it stay on the branch {branch} of {state.run.target}; to delete the branch: {delete}"
