"""The rules against failures of programs that were really run; their labels were given before (``make_failures``)."""

from __future__ import annotations

import json
import sys
from collections import Counter
from functools import cache
from typing import Any

import pytest

from selfwright.diagnose import Evidence, Where, diagnose
from selfwright.diagnose.rule import TABLES, rules
from tests.diagnose.make_failures import FAILURES


@cache
def failures() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FAILURES.read_text().splitlines()]


def evidence(row: dict[str, Any]) -> Evidence:
    return Evidence(where=Where(row["where"]), status=row["status"], reason=row["reason"], log=row["log"])


def categories() -> dict[str, str]:
    return {rule.name: rule.category for table in TABLES for rule in rules(table)}


@pytest.mark.parametrize(("held_out", "floor"), [(False, 0.97), (True, 0.9)])
def test_how_often_the_rules_name_the_cause(held_out: bool, floor: float, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row for row in failures() if row["held_out"] is held_out]
    found = [(row["cause"], diagnose(evidence(row))) for row in rows]
    causes = sum(label == each.name for label, each in found) / len(rows)
    kinds = sum(categories()[label] == each.category for label, each in found) / len(rows)
    with capsys.disabled():
        which = "held out" if held_out else "seen while the rules were written"
        sys.stdout.write(f"\n{len(rows)} failures, {which}: cause {causes:.1%}, category {kinds:.1%}\n")
    assert causes >= floor
    assert kinds >= floor


def test_there_are_enough_of_both() -> None:
    rules_there = [rule for table in TABLES for rule in rules(table)]
    assert len(failures()) >= 120
    assert sum(row["held_out"] for row in failures()) >= len(failures()) / 5
    assert len({rule.name for rule in rules_there}) >= 40


def test_every_label_is_the_name_of_a_rule() -> None:
    assert {row["cause"] for row in failures()} <= categories().keys()


@pytest.mark.parametrize("table", TABLES)
def test_of_a_table_no_row_hides_all_that_follow(table: str) -> None:
    *before, _ = rules(table)
    assert not [rule.name for rule in before if rule.fits("")], "what fits everything stands last"


def test_one_name_is_of_one_category() -> None:
    named: Counter[str] = Counter()
    for name, _ in {(rule.name, rule.category) for table in TABLES for rule in rules(table)}:
        named[name] += 1
    assert [name for name, times in named.items() if times > 1] == []
