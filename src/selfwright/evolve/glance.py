"""A glance at a run: its state at once, however long it is, by an outline that lies beside the journal.

The outline is made by who drives a long run or has looked at it in full, renewed when it has fallen behind, and may be
deleted at any time. Where it does not fit the journal, or other code made it, every event is folded as if there were
none.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

from selfwright import core, gate, views
from selfwright.core.errors import JournalConflict, JournalCorrupt
from selfwright.core.event import Event
from selfwright.core.plain import from_plain, to_plain
from selfwright.evolve.story import Observer
from selfwright.ports.journal import Journal
from selfwright.views.outline import Outline, outline_of, restore
from selfwright.views.run import RunState, fold

OUTLINE = "outline.json"
LONG = 20_000
"""So many events further than the outline are worth a new one; folding them takes about half a second."""

_log = logging.getLogger(__name__)


def glance(folder: Path, journal: Journal, *, long: int = LONG) -> RunState:
    """Return the state of a run without the trials that came to nothing, where it is long; else all of it.

    Args:
        long: From how many events on an outline is worth it.

    Raises:
        JournalCorrupt: An event that was looked at is not what was written.
    """
    try:
        state = _outlined(folder / OUTLINE, journal)
        seen = state.seq
        for record in journal.read(after=seen):
            state.apply(record)
    except (OSError, ValueError, JournalConflict, JournalCorrupt):  # whether the journal is corrupt, all of it tells
        state, seen = fold(journal.read()), 0
    if state.seq - seen >= long:
        keep_outline(folder, state, long=long)
    return state


def keep_outline(folder: Path, state: RunState, *, long: int = LONG) -> None:
    """Write the outline of a run that is long, for the next glance; where that can not be, there is none."""
    if state.seq < long:
        return
    new = folder / f".{OUTLINE}-{os.getpid()}"
    try:
        new.write_text(json.dumps(to_plain(outline_of(state, code=fold_id()))))
        new.replace(folder / OUTLINE)
    except OSError as error:
        _log.info("no outline in %s: %s", folder, error.strerror)
        with suppress(OSError):
            new.unlink()


def outlining(folder: Path, observe: Observer, *, long: int = LONG) -> Observer:
    """Return an observer that keeps the outline of a run that is driven, beside what another observes."""
    kept = 0

    def observed(event: Event, state: RunState) -> None:
        nonlocal kept
        observe(event, state)
        if state.seq - kept >= long:
            kept = state.seq
            keep_outline(folder, state, long=long)

    return observed


@cache
def fold_id() -> str:
    """Return a hash of the code that folds a run."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources() -> Iterable[Path]:
    for room in (core, gate, views):
        yield from sorted(Path(room.__path__[0]).glob("*.py"))


def _outlined(path: Path, journal: Journal) -> RunState:
    """Return the state that the outline is of.

    Raises:
        OSError, ValueError, JournalConflict, JournalCorrupt: There is none, or it does not fit.
    """
    outline = from_plain(Outline, json.loads(path.read_bytes()))
    if outline.code != fold_id():
        raise ValueError("other code made it")
    return restore(outline, journal.recall(outline.tip, (0, *outline.kept)))
