"""A message alone: what it says twice must agree; nothing that is true is accused."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfwright.audit.certificate import Certificate
from selfwright.audit.exhibit import Commit, Exhibit
from selfwright.audit.message import evolution_message, seed_message
from selfwright.audit.retold import contradictions, unverified
from selfwright.bench.problem import Problem
from selfwright.core.metric import Better, Effect, Objective
from selfwright.core.verdict import PairedGain
from tests.audit.test_remeasure import certified, jittery
from tests.evolve.toy import judge_toy

Told = tuple[Problem, Certificate]


@pytest.fixture(scope="module")
def exact(tmp_path_factory: pytest.TempPathFactory) -> Told:
    toy, certificate = certified(tmp_path_factory.mktemp("exact"), judge_toy, noisy=False)
    return toy.problem, replace(certificate, reason="half of it: 50 B instead of 100 B, in 7 steps")


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Told:
    toy, certificate = certified(tmp_path_factory.mktemp("paired"), jittery, noisy=True)
    return toy.problem, certificate


def exhibit(message: str) -> Exhibit:
    commit = Commit(id="ab" * 20, tree="1" * 40, parents=(), author="", committer="", message=message)
    return Exhibit(commit=commit, note=None, expected=None, seed=None, folder="")


def wrong(told: Told, old: str = "", new: str = "") -> list[str]:
    """The contradictions of a message in which something was replaced."""
    message = evolution_message(told[1])
    assert old in message, message
    return contradictions(exhibit(message.replace(old, new, 1) if old else message), told[0])


def test_what_is_true_does_not_contradict_itself(exact: Told, paired: Told) -> None:
    assert wrong(exact) == wrong(paired) == []


EXACT = {
    "a bullet": ("Size: 50.00 B", "Size: 40.00 B", r"says '• Size: 40.00 B', its trailers give '• Size: 50.00 B'"),
    "the gain": ("50% better", "90% better", "'• Improvement: 90% better than v0', its trailers give .*50%"),
    "better than another": ("better than v0", "better than v7", "better than v7"),
    "the version": ("Evolution - v1", "Evolution - v3", "better than v0', its trailers give .* than v2"),
    "a trailer": ('"new":50.0', '"new":40.0', "50.00 B', its trailers give .*40.00 B"),
    "what was before": ('"old":100.0', '"old":900.0', "50% better than v0', its trailers give .*94%"),
    "both, to what adopts nothing": ('"new":50.0', '"new":NaN', "NaN|nan"),
    "no number": ('"new":50.0', '"new":true', "True of size, which are no numbers"),
    "endless": ('"new":50.0', '"new":1e999', "no numbers"),
    "another unit": ('"unit":"B"', '"unit":"kB"', "has the unit 'kB' for size, its problem 'B'"),
    "a metric that is none": (
        '"size":{',
        '"speed":{"old":1,"new":9,"unit":"","n":1},"size":{',
        "has 'speed', which is",
    ),
    "the gate": ("Gate: exact; adopt", "Gate: paired, alpha 0.05, 90 pairs, e-value 1e+09; adopt", "is not noisy"),
    "a verdict": ("Gate: exact; adopt", "Gate: exact; reject", "Gate is 'exact; reject'"),
    "a bullet more": ("  • Improvement", "  • Speed: 9x\n  • Improvement", "says '• Speed: 9x'"),
    "a paragraph more": ("\n\nPerformance", "\n\nReviewed and approved.\n\nPerformance", "'Reviewed and approved.'"),
    "the event": ("\nEvaluation: ", "\nEvaluation: 1", "Evaluation is 1"),
    "who evolved it": ("LLM Autonomous System", "Ada", "Evolved by: Ada"),
    "who proposed it": ("Proposer: ", "Proposer: not ", "Proposer is 'not .*, Co-authored-by"),
    "the sandbox's terms": (
        "\nEnvironment",
        "; allow network\nEnvironment",
        "Sandbox is .*allow network', its problem",
    ),
    "a line that is no trailer": ("\nProposer", "\nAudited-by: the Pope\nProposer", "'Audited-by: the Pope' is no"),
    "who judges": ("\nSeed: ", "\nJudge: the candidate itself\nSeed: ", "Judge is 'the candidate itself'"),
}


@pytest.mark.parametrize("name", EXACT)
def test_what_was_edited_in_one_of_two_places_is_said(exact: Told, name: str) -> None:
    old, new, words = EXACT[name]
    assert _matches(wrong(exact, old, new), words)


PAIRED = {
    "the gain": ("Improvement: ", "Improvement: 9", r"says '9\d+% better than v0', Fresh-Block '12 pairs, "),
    "the fresh block": ("Fresh-Block: 12 pairs, ", "Fresh-Block: 12 pairs, 9", "Fresh-Block is '12 pairs, 9"),
    "an end of the interval": ('"interval":[0.', '"interval":[-9.', r"Fresh-Block is .* has the interval \[-9\."),
    "no interval": ('"interval"', '"internal"', "has the interval None"),
    "exact": ("Gate: paired", "Gate: exact; adopt: paired", "is noisy, and is decided by pairs"),
    "an E too small": ("e-value ", "e-value 0.00", "adopts nothing, 8,000 is the least"),
    "an E too great": ("alpha 0.05, 1", "alpha 0.05, ", "8 pairs can not give an E of"),
}


@pytest.mark.parametrize("name", PAIRED)
def test_so_is_what_pairs_gave(paired: Told, name: str) -> None:
    old, new, words = PAIRED[name]
    assert _matches(wrong(paired, old, new), words)


@pytest.mark.parametrize("number", ["9" * 5000, "-1e9999", "1e-9999", "NaN", "Infinity", "null", "[]", '"1"', "{}"])
@pytest.mark.parametrize("key", ['"new":', '"old":', '"n":', '"interval":'])
def test_what_is_no_number_of_ours_is_said_and_stops_nothing(paired: Told, key: str, number: str) -> None:
    message = evolution_message(paired[1])
    said = message.partition(key)[2]
    end = said.index("]") + 1 if key == '"interval":' else re.search("[,}]", said).start()  # type: ignore[union-attr]
    found = wrong(paired, key + said[:end], key + number)
    assert found or key == '"n":' or (key, number) == ('"old":', "null"), found
    assert unverified(exhibit(message.replace(key + said[:end], key + number)), paired[0])


@pytest.mark.parametrize("digits", ["9" * 5000, "1e99999999999", "\u0663" * 3, "nan", "-1"])
def test_so_it_is_where_words_have_numbers(paired: Told, digits: str) -> None:
    assert wrong(paired, "better than v0", f"better than v{digits}")
    assert wrong(paired, "Improvement: ", f"Improvement: {digits}")
    assert wrong(paired, "alpha 0.05, ", f"alpha 0.05, {digits}")
    assert wrong(paired, "e-value ", f"e-value {digits}")
    assert exhibit(evolution_message(paired[1]).replace("n - v1", f"n - v{digits}")).commit.version is None


def test_without_a_fresh_block_a_noisy_gain_is_none(paired: Told) -> None:
    message = evolution_message(paired[1])
    block = next(line for line in message.splitlines(keepends=True) if line.startswith("Fresh-Block"))
    assert _matches(wrong(paired, block), "Fresh-Block is ''")


def test_both_places_edited_alike_to_what_adopts_nothing(exact: Told) -> None:
    problem, told = exact
    worse = replace(told, after={**told.after, "size": 100.0})
    assert _matches(wrong((problem, worse)), "from 100 to 100, which is no reason to adopt it")
    ugly = replace(told, after={**told.after, "quality": 1.0})
    assert _matches(wrong((problem, ugly)), "quality is 1, which breaks the constraint")


def test_a_seed_says_what_every_seed_says(exact: Told, tmp_path: Path) -> None:
    toy, _ = certified(tmp_path, judge_toy, noisy=False)
    message = seed_message(toy.adopter.adopted[0], tree="1" * 40)
    assert contradictions(exhibit(message), toy.problem) == []
    assert contradictions(exhibit(message.replace("before any change", "that won")), toy.problem)


def test_a_description_is_the_proposers_and_its_quantities_are_looked_up(exact: Told) -> None:
    problem, told = exact
    words = unverified(exhibit(evolution_message(told)), problem)
    assert "nobody verifies it" in words and "no trailer says" not in words
    boast = replace(told, reason="size is 5 B now, of 100 B")
    assert unverified(exhibit(evolution_message(boast)), problem).endswith("; no trailer says 5 B")


numbers = st.floats(1e-9, 1e12)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=numbers, part=st.floats(1e-6, 1 - 1e-6), higher=st.booleans(), quality=st.floats(30, 1e9))
def test_no_true_exact_message_is_accused(exact: Told, old: float, part: float, higher: bool, quality: float) -> None:
    problem, told = exact
    better = Better.HIGHER if higher else Better.LOWER
    metrics = tuple(replace(each, better=better) if each.name == "size" else each for each in problem.metrics)
    objective = replace(problem.objective, minimum_effect=Effect(amount=0.0, relative=True))
    new = old * (1 + part) if higher else old * (1 - part)
    told = replace(
        told, metrics=metrics, objective=objective, before={"size": old, "quality": 40},
        after={"size": new, "quality": quality},
    )  # fmt: skip
    assert wrong((replace(problem, metrics=metrics, objective=objective), told)) == []


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gain=st.floats(-0.5, 0.999999), below=st.floats(0, 2), above=st.floats(0, 2), relative=st.booleans(),
    scale=st.floats(1e-6, 1e6), higher=st.booleans(),
)  # fmt: skip
def test_no_true_paired_message_is_accused(
    paired: Told, gain: float, below: float, above: float, relative: bool, scale: float, higher: bool
) -> None:
    problem, told = paired
    better = Better.HIGHER if higher else Better.LOWER
    metrics = tuple(replace(each, better=better) if each.name == "size" else each for each in problem.metrics)
    objective = Objective(
        metric="size", constraints=problem.objective.constraints, minimum_effect=Effect(amount=0.0, relative=relative)
    )
    size = 1.0 if relative else scale
    fresh = PairedGain(
        pairs=12, gain=gain * size, low=(gain - below) * size, high=(gain + above) * size, relative=relative
    )
    told = replace(told, metrics=metrics, objective=objective, fresh=fresh)
    assert wrong((replace(problem, metrics=metrics, objective=objective), told)) == []


def _matches(found: list[str], words: str) -> bool:
    return bool(re.search(words, "; ".join(found))) or pytest.fail(f"{words!r} is not in {found}")
