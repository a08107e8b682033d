"""The corpus is large enough, says what must not happen, and every attack in it succeeds somewhere."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.hostile.corpus import ATTACKS, CLASSES, corpus
from tests.hostile.guard import trials, unavailable

UNGUARDED = ("naive-exec", "naive-subprocess", "limits")


def test_it_has_attacks_of_every_class() -> None:
    counts = Counter(attack.family for attack in corpus().values())
    assert set(counts) == set(CLASSES) == {path.stem for path in ATTACKS.glob("*.py")}
    assert min(counts.values()) >= 10, counts
    assert counts.total() >= 80


@pytest.mark.parametrize("attack", corpus().values(), ids=lambda attack: attack.name)
def test_an_attack_says_in_one_line_what_must_not_happen(attack) -> None:
    assert attack.forbidden.endswith(".")
    assert "\n" not in attack.forbidden


def test_lines_differ() -> None:
    counts = Counter(attack.forbidden for attack in corpus().values())
    assert [line for line, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("attack", corpus().values(), ids=lambda attack: attack.name)
def test_an_attack_compiles_in_the_way_that_it_is_run(attack) -> None:
    compile(attack.source({"port": 1}), attack.name, "exec")


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.may_skip("needs namespaces, which not every runner has")
def test_every_attack_succeeds_somewhere() -> None:
    """What nothing fails tests nothing; and an attack that this machine has no door for says so."""
    if why := unavailable():
        pytest.skip(why)
    pending = list(corpus())
    for way in UNGUARDED:
        results = {attack: bool(broke or lacks) for attack, broke, lacks in trials(way, pending)}
        assert list(results) == pending
        pending = [attack for attack, done in results.items() if not done]
    assert pending == []
