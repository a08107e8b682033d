"""Events: every kind comes back as it was, to the byte, and the chain holds them in order."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfwright.core import event as ev
from selfwright.core.errors import JournalCorrupt
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SIMPLE: dict[object, st.SearchStrategy[object]] = {
    str: TEXT,
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    type(None): st.none(),
}


@cache
def instances(hint: typing.Any) -> st.SearchStrategy[typing.Any]:
    """Anything that a type hint of the core allows; finite where it is a number."""
    arguments = typing.get_args(hint)
    if hint in SIMPLE:
        return SIMPLE[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if dataclasses.is_dataclass(hint):
        hints = typing.get_type_hints(hint)
        return st.builds(hint, **{field.name: instances(hints[field.name]) for field in dataclasses.fields(hint)})
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return st.one_of([instances(argument) for argument in arguments])
    if typing.get_origin(hint) is tuple:
        return st.lists(instances(arguments[0]), max_size=3).map(tuple)
    assert issubclass(typing.get_origin(hint), Mapping), hint
    return st.dictionaries(instances(arguments[0]), instances(arguments[1]), max_size=3)


EVENTS = st.sampled_from(sorted(ev.KINDS.values(), key=lambda kind: kind.__name__)).flatmap(instances)


@pytest.mark.parametrize("kind", ev.KINDS.values(), ids=list(ev.KINDS))
@settings(max_examples=15)
@given(data=st.data())
def test_every_kind_comes_back_as_it_was(kind: type[ev.Event], data: st.DataObject) -> None:
    event = data.draw(instances(kind))
    stored = ev.encode(event)
    again = ev.decode(stored)
    assert type(again) is kind
    assert again == event
    assert ev.encode(again) == stored


def test_every_event_has_a_kind() -> None:
    ours = {name: cls for name, cls in vars(ev).items() if isinstance(cls, type) and issubclass(cls, ev.Event)}
    del ours["Event"]
    assert ours == ev.KINDS
    assert set(ev.COMMANDS) < set(ev.CONTROL) < set(ev.KINDS.values())


def test_a_mapping_keeps_its_order() -> None:
    names = ["smoke", "full", "a", "holdout"]  # as stages: cheap first, by no alphabet
    again = ev.decode(ev.encode(ev.Submitted(files=dict.fromkeys(names))))
    assert isinstance(again, ev.Submitted)
    assert list(again.files) == names


def test_the_stored_form_is_this_one() -> None:
    moved = ev.StopRequested(sitting=2, now=True, by="é")
    assert ev.encode(moved) == '{"kind":"StopRequested","data":{"sitting":2,"now":true,"by":"é"}}'.encode()


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_a_number_that_is_none_is_not_stored(number: float) -> None:
    outcome = Outcome(status=TrialStatus.OK, readings=(Reading(case="a", metrics={"x": (number,)}),))
    with pytest.raises(ValueError, match="not JSON compliant"):
        ev.encode(ev.Measured(trial=1, attempt=0, purpose="search", stage="full", case="a", outcome=outcome))


def test_an_older_event_takes_the_defaults() -> None:
    stored = b'{"kind":"Moved","data":{"trial":1,"attempt":0,"to":"checked"}}'
    assert ev.decode(stored) == ev.Moved(trial=1, attempt=0, to=ev.State.CHECKED, reason="")


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"kind":"Moved"}',
        b'{"kind":"Unheard","data":{}}',
        b'{"kind":"Moved","data":{"trial":1,"attempt":0}}',
        b'{"kind":"Moved","data":{"trial":"1","attempt":0,"to":"checked"}}',
        b'{"kind":"Moved","data":{"trial":true,"attempt":0,"to":"checked"}}',
        b'{"kind":"Moved","data":{"trial":1,"attempt":0,"to":"gone"}}',
        b'{"kind":"Moved","data":[]}',
        b'{"kind":["Moved"],"data":{}}',
    ],
)
def test_what_is_no_event_is_corrupt(stored: bytes) -> None:
    with pytest.raises(JournalCorrupt, match="not an event of format"):
        ev.decode(stored)


def hashes(contents: list[bytes]) -> list[str]:
    """Return the hash of each stored event, in order."""
    last, found = ev.GENESIS, []
    for stored in contents:
        last = ev.chain(last, stored)
        found.append(last)
    return found


@given(st.lists(EVENTS.map(ev.encode), min_size=1, max_size=6), st.data())
def test_what_changes_changes_every_hash_from_there(contents: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(contents) - 1))
    byte = data.draw(st.integers(0, len(contents[place]) - 1))
    changed = bytearray(contents[place])
    changed[byte] ^= 1 << data.draw(st.integers(0, 7))
    before, after = hashes(contents), hashes([*contents[:place], bytes(changed), *contents[place + 1 :]])
    assert before[:place] == after[:place]
    assert not set(before[place:]) & set(after[place:])


def test_a_hash_is_that_of_the_one_before_and_the_bytes() -> None:
    # printf '%064d{}' 0 | sha256sum
    assert ev.chain(ev.GENESIS, b"{}") == "5508d2b710e64bc470079e1b211d9c58e21011e59d0559e422345dc19d659a75"


def test_the_bytes_are_json_that_others_can_read() -> None:
    stored = ev.encode(ev.PauseRequested(by="a person"))
    assert json.loads(stored) == {"kind": "PauseRequested", "data": {"by": "a person"}}
