"""Writes a commit into a folder: the person's repository is only read, and none of its filters or hooks runs."""

import re
from pathlib import Path

from selfwright.adapters.repos.command import Git
from selfwright.adapters.repos.git import GitRepo
from selfwright.adapters.repos.surrounding import Surrounding
from selfwright.core.errors import BadInput

_WRITING_S = 600.0


def find_commit(repo: GitRepo, revision: str) -> str | None:
    """Return the commit that a person means by any of git's names for one, as ``HEAD~1``, ``v1.2`` or ``3f2a1c9``.

    Raises:
        BadInput: It may mean several, or git says what is wrong with it.
    """
    if not revision or re.search(r"[\x00-\x1f]", revision):
        return None
    # On standard input no name can be taken for an option.
    git = Git(folder=repo.git_dir, trusted="*", environment={"GIT_DIR": str(repo.git_dir)})
    answer = git.ask("cat-file", "--batch-check", stdin=f"{revision}^{{commit}}\n".encode())
    words = answer.output.decode(errors="replace").split()
    if answer.code or words[-1] == "ambiguous":
        raise BadInput(f"{revision!r} in {repo.git_dir}: {answer.error or 'it stands for several commits; write more'}")
    return words[0] if len(words) == 3 and words[1] == "commit" else None


def export(found: Surrounding, commit: str, folder: Path, *, scratch: Path) -> None:
    """Write all files of a commit into ``folder``, which is made; submodules stay empty.

    A repository of its own reads the objects of the person's, so that neither its index is used nor its configuration,
    which names filters.

    Args:
        scratch: Where that repository is made.

    Raises:
        RepoError: Git could not; the message has what it said.
        Unavailable: The disk is full.
    """
    theirs = _git(found)
    objects, form = theirs.run("rev-parse", "--git-path", "objects", "--show-object-format").decode().splitlines()
    folder.mkdir()
    scratch.mkdir()
    own = {"GIT_DIR": str(scratch), "GIT_WORK_TREE": str(folder), "GIT_OBJECT_DIRECTORY": str(found.top / objects)}
    git = Git(folder=folder, trusted="*", deadline_s=_WRITING_S)
    git.run("init", "--quiet", "--bare", f"--object-format={form}", "--template=", str(scratch))
    git.run("read-tree", commit, environment=own)
    git.run("checkout-index", "--all", "--quiet", environment=own)


def _git(found: Surrounding) -> Git:
    return Git(folder=found.top, trusted="*")
