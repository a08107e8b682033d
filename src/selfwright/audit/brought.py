"""What a pull request brings: versions, and nothing that may change how they are judged.

A judge runs outside the sandbox, with the rights of whoever audits. So before one runs, every commit that the base has
not is looked at: where there are versions among them, each may change the editable files of the base's problems alone.
That leaves out judge, problem file, what builds or verifies, data, helpers, and the audit's own workflow.
"""

import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from selfwright.audit.exhibit import Commit
from selfwright.audit.finding import Finding, differs, holds
from selfwright.bench import schema
from selfwright.bench.folder import PROBLEM, is_editable
from selfwright.ports.ancestry import Ancestry
from selfwright.ports.repo import Repo

_MOST = 5


def brought(repo: Ancestry, base: str, head: str) -> tuple[list[str], list[Finding]]:
    """Return the versions above v0 that ``head`` has and ``base`` has not, newest first, and what is found of them all.

    Args:
        base: Trusted, with all that it has.
    """
    commits = [Commit.read(repo, each) for each in repo.since(base, head)]
    versions = [commit.id for commit in commits if commit.version]
    if not versions:
        return [], [holds("changes", f"{head[:12]} has no version that {base[:12]} has not")]
    problems = {
        path.removesuffix(PROBLEM): _editable(repo, base, path)
        for path in repo.list_files(base) if f"/{path}".endswith(f"/{PROBLEM}")
    }  # fmt: skip
    if not problems:
        return versions, [differs("changes", f"{base[:12]} has no problem yet: merge problem and judge first")]
    found = []
    for commit in commits:
        changed = repo.changed(commit.id)
        locked = [path for path in changed if not _may_change(path, problems)]
        if locked:
            more = f" and {len(locked) - _MOST} more" if locked[_MOST:] else ""
            names = ", ".join(path.encode(errors="replace").decode() for path in locked[:_MOST])
            words = "which no change may write: have a person read that, and merge it by itself first"
            found.append(differs("changes", f"{commit.id[:12]} changes {names}{more}, {words}"))
        elif changed and not commit.version:
            found.append(differs("changes", f"{commit.id[:12]} changes {changed[0]}, and is no adopted version"))
    words = f"{len(commits)} commits change nothing but what a version may"
    return versions, found or [holds("changes", words)]


def _may_change(path: str, problems: Mapping[str, Callable[[str], bool]]) -> bool:
    """Whether a version may write a path: of problems within one another, the innermost one says."""
    around = max((folder for folder in problems if path.startswith(folder)), key=len, default=None)
    return around is not None and problems[around](path.removeprefix(around))


def _editable(repo: Repo, base: str, path: str) -> Callable[[str], bool]:
    """Return what the problem file at ``path`` lets a version write, by the path below its folder."""
    entry = None
    with suppress(ValueError):
        entry = schema.parse(tomllib.loads((repo.read_file(base, path) or b"").decode()))
    if entry is None or isinstance(entry, list):
        return lambda path: False
    return partial(is_editable, editable=tuple(entry.editable), judge=entry.evaluate.judging)
