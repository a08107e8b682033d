"""Git notes by plumbing: a branch of their own, whose tree has a file for each commit that is annotated."""

from selfwright.adapters.repos.git import GitRepo
from selfwright.core.errors import RepoError
from selfwright.ports.repo import Signature

REF = "refs/notes/selfwright"
_TRIES = 20
"""So often the notes are written anew because somebody else was faster."""


class GitNotes:
    """The notes of one repository; satisfies the notes port. The person's own notes are in another ref."""

    def __init__(self, repo: GitRepo) -> None:
        self._repo = repo

    def annotate(self, commit: str, note: bytes, *, author: Signature) -> None:
        for _ in range(_TRIES):
            tip = self._repo.ref(REF)
            path = (self._path(tip, commit) if tip else None) or commit
            if tip and self._repo.read_file(tip, path) == note:
                return
            tree = self._repo.build_tree(tip, {path: note})
            said = f"Certificate of {commit}\n"
            made = self._repo.commit(tree=tree, parents=(tip,) if tip else (), message=said, author=author)
            if self._repo.move(REF, made, expect=tip):
                return
        raise RepoError(
            f"{REF} in {self._repo.git_dir} is written by somebody else all the time; end that, then resume"
        )

    def note(self, commit: str) -> bytes | None:
        tip = self._repo.ref(REF)
        path = self._path(tip, commit) if tip else None
        return self._repo.read_file(tip, path) if tip and path else None

    def _path(self, tip: str, commit: str) -> str | None:
        """Return where the note lies: where there are many, git spreads them over folders, as ``ab/cd...``."""
        return next((path for path in self._repo.list_files(tip) if path.replace("/", "") == commit), None)
