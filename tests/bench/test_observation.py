"""What is seen of a call: its result, its exception and what it did to its arguments; and what counts as the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench import wire
from selfwright.bench.candidate import Candidate
from selfwright.bench.observation import Observation, Seen, difference, same
from selfwright.bench.session import Session
from selfwright.core.errors import CallFailed
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus

PROGRAM = b"""
import collections, os

def grow(items, more):
    items.append(more)
    return items

def divide(a, b):
    return a / b

def ordered(pairs):
    return [collections.OrderedDict(pairs)]

def unique(items):
    return set(items)

def leave(code):
    raise SystemExit(code)

def really_leave(code):
    os._exit(code)
"""


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    program = Candidate(files={"p.py": PROGRAM}, program="p.py", sandbox=LimitsSandbox(), limits=Limits())
    with program.session() as opened:
        yield opened


def seen(session: Session, function: str, *rows: tuple[object, ...]) -> list[Seen]:
    return [each.seen for each in session.observe(function, rows)]


def test_a_call_is_seen_with_all_that_it_did(session: Session) -> None:
    kept, fresh = seen(session, "grow", ([1], 2.5), ([], None))
    assert kept == Seen("returned", [1, 2.5], ([1, 2.5], 2.5), 0, ("float", "int", "list"))
    assert fresh == Seen("returned", [None], ([None], None), 0, ("NoneType", "list"))
    assert seen(session, "divide", (1, 0), (1, 2)) == [
        Seen("raised", "ZeroDivisionError", (1, 0), -1, ("str",)),
        Seen("returned", 0.5, (1, 2), -1, ("float",)),
    ]
    assert [each.result for each in seen(session, "leave", (3,))] == ["SystemExit"]


def test_a_subclass_shows_though_it_travels_as_its_base(session: Session) -> None:
    (found,) = seen(session, "ordered", ([("a", 1)],))
    assert found.result == [{"a": 1}]
    assert found.types == ("OrderedDict", "int", "list", "str")


def test_a_result_that_is_not_carried_costs_no_other(session: Session) -> None:
    (found,) = seen(session, "unique", ([1],))
    assert (found.how, found.result) == ("uncarried", "set at result")


def test_a_process_that_ends_is_no_observation() -> None:
    program = Candidate(files={"p.py": PROGRAM}, program="p.py", sandbox=LimitsSandbox(), limits=Limits())
    with program.session() as opened, pytest.raises(CallFailed, match="really_leave"):
        opened.observe("really_leave", [(0,)])


@pytest.mark.parametrize("value", [1, ("returned", 1), ("danced", 1, (), -1, []), ("returned", 1, [], -1, [])])
def test_what_only_resembles_an_observation_is_the_candidates_failure(value: object) -> None:
    with pytest.raises(CallFailed) as failed:
        _ = Observation(wire.encode(value, max_bytes=1000)).seen
    assert failed.value.status is CallStatus.CRASHED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True), (1, 1.0), ("a", b"a"), ([1], (1,)), ([1, 2], [1]), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (0.1, 0.2),
        (float("nan"), 1.0), (None, 0), ({"a": [1]}, {"a": [2]}),
        (np.zeros(2), np.zeros(3)), (np.zeros(2), np.zeros(2, dtype="f4")), (np.zeros(2), [0.0, 0.0]),
        (np.array([1]), np.array([2])),
    ],
)  # fmt: skip
def test_what_differs_is_not_the_same(one: object, other: object) -> None:
    assert not same(one, other, 1e-9)
    assert not same(other, one, 1e-9)
    assert same(one, one, 0.0)


def test_floats_may_differ_by_the_tolerance_and_no_more() -> None:
    nearly = 0.1 + 0.2
    assert not same(0.3, nearly)
    assert same([{"x": 0.3}], [{"x": nearly}], 1e-9)
    assert not same(1.0, 1.0 + 1e-8, 1e-9)
    assert same(np.array([0.3, np.nan]), np.array([nearly, np.nan]), 1e-9)
    assert not same({0.3: 1}, {nearly: 1}, 1e-9)  # a key is looked up, not compared


BASE = Seen("returned", [1], ([1], 2), 0, ("int", "list"))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (BASE, ""),
        (Seen("raised", "KeyError", ([1], 2), -1, ("str",)), "raised KeyError, expected [1]"),
        (Seen("returned", [2], ([1], 2), 0, ("int", "list")), "[2], expected [1]"),
        (Seen("returned", [1], ([], 2), 0, ("int", "list")), "arguments left as ([], 2), expected ([1], 2)"),
        (Seen("returned", [1], ([1], 2), -1, ("int", "list")), "[1] that is not argument 1 itself"),
        (Seen("returned", [1], ([1], 2), 0, ("bool", "list")), "a result of bool, list, expected int, list"),
    ],
)
def test_what_differs_is_said(other: Seen, words: str) -> None:
    assert difference(BASE, other) == words


def test_another_exception_is_another_ending() -> None:
    raised = [Seen("raised", name, (), -1, ("str",)) for name in ("KeyError", "IndexError")]
    assert difference(*raised) == "raised IndexError, expected raised KeyError"
