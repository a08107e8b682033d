"""What a version's commit says, gathered from a journal: the same whenever it is gathered."""

from dataclasses import replace
from pathlib import Path

from selfwright.core import event as ev
from selfwright.core.adoption import Adoption
from selfwright.core.machine import Machine
from selfwright.evolve.library import Library
from selfwright.testing.proposer import ScriptedProposer
from selfwright.views.adoption import adoption_of
from selfwright.views.run import RunState
from tests.evolve.toy import Toy, proposal

HERE = Machine(cpu="c", kernel="Linux 6", python="CPython 3.11.7", packages={})
THERE = replace(HERE, cpu="d")


def gathered(toy: Toy) -> list[Adoption]:
    """Every adoption of a journal, from the events up to its announcement and no other."""
    state, found = RunState(), []
    for record in toy.journal.read():
        state.apply(record)
        if isinstance(record.event, ev.AdoptionIntended):
            files = Library(toy.blobs).load(state.last(record.event.trial).proposed.tree)
            found.append(adoption_of(state, record, files))
    return found


def test_what_is_gathered_later_is_what_was_adopted(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.run(ScriptedProposer((proposal(90), proposal(80, more="# HIDDEN\n"), proposal(50)), lag=1))
    assert gathered(toy) == toy.adopter.adopted
    assert [adoption.look for adoption in toy.adopter.adopted] == [0, 1, 3]  # the second look is of what failed there


def test_all_samples_are_there_and_none_of_the_holdout(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.run(ScriptedProposer((proposal(90),), lag=1))
    adoption = toy.adopter.adopted[1]
    found = [(each.side, each.purpose, each.stage, each.case) for each in adoption.samples]
    searched = [("smoke", "a"), ("full", "a"), ("full", "b"), ("full", "c")]
    own = [("candidate", "search", *spot) for spot in searched]
    fresh = [("candidate", "fresh", "full", case) for case in "abc"]
    assert sorted(found) == sorted([*own, *fresh, *(("incumbent", "search", *spot) for spot in searched)])
    assert {each.readings[0].metrics["size"] for each in adoption.samples if each.side == "incumbent"} == {(100.0,)}
    assert len({each.seed for each in adoption.samples if each.stage == "full"}) == 1


def test_of_a_noisy_objective_both_sides_of_each_pair_are_there(tmp_path: Path) -> None:
    toy = Toy(tmp_path, noisy=True)
    toy.run(ScriptedProposer((proposal(50),), lag=1))
    adoption = toy.adopter.adopted[1]
    pairs = [each for each in adoption.samples if each.purpose.startswith("freshpair:")]
    assert adoption.fresh is not None and len(pairs) == 2 * adoption.fresh.pairs
    first = {each.side: each for each in pairs if each.purpose == "freshpair:0"}
    assert first["candidate"].seed == first["incumbent"].seed
    assert first["candidate"].readings[0].metrics["size"] == (50.0,)
    assert first["incumbent"].readings[0].metrics["size"] == (100.0,)


def test_a_run_that_went_on_elsewhere_names_both_machines(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    proposer = ScriptedProposer((proposal(90), proposal(50)), lag=1)
    toy.open(proposer)
    toy.machine = HERE
    toy.drive(proposer, trials=1)
    toy.machine = THERE
    toy.drive(proposer)
    assert [adoption.machines for adoption in toy.adopter.adopted[1:]] == [(HERE,), (THERE,)]
