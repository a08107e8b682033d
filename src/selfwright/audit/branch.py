"""The branch of a run on trial: does it have the versions that the journal adopted, in that order, and nothing else?"""

from collections.abc import Iterator, Mapping

from selfwright.audit.exhibit import Commit
from selfwright.audit.finding import Finding, beside, differs, holds
from selfwright.ports.repo import Repo

_MOST = 3
_FAR = 2000


def examine_branch(repo: Repo, branch: str, adopted: Mapping[int, str], *, driven: bool) -> list[Finding]:
    """Return where a branch differs from the adoptions of a journal.

    Args:
        adopted: Version → commit, from v0.
        driven: Whether somebody drives the run now; its newest commit may then be ahead of the journal.
    """
    if not adopted:
        return []
    tip = repo.resolve(branch)
    if tip is None:
        return [differs("branch", f"{branch} is not there; the journal has {_versions(adopted, adopted)}")]
    there = list(_down(repo, tip, adopted[min(adopted)]))
    ids = {commit.id for commit in there}
    known = set(adopted.values())
    gone = [version for version, commit in adopted.items() if commit not in ids]
    newest = next((index for index, commit in enumerate(there) if commit.id in known), len(there))
    above = there[:newest]
    if above and above[-1].version == 0 and not gone:
        above = []  # a later run goes on there
    if above and driven and not gone and above[-1].version == max(adopted) + 1:
        return [beside("branch", f"the run is being driven: v{above[-1].version} is on its way into the journal")]
    strange = [*above, *(commit for commit in there[newest:] if commit.id not in known)]
    wrong = [f"has not {_versions(gone, adopted)}"] if gone else []
    if strange:
        names = ", ".join(_name(commit) for commit in strange[:_MOST])
        more = f" and {len(strange) - _MOST} more" if strange[_MOST:] else ""
        wrong.append(f"has {names}{more}, which the journal does not know")
    if wrong:
        return [differs("branch", f"{branch}, at {tip[:12]}, {', and '.join(wrong)}")]
    return [holds("branch", f"{branch} has {_versions(adopted, adopted)}, as the journal adopted them")]


def _down(repo: Repo, tip: str, last: str) -> Iterator[Commit]:
    """Yield the commits from the tip down to ``last``, each one's first parent; at most to what no run has made."""
    commit, seeded = Commit.read(repo, tip), False
    for _ in range(_FAR):
        yield commit
        seeded = seeded or commit.version == 0
        if commit.id == last or not commit.parents or repo.resolve(commit.parents[0]) is None:
            return
        commit = Commit.read(repo, commit.parents[0])
        if seeded and commit.version is None:
            return


def _versions(wanted: list[int] | Mapping[int, str], adopted: Mapping[int, str]) -> str:
    """Return ``v0 to v9`` for all, else ``v3 1a2b3c4d5e6f, v4 ...``."""
    if len(wanted) == len(adopted):
        return f"v{min(adopted)} to v{max(adopted)}" if len(adopted) > 1 else f"v{min(adopted)}"
    more = f" and {len(wanted) - _MOST} more" if len(wanted) > _MOST else ""
    return ", ".join(f"v{version} {adopted[version][:12]}" for version in list(wanted)[:_MOST]) + more


def _name(commit: Commit) -> str:
    subject = commit.message.partition("\n")[0][:40]
    return f"{commit.id[:12]} ({subject!r})" if commit.version is None else f"v{commit.version} {commit.id[:12]}"
