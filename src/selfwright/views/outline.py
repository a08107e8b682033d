"""The outline of a long run: its state without the trials that came to nothing, so that it opens in no time.

It says which trials are left out and what they add up to; everything else is folded from the journal, as always. Good
enough for a table of versions, not for a decision: the loop, an audit and a report fold every event.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from selfwright.core.budget import Use
from selfwright.core.event import Record, Tip
from selfwright.core.lifecycle import State
from selfwright.views.run import RunState

_NOTHING = (State.REJECTED, State.REFUSED)
"""How a trial ends that nothing further is said of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What is known of a run up to an event.

    Attributes:
        code: Stands for the code that it was folded by.
        tip: The event, and the hash that the journal has there.
        kept: The trials that are not left out.
        asked, verdicts: Of all trials.
        versions: Of each version, how many trials had their verdict then.
        compared: Trial, attempt and version of each comparison by pairs, in the order in which they began.
        again: Trials that had a further verdict.
        exhausted: As in ``RunState``.
        wall_s, last_s: As in ``Control``.
        spent: On all trials.
        dearest: The dearest proposal.
    """

    code: str
    tip: Tip
    kept: tuple[int, ...]
    asked: int
    verdicts: int
    versions: tuple[int, ...]
    compared: tuple[tuple[int, ...], ...]
    again: tuple[int, ...]
    exhausted: int | None
    wall_s: float
    last_s: float
    spent: Use
    dearest: Use


def outline_of(state: RunState, *, code: str) -> Outline:
    """Return the outline of a run, or that of its outline after further events.

    Args:
        code: Stands for the code that folded the state: an outline that other code made is of no use.
    """
    spent = state.spent
    return Outline(
        code=code, tip=Tip(seq=state.seq, hash=state.hash),
        kept=tuple(number for number, attempts in sorted(state.trials.items()) if any(
            each.state not in _NOTHING or each.proposed.submission is not None for each in attempts[-1:])),
        asked=state.asked, verdicts=state.verdicts, versions=tuple(each.verdicts for each in state.versions),
        compared=tuple(state.compared), again=tuple(state.again), exhausted=state.exhausted,
        wall_s=state.control.wall_s, last_s=state.control.last_s,
        spent=Use(pairs=spent.pairs, cpu_s=spent.cpu_s, tokens=spent.tokens, usd=spent.usd), dearest=spent.dearest,
    )  # fmt: skip


def restore(outline: Outline, kept: Iterable[Record]) -> RunState:
    """Return the state that an outline is of, without the trials that it leaves out; further events may be applied.

    Args:
        kept: The records, up to its tip, of the seed, of the trials that are kept, and of no trial.
    """
    state = RunState()
    for record in kept:
        state.apply(record)
    state.seq, state.hash = outline.tip.seq, outline.tip.hash
    state.asked, state.verdicts, state.exhausted = outline.asked, outline.verdicts, outline.exhausted
    state.versions = [replace(each, verdicts=n) for each, n in zip(state.versions, outline.versions, strict=True)]
    state.compared = {(each[0], each[1], each[2]): number for number, each in enumerate(outline.compared, start=1)}
    state.again = list(outline.again)
    state.control.wall_s, state.control.last_s = outline.wall_s, outline.last_s
    spent, used = state.spent, outline.spent
    spent.pairs, spent.cpu_s, spent.tokens, spent.usd = used.pairs, used.cpu_s, used.tokens, used.usd
    spent.dearest = outline.dearest
    return state
