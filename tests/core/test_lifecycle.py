"""The table of moves: whole, without dead ends, and illegal moves say what was legal."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.errors import IllegalMove
from selfwright.core.lifecycle import CONCLUDED, FINAL, MOVES, State, move

EVERY = (None, *State)
LEGAL = [(current, to) for current, following in MOVES.items() for to in sorted(following)]
ILLEGAL = sorted(
    (pair for pair in itertools.product(EVERY, State) if pair not in LEGAL), key=lambda pair: (str(pair[0]), pair[1])
)


def reachable(start: State | None) -> set[State]:
    """Return the states that some path of moves leads to."""
    found: set[State] = set()
    waiting = [start]
    while waiting:
        for to in MOVES[waiting.pop()] - found:
            found.add(to)
            waiting.append(to)
    return found


def test_the_table_knows_every_state() -> None:
    assert set(MOVES) == set(EVERY)
    assert reachable(None) == set(State)


def test_every_life_can_end() -> None:
    for state in EVERY:
        assert state in FINAL or reachable(state) & FINAL, state


@pytest.mark.parametrize(("current", "to"), LEGAL)
def test_a_legal_move_arrives(current: State | None, to: State) -> None:
    assert move(current, to) is to


@pytest.mark.parametrize(("current", "to"), ILLEGAL)
def test_an_illegal_move_says_which_were_legal(current: State | None, to: State) -> None:
    with pytest.raises(IllegalMove) as caught:
        move(current, to)
    said, _, legal = str(caught.value).partition("; legal from there: ")
    assert said == f"{current or 'nothing'} → {to} is not a legal move"
    assert legal == (", ".join(sorted(MOVES[current])) if MOVES[current] else "none: it is final")


@given(st.data())
def test_any_path_of_legal_moves_ends_concluded(data: st.DataObject) -> None:
    state = move(None, State.PROPOSED)
    judged_since_tried = True
    for _ in range(30):
        if state in FINAL:
            break
        state = move(state, data.draw(st.sampled_from(sorted(MOVES[state]))))
        judged_since_tried = state is not State.TRIED and (judged_since_tried or state is State.JUDGED)
        if state in {State.REJECTED, State.PARKED, State.ADOPTED}:
            assert judged_since_tried, "a verdict without a judgement"
    assert state not in FINAL or state in CONCLUDED | {State.REPAIRED}


def test_only_what_was_judged_is_adopted() -> None:
    assert [current for current, following in MOVES.items() if State.ADOPTED in following] == [State.JUDGED]
