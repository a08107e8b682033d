"""The life of a change, as a table. Illegal moves raise and say which were legal."""

from enum import StrEnum

from selfwright.core.errors import IllegalMove


class State(StrEnum):
    """Where a trial stands."""

    PROPOSED = "proposed"
    REFUSED = "refused"
    CHECKED = "checked"
    TRIED = "tried"
    FAILED = "failed"
    REPAIRED = "repaired"
    NEEDS_PERSON = "needs_person"
    JUDGED = "judged"
    REJECTED = "rejected"
    PARKED = "parked"
    ADOPTED = "adopted"
    PUBLISHED = "published"
    WATCHED = "watched"
    KEPT = "kept"
    REVERTED = "reverted"


MOVES: dict[State | None, frozenset[State]] = {
    None: frozenset({State.PROPOSED}),
    State.PROPOSED: frozenset({State.REFUSED, State.CHECKED, State.FAILED}),
    State.CHECKED: frozenset({State.TRIED}),
    State.TRIED: frozenset({State.FAILED, State.JUDGED}),
    State.FAILED: frozenset({State.REPAIRED, State.NEEDS_PERSON}),
    State.JUDGED: frozenset({State.REJECTED, State.PARKED, State.ADOPTED}),
    State.PARKED: frozenset({State.TRIED}),
    State.ADOPTED: frozenset({State.PUBLISHED, State.WATCHED}),
    State.PUBLISHED: frozenset({State.WATCHED}),
    State.WATCHED: frozenset({State.KEPT, State.REVERTED}),
    State.REFUSED: frozenset(),
    State.REPAIRED: frozenset(),
    State.NEEDS_PERSON: frozenset(),
    State.REJECTED: frozenset(),
    State.KEPT: frozenset(),
    State.REVERTED: frozenset(),
}
"""From → the states that may follow; None is "not yet proposed".

``proposed → failed`` is a proposal that did not validate (it does not apply, does not parse) and whose proposer can
repair; where it can not, the proposal is refused. ``tried → failed`` likewise waits for a repair or a person; a failed
trial that nobody can repair is judged like any other, and rejected.
"""

CONCLUDED: frozenset[State] = frozenset(
    {State.REFUSED, State.NEEDS_PERSON, State.REJECTED, State.PARKED, State.ADOPTED, State.PUBLISHED, State.WATCHED,
     State.KEPT, State.REVERTED}
)  # fmt: skip
"""States in which a trial has had its verdict, so that the next one may have its own."""

FINAL: frozenset[State] = frozenset(state for state, following in MOVES.items() if state and not following)
"""States that nothing follows."""


def move(current: State | None, to: State) -> State:
    """Return ``to`` if the table allows it.

    Raises:
        IllegalMove: The table does not; the message lists the legal moves.
    """
    legal = MOVES[current]
    if to not in legal:
        known = ", ".join(sorted(legal)) or "none: it is final"
        raise IllegalMove(f"{current or 'nothing'} → {to} is not a legal move; legal from there: {known}")
    return to
