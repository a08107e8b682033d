"""What a pull request brings: versions, and nothing that may change how they are judged.

A judge runs outside the sandbox, with the rights of whoever audits. So before one runs, every commit that the base has
not is looked at: where there are versions among them, each may change the editable files of the base's problems alone.
That leaves out judge, problem file, what builds or verifies, data, helpers, and the audit's own workflow.
"""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial

from selfwright.audit.exhibit import Commit
from selfwright.audit.finding import Finding, differs, holds, unchecked
from selfwright.bench import schema
from selfwright.bench.folder import NOT_COUNTED, PROBLEM, is_editable, is_hidden
from selfwright.ports.ancestry import Ancestry
from selfwright.ports.repo import Repo

_MOST = 5
_Problems = Mapping[str, Callable[[str], bool]]
"""Folder → whether a version may write a path below it."""


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
            words = "which no change may write: have a person read that, and merge it by itself first"
            found.append(differs("changes", f"{commit.id[:12]} changes {_named(locked)}, {words}"))
        elif changed and not commit.version:
            found.append(differs("changes", f"{commit.id[:12]} changes {changed[0]}, and is no adopted version"))
    found = found or list(_as_a_whole(repo, base, head, commits))
    words = f"{len(commits)} commits change nothing but what a version may"
    return versions, found or [holds("changes", words), *_other_judges(repo, base, commits, problems)]


def _as_a_whole(repo: Ancestry, base: str, head: str, commits: Sequence[Commit]) -> Iterator[Finding]:
    """Yield what is wrong with the sum of all changes: a merge may take anything back that either side once had."""
    changed = repo.between(base, head)
    if changed is None:
        words = "come from no one commit, so that what would be changed is not known: merge the former into the latter"
        yield differs("changes", f"{base[:12]} and {head[:12]} {words}")
        return
    measured: dict[str, str | None] = {}  # by the newest version that changes it
    for commit in commits:
        files = repo.file_ids(commit.id) if commit.version else {}
        for path in repo.changed(commit.id) if commit.version else ():
            measured.setdefault(path, files.get(path))
    there = repo.file_ids(head)
    wrong = [path for path in changed if path not in measured or measured[path] != there.get(path)]
    if wrong:
        words = f"which is not as the newest version, or {base[:12]}, has it"
        yield differs("changes", f"{head[:12]} as a whole changes {_named(wrong)}, {words}")


def _other_judges(repo: Repo, base: str, commits: Sequence[Commit], problems: _Problems) -> Iterator[Finding]:
    """Yield which versions were not judged as ``base`` would judge them now."""
    now = repo.file_ids(base)
    for commit in commits:
        then = repo.file_ids(commit.id) if commit.version else now
        other = [path for path, _ in sorted(then.items() ^ now.items()) if _judges(path, problems)]
        if other:
            paths = _named(list(dict.fromkeys(other)))
            words = f"{commit.id[:12]} was judged by another {paths} than {base[:12]} has: have it measured by that"
            yield unchecked("evaluator", words)


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _MOST} more" if paths[_MOST:] else ""
    return ", ".join(path.encode(errors="replace").decode() for path in paths[:_MOST]) + more


def _judges(path: str, problems: _Problems) -> bool:
    """Whether a path belongs to the evaluator of a problem: what counts in its folder, and is not editable."""
    around = _around(path, problems)
    within = path.removeprefix(around or "")
    return around is not None and not is_hidden(within) and within not in NOT_COUNTED and not problems[around](within)


def _may_change(path: str, problems: _Problems) -> bool:
    """Whether a version may write a path."""
    around = _around(path, problems)
    return around is not None and problems[around](path.removeprefix(around))


def _around(path: str, problems: _Problems) -> str | None:
    """Return the folder of the problem that a path is in: of problems within one another, the innermost one."""
    return max((folder for folder in problems if path.startswith(folder)), key=len, default=None)


def _editable(repo: Repo, base: str, path: str) -> Callable[[str], bool]:
    """Return what the problem file at ``path`` lets a version write, by the path below its folder."""
    entry = None
    with suppress(ValueError):
        entry = schema.parse(tomllib.loads((repo.read_file(base, path) or b"").decode()))
    if entry is None or isinstance(entry, list):
        return lambda path: False
    return partial(is_editable, editable=tuple(entry.editable), judge=entry.evaluate.judging)
