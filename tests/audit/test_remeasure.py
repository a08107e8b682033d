"""Measuring again: what reproduces, what does not, and which of the two it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.audit.again import Again
from selfwright.audit.certificate import Certificate
from selfwright.audit.exhibit import Commit, Exhibit
from selfwright.audit.finding import Finding
from selfwright.audit.message import evolution_message
from selfwright.audit.remeasure import Bench, measure_again
from selfwright.core.change import Files
from selfwright.core.draw import draw
from selfwright.core.machine import Machine
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Item, Outcome
from selfwright.testing.engine import FunctionEngine
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.toy import SEED, Toy, judge_toy, program, proposal

Judge = Callable[[Files, Item], Outcome]

HERE = Machine(cpu="c", kernel="Linux 6", python="CPython 3.11.7", packages={"numpy": "2.0"})
THERE = replace(HERE, cpu="d", packages={"numpy": "2.1"})


def scaled(files: Files, item: Item, factor: float) -> Outcome:
    outcome = judge_toy(files, item)
    readings = tuple(
        replace(each, metrics={**each.metrics, "size": (each.metrics["size"][0] * factor,)})
        for each in outcome.readings
    )
    return replace(outcome, readings=readings)


def jittery(files: Files, item: Item) -> Outcome:
    """Up to 1 % off, by the draw and the program."""
    return scaled(files, item, 1 + draw(item.seed, item.change) / 2**63 / 100)


def certified(folder: Path, judge: Judge, *, noisy: bool) -> tuple[Toy, Certificate]:
    """A toy run in which 50 B were adopted over 100 B."""
    toy = Toy(folder, judge=judge, noisy=noisy, machine=HERE)
    toy.run(ScriptedProposer((proposal(50),), lag=1))
    return toy, Certificate.of(toy.adopter.adopted[1], tree="1" * 40, branch="selfwright/toy")


def found(
    toy: Toy, certificate: Certificate, judge: Judge, *, here: Machine = HERE, note: bool = True, size: float = 50
) -> dict[str, Finding]:
    commit = Commit(
        id="ab" * 20, tree="1" * 40, parents=(certificate.parent or "",), author="", committer="",
        message=evolution_message(certificate),
    )  # fmt: skip
    exhibit = Exhibit(
        commit=commit, note=certificate.to_json() if note else None, expected=None, seed=None, folder=""
    )  # fmt: skip
    engine = FunctionEngine(judge, cases=toy.cases, workers=2)
    bench = Bench(
        exhibit=exhibit, problem=toy.problem, again=Again(engine=engine, subject="problem:toy", seed=certificate.seed),
        sides={"candidate": program(size), "incumbent": SEED}, here=here, say=lambda words: None,
    )  # fmt: skip
    return {finding.what: finding for finding in measure_again(bench)}


@pytest.mark.parametrize("note", [True, False])
def test_a_clocked_gain_that_is_there_again_holds(tmp_path: Path, note: bool) -> None:
    toy, certificate = certified(tmp_path, jittery, noisy=True)
    findings = found(toy, certificate, jittery, note=note)
    assert {each.holds for each in findings.values()} == ({True} if note else {True, None})
    assert (findings["gain"].holds, findings["gain"].lacks) == ((True, False) if note else (None, True))
    assert "better than the version before" in findings["gain"].words and "; said was " in findings["gain"].words


def test_a_clocked_gain_that_was_overstated_does_not_reproduce(tmp_path: Path) -> None:
    toy, certificate = certified(tmp_path, jittery, noisy=True)
    assert certificate.fresh is not None
    told = replace(certificate, fresh=replace(certificate.fresh, gain=0.6, low=0.59, high=0.61))
    gain = found(toy, told, jittery)["gain"]
    assert gain.holds is False
    assert gain.words.endswith("the intervals do not overlap, it is less than was said")
    modest = replace(certificate, fresh=replace(certificate.fresh, gain=0.1, low=0.09, high=0.11))
    assert found(toy, modest, jittery)["gain"].words.endswith("it is more than was said")


@pytest.mark.parametrize(("size", "answer"), [(50, None), (99.9, False)])
def test_an_interval_that_overlaps_everything_shows_nothing(tmp_path: Path, size: float, answer: bool | None) -> None:
    toy, certificate = certified(tmp_path, jittery, noisy=True)
    assert certificate.fresh is not None
    wide = replace(certificate, fresh=replace(certificate.fresh, gain=0.6, low=-9.0, high=0.999))
    gain = found(toy, wide, jittery, size=size)["gain"]
    assert gain.holds is answer, gain
    words = "nor is it shown" if answer is None else "which is not the minimum effect of 1 %"
    assert words in gain.words and "said was 60 % better than it (-900 to 99.9)" in gain.words
    true = replace(certificate, fresh=replace(certificate.fresh, low=-9.0, high=0.999))
    assert found(toy, true, jittery)["gain"].holds is True


def test_what_is_slower_here_is_harm_and_found_within_few_pairs(tmp_path: Path) -> None:
    toy, certificate = certified(tmp_path, jittery, noisy=True)
    gain = found(toy, certificate, lambda files, item: scaled(files, item, 3 if files == program(50) else 1))["gain"]
    assert gain.holds is False
    assert "it is worse than the version before, E = " in gain.words
    assert int(gain.words.split("after ")[1].split(" pairs")[0]) < 12


def test_exact_numbers_are_compared_to_the_bit_where_the_machine_is_the_same(tmp_path: Path) -> None:
    toy, certificate = certified(tmp_path, judge_toy, noisy=False)
    assert {each.holds for each in found(toy, certificate, judge_toy).values()} == {True}
    off = found(toy, certificate, lambda files, item: scaled(files, item, 1 + 2**-50))
    assert [off[what].holds for what in ("candidate", "incumbent")] == [False, False]
    assert "size of a is 50.00000000000004 here, its certificate says 50.0" in off["candidate"].words


def test_elsewhere_they_may_differ_by_what_is_said_and_no_more(tmp_path: Path) -> None:
    toy, certificate = certified(tmp_path, judge_toy, noisy=False)
    near = found(toy, certificate, lambda files, item: scaled(files, item, 1.005), here=THERE)
    assert near["machine"].holds is None and "cpu c / d; numpy 2.0 / 2.1" in near["machine"].words
    assert near["candidate"].holds is True and "within 1%" in near["candidate"].words
    far = found(toy, certificate, lambda files, item: scaled(files, item, 1.05), here=THERE)
    assert far["candidate"].holds is False


def test_a_constraint_that_breaks_and_a_judge_that_fails_are_said(tmp_path: Path) -> None:
    toy, certificate = certified(tmp_path, judge_toy, noisy=False)

    def faulty(files: Files, item: Item) -> Outcome:
        return Outcome(status=TrialStatus.UNJUDGED, reason="clips.bin is missing")

    (measured,) = found(toy, certificate, faulty).values()
    assert (measured.holds, measured.words) == (
        False, "the candidate could not be measured here: clips.bin is missing",
    )  # fmt: skip
    ugly = found(toy, certificate, lambda files, item: judge_toy({"p.py": b"SIZE = 50\nQUALITY = 20\n"}, item))
    assert ugly["gain"].holds is False and "breaks the constraint quality >= 30" in ugly["gain"].words


def test_where_everything_is_clocked_nothing_is_said_of_what_is_deterministic(tmp_path: Path) -> None:
    toy, certificate = certified(tmp_path, jittery, noisy=True)
    toy.problem = replace(toy.problem, metrics=tuple(replace(each, noisy=True) for each in toy.problem.metrics))
    for here in (HERE, THERE):
        findings = found(toy, certificate, jittery, here=here)
        assert set(findings) == {"machine", "gain", "holdout"}
        assert not any("deterministic" in each.words for each in findings.values())
    toy.cases = {stage: cases[:1] for stage, cases in toy.cases.items()}
    fewer = found(toy, certificate, jittery)
    assert fewer["candidate"].holds is False and "the judge has the cases a, not a, b" in fewer["candidate"].words
