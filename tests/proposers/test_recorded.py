from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from selfwright.core.brief import Past
from selfwright.core.change import Cost, Origin, Proposal
from selfwright.core.errors import RecordingError, Unavailable
from selfwright.ports.proposer import Proposer, Repairer
from selfwright.proposers.recorded import Recorded, write_recording
from tests.proposers.lab import LabAsk


def past(trial: int, proposer: str) -> Past:
    return Past(
        trial=f"t{trial}", parents=("v0",), proposer=proposer, reason="", origin=Origin.STRUCTURE, status=None,
        decision=None, version=None, metrics={}, detail="",
    )  # fmt: skip


def ask(*proposers: str) -> LabAsk:
    """What a recording is asked with after trials of these proposers."""
    history = [past(number, name) for number, name in enumerate(proposers, start=1)]
    return LabAsk(trial=len(history) + 1, best="v0", history=history, programs={}, seed=1)


def session(tmp_path: Path, *lines: dict[str, object]) -> Path:
    path = tmp_path / "session.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


THREE: tuple[dict[str, object], ...] = (
    {"files": {"p.py": "x = 1\n", "gone.py": None}, "reason": "first", "proposer": "claude", "usd": 0.25},
    {"patch": "--- a/p.py\n", "parent": 1, "proposer": "recorded", "tokens": {"in": 3, "out": 4}},
    {"files": {"p.py": "x = 3\r\n\u2028"}, "parent": "v2", "usd": None},
)


def test_line_k_answers_the_kth_time_it_is_asked_whoever_came_between(tmp_path: Path) -> None:
    recorded = Recorded(session(tmp_path, *THREE))
    assert isinstance(recorded, Proposer)
    assert not isinstance(recorded, Repairer)
    assert recorded.lag == 1
    assert recorded.ask(ask()) == Proposal(
        files={"p.py": b"x = 1\n", "gone.py": None}, parent="best", reason="first", proposer="recorded (claude)",
        cost=Cost(usd=0.25),
    )  # fmt: skip
    second = recorded.ask(ask("person", "recorded (claude)", "recordedly"))
    assert second == Proposal(
        patch="--- a/p.py\n", parent="t2", proposer="recorded", cost=Cost(tokens_in=3, tokens_out=4)
    )  # fmt: skip
    third = recorded.ask(ask("recorded (claude)", "recorded", "numeric"))
    assert third is not None
    assert (third.parent, third.files, third.cost.usd) == ("v2", {"p.py": "x = 3\r\n\u2028".encode()}, None)
    assert recorded.ask(ask(*["recorded"] * 3)) is None


def test_a_line_number_is_the_trial_that_came_from_that_line(tmp_path: Path) -> None:
    recorded = Recorded(session(tmp_path, {"files": {}}, {"files": {}}, {"files": {}, "parent": 1}))
    said = recorded.ask(ask("person", "recorded", "person", "recorded"))
    assert said is not None
    assert said.parent == "t2"


def test_a_fresh_object_answers_as_one_that_was_there_all_along(tmp_path: Path) -> None:
    path = session(tmp_path, *THREE)
    old = Recorded(path)
    for names in ((), ("recorded",), ("recorded", "person"), ("recorded", "person", "recorded"), ("person",), ()):
        assert old.ask(ask(*names)) == Recorded(path).ask(ask(*names))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"files": {}', "not JSON: Expecting"),
        ('["files"]', "the line is not an object"),
        ('{"fiels": {}}', "unknown key 'fiels'; known are files, patch, parent, reason, proposer, usd, tokens"),
        ('{"files": {}, "tokens": {"on": 1}}', "unknown key 'tokens.on'; known are in and out"),
        ('{"files": {}, "files": {}}', "the key 'files' stands twice"),
        ('{"reason": "none"}', "neither 'files' nor 'patch'"),
        ('{"files": {}, "patch": ""}', "both 'files' and 'patch'"),
        ('{"files": {"p.py": 5}}', "files.p.py: 5 is neither the whole text of the file nor null"),
        ('{"files": {}, "parent": "t3"}', "parent: 't3' is no parent; write 'best'"),
        ('{"files": {}, "parent": true}', "parent: True is no parent"),
        ('{"files": {}, "parent": 2}', "parent: line 2 does not come before this one (line 2)"),
        ('{"files": {}, "usd": -1}', "usd: -1: input should be greater than or equal to 0"),
        ('{"files": {}, "usd": NaN}', "NaN is not a number of JSON"),
        ('{"files": {}, "tokens": {"in": 1.5}}', "tokens.in: 1.5"),
        ('{"files": {"p.py": "\\ud800"}}', "files.p.py"),
        ("", "not JSON"),
    ],
)
def test_says_which_line_is_wrong_and_why(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "session.jsonl"
    path.write_text('{"files": {}}\n' + line + '\n{"files": {}}\n')
    with pytest.raises(RecordingError) as caught:
        Recorded(path)
    assert str(caught.value).startswith(f"{path}:2: ")
    assert message in str(caught.value)


def test_says_that_a_session_is_missing_or_empty(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="can not be read: No such file"):
        Recorded(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(RecordingError, match="is empty"):
        Recorded(tmp_path / "empty.jsonl")


@dataclass(frozen=True, kw_only=True)
class Said:
    """A line as the engine hands it over."""

    parent: str | int = "seed"
    reason: str = "why"
    proposer: str = "recorded (claude)"
    cost: Cost = field(default_factory=lambda: Cost(usd=None, tokens_in=1, tokens_out=2))
    files: dict[str, bytes | None] = field(default_factory=dict)
    patch: str = ""


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    lines = [Said(files={"é.py": "x = '\u2028'\r\n".encode(), "old.py": None}), Said(patch="--- a\n", parent=1), Said()]
    write_recording(path, lines)
    assert [each.name for each in tmp_path.iterdir()] == ["session.jsonl"]
    recorded = Recorded(path)
    for number, line in enumerate(lines):
        said = recorded.ask(ask(*["recorded"] * number))
        assert said == Proposal(
            files=line.files, patch=line.patch, parent="t1" if line.parent == 1 else "seed", reason="why",
            proposer="recorded (claude)", cost=line.cost,
        )  # fmt: skip


def test_what_can_not_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    path.write_text("old")
    with pytest.raises(RecordingError, match=r"session.jsonl:2: p.bin is not UTF-8 text \(byte 1\)"):
        write_recording(path, [Said(), Said(files={"p.bin": b"a\xff"})])
    with pytest.raises(RecordingError, match="files and a patch"):
        write_recording(path, [replace(Said(patch="x"), files={"p.py": b""})])
    assert path.read_text() == "old"
    os.link(path, tmp_path / "held by a reader")
    write_recording(path, [Said()])
    assert (tmp_path / "held by a reader").read_text() == "old"
    with pytest.raises(Unavailable, match="can not be written"):
        write_recording(tmp_path / "nowhere" / "session.jsonl", [Said()])
