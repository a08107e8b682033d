"""The repository around a folder: what decides whether commits go there or into the run's own one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from selfwright.adapters.repos.command import Git
from selfwright.adapters.repos.git import GitRepo
from selfwright.core.errors import RepoError

_NONE_HERE = ("not a git repository", "must be run in a work tree")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrounding:
    """The repository whose work tree holds a folder.

    Attributes:
        top: The work tree.
        prefix: The folder below it, as ``problems/codec/``; empty where they are the same.
        head: The commit of HEAD; None in a repository without commits.
    """

    repo: GitRepo
    top: Path
    prefix: str
    head: str | None

    def files(self) -> tuple[str, ...]:
        """Return the regular files that HEAD has in the folder, relative to it."""
        if self.head is None:
            return ()
        return tuple(path.removeprefix(self.prefix) for path in self.repo.list_files(self.head, self.prefix))

    def differing(self, files: Mapping[str, bytes]) -> tuple[str, ...]:
        """Return those of ``files`` that HEAD has not, or has otherwise, to the byte: line ends count.

        Args:
            files: Path relative to the folder → content on disk.
        """
        known = self.repo.file_ids(self.head, self.prefix) if self.head else {}
        return tuple(
            path for path, content in files.items() if known.get(self.prefix + path) != self.repo.blob_id(content)
        )


def surrounding(folder: Path, *, program: str = "git", deadline_s: float = 20.0) -> Surrounding | None:
    """Return the repository whose work tree holds ``folder``, or None.

    Raises:
        RepoError: There is one, and git can not read it.
        Unavailable: There is no git, or it missed its deadline.
    """
    git = Git(folder=folder, trusted="*", program=program, deadline_s=deadline_s)
    answer = git.ask("rev-parse", "--absolute-git-dir", "--show-toplevel", "--show-prefix")
    if answer.code and any(sign in answer.error for sign in _NONE_HERE):
        return None
    lines = answer.output.decode(errors="replace").split("\n")
    if answer.code or len(lines) != 4:  # each ends with a line end
        raise RepoError(f"git can not read the repository around {folder}: {answer.error or 'its path has a line end'}")
    git_dir, top, prefix, _ = lines
    repo = GitRepo(Path(git_dir), program=program, deadline_s=deadline_s)
    return Surrounding(repo=repo, top=Path(top), prefix=prefix, head=repo.resolve("HEAD"))


def repo_at(path: Path) -> GitRepo:
    """Return the repository at a path, a bare one, or else around it.

    Raises:
        RepoError: There is none.
    """
    found = surrounding(path) if path.is_dir() else None
    if found is None and not (path / "objects").is_dir():
        raise RepoError(f"there is no repository at {path.absolute()}; was it moved or deleted?")
    return found.repo if found else GitRepo(path)
