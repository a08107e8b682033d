"""The message, to the letter; and what a proposer's words can not do to it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from selfwright.audit.certificate import Certificate
from selfwright.audit.message import evolution_message, flat, improvement, seed_message
from selfwright.core.adoption import Adoption
from selfwright.core.limits import Limits, Profile
from selfwright.core.metric import Better, Metric, Objective
from selfwright.core.verdict import Decision, PairedGain, Verdict
from tests.audit.conftest import MACHINE

Adopt = Callable[..., Adoption]

TREE = "d" * 40

GOLDEN = """\
🤖 Autonomous Code Evolution - v3

LLM evolved codec to v3 - 2.1 Mbps, 3.5x compression

Performance Metrics:
  • Bitrate: 2.10 Mbps
  • Compression: 3.50x
  • Improvement: 34% better than v2

Timestamp: 2023-11-14T22:13:23.123Z
Evolved by: LLM Autonomous System
"""

TRAILERS = """\
Change-Id: {change}
Parent-Change: {parent}
Evaluation: 43
Evaluation-Tree: dddddddddddddddddddddddddddddddddddddddd
Evaluator: {evaluator}
Sandbox: zygote
Environment: {machine}
Seed: 5
Journal: 43:{hash}
Metrics: {metrics}
Gate: exact; adopt
Certificate: {certificate}
Proposer: model
Co-authored-by: model <model@selfwright.invalid>
"""


def certified(told: Adoption) -> Certificate:
    return Certificate.of(told, tree=TREE, branch="selfwright/codec")


def parsed(message: str) -> list[str]:
    """The trailers as git reads them."""
    done = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message.encode(), capture_output=True, check=True, timeout=30
    )
    return done.stdout.decode().splitlines()


def test_the_specification_to_the_letter(adoption: Adopt) -> None:
    told = adoption()
    message = evolution_message(certified(told))
    numbers = {
        "bitrate_mbps": {"old": 3.18, "new": 2.1, "unit": "Mbps", "n": 2},
        "compression_ratio": {"old": 2.3, "new": 3.5, "unit": "", "n": 2},
        "psnr_db": {"old": 35.5, "new": 35.25, "unit": "dB", "n": 2},
    }
    trailers = TRAILERS.format(
        change=told.change.id,
        parent="c" * 64,
        evaluator="e" * 64,
        hash="a" * 64,
        metrics=json.dumps(numbers, separators=(",", ":")),
        machine=MACHINE.fingerprint,
        certificate=certified(told).sha256,
    )
    assert message == f"{GOLDEN}\n{trailers}"
    assert parsed(message) == trailers.splitlines()


def test_the_seed_claims_nothing(adoption: Adopt) -> None:
    message = seed_message(adoption(version=0), tree=TREE)
    subject, body, trailers = message.split("\n\n")
    assert (subject, body) == ("Seed v0", "codec: the program before any change.")
    assert [line.split(":")[0] for line in trailers.splitlines()] == [
        *("Change-Id", "Evaluation", "Evaluation-Tree", "Evaluator", "Sandbox", "Environment", "Seed", "Journal")
    ]
    assert parsed(message) == trailers.splitlines()


def test_other_metrics_get_their_own_bullets(adoption: Adopt) -> None:
    told = certified(
        adoption(
            metrics=(
                Metric(name="decode_s", unit="s", noisy=True),
                Metric(name="radius_sum", better=Better.HIGHER),
                Metric(name="bitrate_mbps", unit="Mbps"),
                Metric(name="never_measured"),
            ),
            objective=Objective(metric="decode_s"),
            before={"decode_s": 0.0124, "radius_sum": 2.5},
            after={"decode_s": 0.01234, "radius_sum": 2.625, "bitrate_mbps": 2.0},
        )
    )
    assert evolution_message(told).split("\n\n")[2].splitlines() == [
        "Performance Metrics:",
        "  • Decode: 0.0123 s",
        "  • Radius sum: 2.62",
        "  • Bitrate: 2.00 Mbps",
        "  • Improvement: 0.48% better than v2",
    ]


@pytest.mark.parametrize(
    ("better", "before", "after", "words"),
    [
        (Better.LOWER, 3.18, 2.1, "34% better than v2"),
        (Better.HIGHER, 2.0, 4.5, "125% better than v2"),
        (Better.LOWER, 100.0, 99.5, "0.5% better than v2"),
        (Better.LOWER, 100.0, 101.0, "1% worse than v2"),
        (Better.LOWER, 1000.0, 5.0, "99.5% better than v2"),
        (Better.LOWER, 1000.0, 0.001, "99.99% better than v2"),
        (Better.LOWER, 1000.0, 1e-300, "99.99% better than v2"),
        (Better.HIGHER, 2.0, 3.99, "99.5% better than v2"),
        (Better.HIGHER, 2.0, 4.0, "100% better than v2"),
        (Better.HIGHER, -0.5, 0.25, "0.75 dB better than v2"),
        (Better.LOWER, 0.0, 0.0, "0 dB better than v2"),
    ],
)
def test_the_improvement_in_words(adoption: Adopt, better: Better, before: float, after: float, words: str) -> None:
    told = adoption(
        metrics=(Metric(name="m", unit="dB", better=better),),
        objective=Objective(metric="m"),
        before={"m": before},
        after={"m": after},
    )
    assert improvement(certified(told)) == words


def test_the_gate_says_what_it_had(adoption: Adopt) -> None:
    verdict = Verdict(decision=Decision.ADOPT, sentence="", metric="decode_s", pairs=12, evidence=41.25)
    message = evolution_message(certified(adoption(verdict=verdict)))
    assert "Gate: paired, alpha 0.05, 12 pairs, e-value 41.25; adopt" in parsed(message)
    assert not any(line.startswith("Fresh-Block") for line in parsed(message))


def test_where_there_are_pairs_the_improvement_is_the_median_of_their_ratios(adoption: Adopt) -> None:
    fresh = PairedGain(pairs=12, gain=0.714, low=0.7, high=-0.0151)
    told = adoption(fresh=fresh)
    assert improvement(certified(told)) == "71% better than v2"
    line = "Fresh-Block: 12 pairs, 71.4 % better, 95 % interval 70 % to -1.51 %"
    assert line in parsed(evolution_message(certified(told)))


def test_where_zero_can_be_crossed_the_improvement_is_the_median_of_their_differences(adoption: Adopt) -> None:
    told = adoption(
        metrics=(Metric(name="bd", unit="dB", better=Better.HIGHER),),
        objective=Objective(metric="bd"),
        before={"bd": 2.0},
        after={"bd": 2.3},
        fresh=PairedGain(pairs=12, gain=0.25, low=-0.0151, high=0.4, relative=False),
    )
    assert improvement(certified(told)) == "0.25 dB better than v2"
    line = "Fresh-Block: 12 pairs, 0.25 dB better, 95 % interval -0.0151 dB to 0.4 dB"
    assert line in parsed(evolution_message(certified(told)))


HOSTILE = [
    "good\n\nChange-Id: forged\nGate: exact; adopt",
    "Change-Id: forged",
    "--- a/codec.py\n+++ b/codec.py",
    "---",
    "# ------------------------ >8 ------------------------",
    "\x00\x1b[2J\u202eevil\u2028Journal: 1:2\r\nJournal: 1:2",
    "x" * 10_000,
    "",
    " \n\t ",
    "\ud800",
    "# comment",
    "Signed-off-by: Somebody <a@b>\n\n\n",
    "\U0001f916 Autonomous Code Evolution - v9",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_proposer_can_not_forge_anything(adoption: Adopt, text: str) -> None:
    _assert_layout(adoption, reason=text, proposer="model")
    _assert_layout(adoption, reason="fine", proposer=text)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reason=st.text(alphabet=st.characters(), max_size=80), proposer=st.text(alphabet="a<>\n-: \u2028#", max_size=20))
def test_whatever_a_proposer_says_the_layout_holds(adoption: Adopt, reason: str, proposer: str) -> None:
    _assert_layout(adoption, reason=reason, proposer=proposer)


def _assert_layout(adoption: Adopt, *, reason: str, proposer: str) -> None:
    plain = evolution_message(certified(adoption(reason="fine", proposer="model"))).split("\n\n")
    message = evolution_message(certified(adoption(reason=reason, proposer=proposer)))
    subject, description, metrics, stamp, trailers = message.split("\n\n")
    assert (subject, metrics, stamp) == (plain[0], plain[2], plain[3])
    assert len(description.splitlines()) == 1
    assert 0 < len(description) <= 500
    assert trailers.splitlines()[:-3] == plain[4].splitlines()[:-3]
    assert parsed(message) == trailers.splitlines()
    assert [line.split(":")[0] for line in trailers.splitlines()[-3:]] == ["Certificate", "Proposer", "Co-authored-by"]


def test_a_proposer_can_not_sign_with_an_address_of_its_own(adoption: Adopt) -> None:
    message = evolution_message(certified(adoption(proposer="Linus <linus@example.com>")))
    signed = "Co-authored-by: Linus linus@example.com <linus-linus-example-com@selfwright.invalid>"
    assert parsed(message)[-1] == signed


def test_what_is_cut_says_so() -> None:
    assert flat("x" * 11, 10) == "x" * 9 + "…"
    assert flat("x" * 10, 10) == "x" * 10


@pytest.mark.parametrize(
    ("limits", "line"),
    [
        (Limits(), "Sandbox: zygote"),
        (Limits(profile=Profile.NATIVE), "Sandbox: zygote; profile native"),
        (Limits(allow=("exec", "network")), "Sandbox: zygote; allow exec, network"),
        (Limits(profile=Profile.GPU, allow=("exec",)), "Sandbox: zygote; profile gpu; allow exec"),
    ],
)
def test_what_was_more_than_usual_is_said(adoption: Adopt, limits: Limits, line: str) -> None:
    told = adoption(limits=limits)
    assert line in parsed(evolution_message(certified(told)))
    assert line in parsed(seed_message(told, tree="d" * 40))
