"""An edited row and a recomputed chain are found, and where."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from selfwright.audit.chain import examine
from selfwright.audit.finding import Finding
from selfwright.core.errors import RepoError
from selfwright.core.event import GENESIS, Measured, chain, encode
from selfwright.testing.journal import MemoryJournal, Stream
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.toy import Toy, proposal

Edit = Callable[[dict[str, object]], None]


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    toy = Toy(tmp_path)
    toy.run(ScriptedProposer((proposal(90), proposal(50)), lag=1))
    return toy


def found(toy: Toy, rows: list[tuple[float, bytes, str]]) -> list[Finding]:
    journal = MemoryJournal(clock=toy.clock, stream=Stream(rows=rows))
    return examine(journal.read(), toy.adopter.journal_of)


def rows_of(toy: Toy) -> list[tuple[float, bytes, str]]:
    return [(record.time_s, encode(record.event), record.hash) for record in toy.journal.read()]


def edited(toy: Toy, trial: int, *, recomputed: bool) -> tuple[int, list[tuple[float, bytes, str]]]:
    """The rows with the first measurement of a trial made better, and the seq of that row."""
    records = list(toy.journal.read())
    seq = next(each.seq for each in records if isinstance(each.event, Measured) and each.event.trial == trial)
    rows, last = [], GENESIS
    for number, (time_s, stored, hash_) in enumerate(rows_of(toy), start=1):
        content = stored
        if number == seq:
            data = json.loads(stored)
            data["data"]["outcome"]["readings"][0]["metrics"]["size"] = [1.0]
            content = json.dumps(data, separators=(",", ":")).encode()
        last = chain(last, content)
        rows.append((time_s, content, last if recomputed else hash_))
    return seq, rows


def test_a_whole_journal_holds(toy: Toy) -> None:
    findings = found(toy, rows_of(toy))
    assert [(each.what, each.holds) for each in findings] == [
        ("journal", True), ("v0", True), ("v1", True), ("v2", True), ("tail", None),
    ]  # fmt: skip


def test_a_recomputed_chain_is_found_between_two_commits(toy: Toy) -> None:
    seq, rows = edited(toy, 2, recomputed=True)
    findings = {each.what: each for each in found(toy, rows)}
    assert [findings[what].holds for what in ("journal", "v0", "v1", "v2")] == [True, True, True, False]
    words = findings["v2"].words
    first, last = (
        int(word) for word in words.split("something between event ")[1].split(" was")[0].split(" and event ")
    )
    assert first <= seq <= last


def test_once_a_chain_is_recomputed_every_later_commit_differs(toy: Toy) -> None:
    _, rows = edited(toy, 1, recomputed=True)
    findings = {each.what: each.holds for each in found(toy, rows)}
    assert findings == {"journal": True, "v0": True, "v1": False, "v2": False, "tail": None}


def test_a_commit_without_its_trailer_differs_and_so_does_one_that_is_gone(toy: Toy) -> None:
    records = list(toy.journal.read())
    assert [each.holds for each in examine(records, lambda commit: None)] == [True, False, False, False, None]

    def gone(commit: str) -> str:
        raise RepoError("no such commit")

    assert [each.holds for each in examine(records, gone)][1:4] == [False] * 3
