"""The journal on trial: is its hash chain whole, and is it the one that the commits name?

Whoever edits a row breaks the chain. Whoever then computes the chain anew gets other hashes from there on, and each
adoption's commit names the hash of its announcement. What came after the last adoption is named by no commit yet.
"""

from collections.abc import Callable, Iterable

from selfwright.audit.finding import Finding, beside, differs, holds
from selfwright.core.errors import IllegalMove, JournalError, RepoError
from selfwright.core.event import Record
from selfwright.views.run import RunState


def examine(records: Iterable[Record], journal_of: Callable[[str], str | None]) -> list[Finding]:
    """Return what the chain and the commits say of a journal.

    Args:
        records: The journal's, read as long as the chain holds.
        journal_of: Commit → the ``seq:hash`` that it carries, if any; ``RepoError`` where there is no commit.
    """
    state = RunState()
    found = [_chain(records, state)]
    named, agreed = 0, True
    for version in state.versions:
        what, said_by = f"v{version.version}", f"commit {version.commit[:12]} (v{version.version})"
        try:
            said = journal_of(version.commit)
        except RepoError as error:
            found.append(differs(what, f"{said_by} is not there: {error}"))
            continue
        seq = version.journal.partition(":")[0]
        if said == version.journal:
            found.append(holds(what, f"{said_by} names event {seq} by its hash"))
            named, agreed = int(seq), True
        elif said is None:
            found.append(differs(what, f"{said_by} names no event of the journal: its trailer is gone"))
        else:
            since = f": something between event {named + 1} and event {seq} was edited, or the commit" if agreed else ""
            found.append(
                differs(what, f"{said_by} names {_short(said)}, the journal has {_short(version.journal)}{since}")
            )
            agreed = False
    if state.seq > named:
        found.append(beside("tail", f"no commit names the events {named + 1} to {state.seq} yet; the chain holds them"))
    return found


def _chain(records: Iterable[Record], state: RunState) -> Finding:
    try:
        for record in records:
            state.apply(record)
    except (JournalError, IllegalMove) as error:
        return differs("journal", f"it holds up to event {state.seq}, and then: {error}")
    return holds("journal", f"{state.seq} events, each with the hash of the one before")


def _short(journal: str) -> str:
    seq, _, hash_ = journal.partition(":")
    return f"event {seq} with hash {hash_[:12]}"
