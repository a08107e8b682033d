"""Trials that fail for one reason, of a run that was really driven."""

from pathlib import Path

from selfwright.diagnose import clusters, diagnosis_of
from tests.evolve.test_loop import scripted
from tests.evolve.toy import Toy, proposal

TRIED = (
    proposal(90), proposal(95), proposal(80, quality=20), proposal(70, more="# CRASH\n"),
    proposal(71, more="# CRASH\n"),
    proposal(60, more="# BAD\n"), proposal(50, more="# HIDDEN\n"), proposal(88, more="import nothing_of_the_kind\n"),
    proposal(95), proposal(41, quality=22.5), proposal(42, more="import nothing_of_the_kind\n"),
    proposal(72, more="# CRASH\n"),
)  # fmt: skip


def test_failures_are_gathered_by_their_cause_the_most_frequent_first(tmp_path: Path) -> None:
    state = Toy(tmp_path).run(scripted(*TRIED))
    found = clusters(state)
    assert [(each.diagnosis.name, each.trials) for each in found] == [
        ("index-out-of-range", ("t4", "t5", "t12")),
        ("constraint-broken", ("t3", "t10")),
        ("import-undeclared", ("t8", "t11")),
        ("wrong-shape", ("t6",)),
        ("held-out-worse", ("t7",)),
        ("duplicate", ("t9",)),
    ]
    assert str(found[0]).startswith("3 trials fail with the same root cause: lookup, low: an index lies outside")
    assert str(found[-1]).startswith("t9 fails: nothing, low: it is a program that was tried before")


def test_what_was_adopted_or_merely_no_better_did_not_fail(tmp_path: Path) -> None:
    state = Toy(tmp_path).run(scripted(proposal(90), proposal(95)))
    assert [diagnosis_of(state, state.last(number)) for number in (0, 1, 2)] == [None, None, None]
    assert clusters(state) == []
