"""How proposers are named on the command line."""

from __future__ import annotations

import pytest

from selfwright.core.errors import BadInput
from selfwright.proposers.specification import Part, parse_spec, spell


@pytest.mark.parametrize(
    ("spec", "parts"),
    [
        ("numeric", (Part(name="numeric"),)),
        ("numeric:tpe", (Part(name="numeric", argument="tpe"),)),
        ("numeric+mutate", (Part(name="numeric"), Part(name="mutate"))),
        ("3*numeric+mutate", (Part(name="numeric", weight=3.0), Part(name="mutate"))),
        ("a+0.5*recorded:/b.jsonl", (Part(name="a"), Part(name="recorded", argument="/b.jsonl", weight=0.5))),
        ("recorded:a+b.jsonl", (Part(name="recorded", argument="a+b.jsonl"),)),
        ("recorded:a+b.jsonl+a:c", (Part(name="recorded", argument="a+b.jsonl"), Part(name="a", argument="c"))),
        ("recorded:C:2*3", (Part(name="recorded", argument="C:2*3"),)),
    ],
)  # fmt: skip
def test_it_is_read_and_spelled(spec: str, parts: tuple[Part, ...]) -> None:
    assert parse_spec(spec) == parts
    assert spell(parts) == spec


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "'' is no proposer"),
        ("numeric+", r"'numeric\+' is no proposer"),
        ("0*numeric", "weight '0' is no positive number; write it as 3"),
        ("1.2.3*numeric", "weight '1.2.3' is no positive number"),
        ("x*numeric", r"'x\*numeric' is no proposer"),
    ],
)
def test_what_can_not_be_read_is_said(spec: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_spec(spec)
