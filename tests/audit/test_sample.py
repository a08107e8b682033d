"""Samples: what a certificate says follows from them, the decision too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from selfwright.audit.certificate import Certificate
from selfwright.audit.sample import follow
from selfwright.core.verdict import Decision
from selfwright.testing.proposer import ScriptedProposer
from tests.evolve.test_parked import LITTLE, noisy_toy
from tests.evolve.toy import Toy, judge_toy, proposal


def certified(toy: Toy, *proposals: object) -> Certificate:
    """Return the certificate of v1."""
    toy.run(ScriptedProposer(proposals, lag=1))
    return Certificate.of(toy.adopter.adopted[1], tree="1" * 40, branch="selfwright/toy")


@pytest.fixture(scope="module", params=["at once", "resumed", "exact"])
def certificate(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("run")
    if request.param == "exact":
        return certified(Toy(folder, judge=judge_toy), proposal(50))
    return certified(noisy_toy(folder), *(LITTLE if request.param == "resumed" else [proposal(50)]))


def test_a_true_one_follows_and_reads_back(certificate: Certificate) -> None:
    assert follow(certificate).holds
    assert follow(Certificate.read(certificate.to_json())).holds


@pytest.mark.parametrize(
    "edit",
    [
        lambda said: {"evidence": said.evidence * 1.001 + 1},
        lambda said: {"pairs": said.pairs + 1},
        lambda said: {"decision": Decision.INDECISIVE},
        lambda said: {"sentence": said.sentence.replace("adopted", "adopted at last")},
        lambda said: {"needed": 20.0},
        lambda said: {"gain": 0.9, "candidate": 1.0},
    ],
)
def test_a_verdict_that_does_not_follow_is_said(
    certificate: Certificate, edit: Callable[[object], dict[str, object]]
) -> None:
    assert certificate.verdict is not None
    forged = replace(certificate, verdict=replace(certificate.verdict, **edit(certificate.verdict)))
    finding = follow(forged)
    assert (finding.holds, "verdict" in finding.words) == (False, True), finding


def test_pairs_that_decided_can_not_be_left_out(tmp_path: Path) -> None:
    certificate = certified(noisy_toy(tmp_path), proposal(50))
    fewer = tuple(each for each in certificate.samples if each.purpose != "pair:3")
    assert follow(replace(certificate, samples=fewer)).holds is False
    none = tuple(each for each in certificate.samples if not each.purpose.startswith("pair"))
    assert follow(replace(certificate, samples=none)).holds is False


@pytest.mark.parametrize("kept", [lambda index: index < 3, lambda index: index != 5])
def test_a_fresh_block_is_whole(tmp_path: Path, kept: Callable[[int], bool]) -> None:
    certificate = certified(noisy_toy(tmp_path), proposal(50))
    few = tuple(
        each for each in certificate.samples
        if not each.purpose.startswith("freshpair:") or kept(int(each.purpose.partition(":")[2]))
    )  # fmt: skip
    assert len(few) < len(certificate.samples)
    finding = follow(replace(certificate, samples=few))
    assert (finding.holds, "fresh" in finding.words) == (False, True), finding


def test_a_noisy_gain_without_pairs_is_none(tmp_path: Path) -> None:
    certificate = certified(Toy(tmp_path, judge=judge_toy), proposal(50))
    assert follow(certificate).holds
    clocked = tuple(replace(each, noisy=each.name == "size") for each in certificate.metrics)
    assert follow(replace(certificate, metrics=clocked)).holds is False
