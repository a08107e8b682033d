"""Whether what a run says is true: what ``audit`` and ``doctor RUN`` do."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.confinement import choose_sandbox
from selfwright.core import event as ev
from selfwright.core.errors import BadInput, JournalError, RepoError
from selfwright.evolve.library import Library
from selfwright.evolve.shelf import find_run

if TYPE_CHECKING:
    from selfwright.audit.auditor import Audited
    from selfwright.audit.exhibit import Exhibit, Expected
    from selfwright.audit.finding import Finding
    from selfwright.bench.problem import Problem
    from selfwright.ports.ancestry import Ancestry
    from selfwright.ports.engine import Engine
    from selfwright.ports.repo import Repo


def examine(run: str | Path) -> "list[Finding]":
    """Return whether the journal of a run is whole, the one that its commits name, and its branch what it adopted.

    See ``audit.chain`` and ``audit.branch``.

    Raises:
        BadInput: There is no such run.
    """
    with bootstrap.open_files(find_run(str(run), bootstrap.runs_folder()), readonly=True) as files:
        return _examined(files, bootstrap.run_repo(files.folder, _target(files)))


def audit(
    what: str | Path, names: Sequence[str] = (), *, all: bool = False, since: str | None = None,
    repo: str | Path | None = None,
    measure: bool = True, sandbox: str | None = None, workers: int | None = None,
    say: Callable[[str], None] = lambda words: None,
) -> "Iterator[Audited]":  # fmt: skip
    """Measure adopted versions again, from a fresh checkout, and yield what is found of each.

    Of a run its journal is looked at first. Of a commit that is seen outside its run, what can be checked is checked.

    Args:
        what: A run, or a commit, by any of git's names for it, of the repository around the working directory.
        names: Of a run: ``v3``, or the beginning of a commit; default: the newest version.
        all: Every version, from the newest to the seed.
        since: Of a commit: every version that it has and this other one has not. Where they change anything but what
            the problems of ``since`` let versions change, that is found, and nothing is measured.
        repo: Where the commit is, if elsewhere.
        measure: Whether to measure; else only what is written is compared.
        sandbox: Where candidates run; default: the strongest that works here and contains hostile code.
        say: Told what is being measured.

    Raises:
        BadInput: There is neither such a run nor such a commit, or it is no version.
    """
    from selfwright.audit.auditor import Audited, Auditor

    def make_engine(problem: "Problem") -> "Engine":
        chosen = choose_sandbox(sandbox, trusted=False)
        return bootstrap.make_engine(problem, chosen, workers)

    git, exhibits, before = _subject(str(what), names, Path(repo) if repo else None, since, all=all)
    if before is not None:
        yield before
    with ExitStack() as stack:
        auditor = Auditor(
            repo=git, scratch=Path(stack.enter_context(TemporaryDirectory(prefix="selfwright-audit-"))),
            make_engine=make_engine,
            here=bootstrap.this_machine(), say=say,
        )  # fmt: skip
        stack.callback(auditor.close)
        for exhibit in exhibits:
            yield exhibit if isinstance(exhibit, Audited) else auditor.audit(exhibit, measure=measure)


def _subject(
    what: str, names: Sequence[str], repo: Path | None, since: str | None, *, all: bool
) -> "tuple[Repo, list[Exhibit | Audited], Audited | None]":
    """Return the repository, the versions in question, and what is found of journal or pull request beforehand."""
    folder, missing = None, ""
    try:
        folder = find_run(what, bootstrap.runs_folder()) if repo is None and since is None else None
    except BadInput as error:
        missing = f"{error}; and "
    if folder is not None:
        with bootstrap.open_files(folder, readonly=True) as files:
            return _of_run(files, names, all=all)
    if names:
        raise BadInput(f"{missing}versions are named of a run: `selfwright audit RUN v3`; a commit is named by itself")
    place = repo or Path()
    try:
        git = bootstrap.find_repo(place)
    except RepoError as error:
        raise BadInput(f"{missing}{error} Give a run, or a commit and its --repo") from error
    if since is not None and all:
        raise BadInput("--since names the versions already; leave out --all")

    def commit(name: str, missing: str) -> str:
        found = bootstrap.find_commit(git, name)
        if found is None:
            where = f"in the repository of {place.absolute()}; give a run, or --repo"
            raise BadInput(f"{missing}there is no commit {name!r} {where}")
        return found

    head = commit(what, missing)
    if since is not None:  # also where it is empty, as a variable is that is not set
        return _of_request(git, commit(since, "--since: "), head)
    return git, _of_commit(git, head, all=all), None


def _of_request(git: "Ancestry", base: str, head: str) -> "tuple[Repo, list[Exhibit | Audited], Audited]":
    from selfwright.audit.auditor import Audited
    from selfwright.audit.brought import brought
    from selfwright.audit.exhibit import collect

    versions, findings = brought(git, base, head)
    before = Audited(name="changes", title=f"{base[:12]}..{head[:12]}", findings=tuple(findings))
    if before.holds is False:
        return git, [], before
    notes = bootstrap.notes_of(git)
    return git, [collect(git, notes, each) for each in versions], before


def _of_commit(git: "Repo", commit: str, *, all: bool) -> "list[Exhibit | Audited]":
    from selfwright.audit.exhibit import collect, versions_below

    notes = bootstrap.notes_of(git)
    commits = versions_below(git, commit) if all else [commit]
    return [collect(git, notes, each) for each in commits or [commit]]


def _of_run(
    files: bootstrap.Opened, names: Sequence[str], *, all: bool
) -> "tuple[Repo, list[Exhibit | Audited], Audited]":
    from selfwright.audit.auditor import Audited
    from selfwright.audit.exhibit import adoptions, collect
    from selfwright.audit.finding import differs

    git = bootstrap.run_repo(files.folder, _target(files))
    findings = _examined(files, git)
    expected = list(adoptions(files.journal.read(), Library(files.blobs).load))
    commits = _commits(git, expected)
    known = {each.adopted.version: each for each in expected}
    versions = sorted(commits, reverse=True)
    if names:
        versions = [_named(name, commits) for name in names]
    elif not all:
        versions = versions[:1]
    found: list[Exhibit | Audited] = []
    for version in versions:
        try:
            found.append(collect(git, bootstrap.notes_of(git), commits[version], known.get(version)))
        except RepoError as error:
            gone = differs("commit", f"it can not be read: {error}")
            found.append(Audited(name=f"v{version}", commit=commits[version], findings=(gone,)))
    return git, found, Audited(name="journal", title=str(files.folder), findings=tuple(findings))


def _commits(git: "Repo", expected: "Sequence[Expected]") -> dict[int, str]:
    """Return version → commit: those of the journal, or what its branch has instead of the newest."""
    from selfwright.audit.exhibit import Commit, versions_below

    ours = {each.adopted.version: each.adopted.commit for each in expected}
    tip = git.resolve(expected[-1].adopted.branch if expected else "HEAD")
    if tip is None or (expected and expected[-1].adopted.commit in versions_below(git, tip, through=True)):
        return ours
    return ours | {Commit.read(git, each).version or 0: each for each in reversed(versions_below(git, tip))}


def _named(name: str, commits: dict[int, str]) -> int:
    fits = [
        each for each, commit in commits.items() if name == f"v{each}" or (len(name) >= 4 and commit.startswith(name))
    ]
    if len(fits) != 1:
        raise BadInput(f"{name!r} is no version of this run; there are v0 to v{max(commits, default=0)}")
    return fits[0]


def _examined(files: bootstrap.Opened, git: "Repo") -> "list[Finding]":
    from selfwright.audit.branch import examine_branch
    from selfwright.audit.chain import examine
    from selfwright.audit.message import trailer

    adopted: list[ev.Adopted] = []
    with suppress(JournalError):  # which is found of the chain
        adopted += (each.event for each in files.journal.read() if isinstance(each.event, ev.Adopted))
    found = examine(files.journal.read(), lambda commit: trailer(git.message(commit), "Journal"))
    branch = adopted[-1].branch if adopted else "HEAD"
    driven = files.journal.holder() is not None
    return found + examine_branch(git, branch, {each.version: each.commit for each in adopted}, driven=driven)


def _target(files: bootstrap.Opened) -> str:
    """Return where the commits of a run are; its own repository where its first event can not be read."""
    try:
        first = next(files.journal.read(), None)
    except JournalError:
        return "run"
    return first.event.target if first and isinstance(first.event, ev.RunOpened) else "run"
