"""What a prompt should remind a proposer of: code that was deleted on the way, and how proposals failed. Capped.

Models add again what was taken out, and make one mistake many times; both cost a trial each.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from selfwright.core.brief import Deletion, Mistake, Past
from selfwright.core.change import Files
from selfwright.core.status import TrialStatus
from selfwright.diagnose import Evidence, Where, diagnose

ANCESTORS = 12
"""So many steps back is looked for deleted code."""

DELETED_LINES = 40
"""At most, in all."""

LONGEST_LINE = 160
"""Characters; what is longer is cut."""

LOOK_BACK = 128
"""The newest trials, among which failures are looked for."""

MISTAKES = 8
"""Kinds of failure at most, the newest first."""


def deletions(
    name: str, *, program: Callable[[str], Files], parent: Callable[[str], str | None]
) -> tuple[Deletion, ...]:
    """Return what was taken out on the way to a program and is not in it, the newest first.

    Args:
        program: Name → files.
        parent: Name → the name of what it was made of; None for the seed.
    """
    now = program(name)
    known = {(path, line.strip()) for path in now for line in _lines(now[path])}
    found: list[Deletion] = []
    left, child = DELETED_LINES, name
    for _ in range(ANCESTORS):
        before = parent(child)
        if before is None or left <= 0:
            break
        old = program(before)
        for path in sorted(old):
            gone = [line for line in _lines(old[path]) if (path, line.strip()) not in known][:left]
            known |= {(path, line.strip()) for line in gone}
            left -= len(gone)
            if gone:
                lines = tuple(line.rstrip()[:LONGEST_LINE] for line in gone)
                found.append(Deletion(name=child, path=path, lines=lines))
        child = before
    return tuple(found)


def mistakes(history: Sequence[Past]) -> tuple[Mistake, ...]:
    """Return how the newest trials failed: each kind once, the newest first, with how often it came.

    Two are of one kind where the rules of ``diagnose`` find one cause.
    """
    found: dict[str, Mistake] = {}
    for past in reversed(history[-LOOK_BACK:]):
        if past.status is TrialStatus.OK or past.status is TrialStatus.UNJUDGED:
            continue
        words = (past.detail.strip() or str(past.status)).splitlines()[0][: 2 * LONGEST_LINE]
        kind = _kind(words, past.status)
        newest = found.get(kind) or Mistake(trial=past.trial, times=0, words=words)
        found[kind] = replace(newest, times=newest.times + 1)
    return tuple(list(found.values())[:MISTAKES])


@lru_cache(maxsize=4 * LOOK_BACK)
def _kind(words: str, status: TrialStatus | None) -> str:
    where = Where.VALIDATION if status is None else Where.EXECUTION
    return diagnose(Evidence(where=where, status=status or "", reason=words)).kind


def _lines(content: bytes) -> list[str]:
    """Return the lines of a text that say something; nothing of what is no text."""
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        return []
    return [line for line in lines if line.strip() and not line.strip().startswith("#")]
