"""What an attack says, took or left is held against the bounds; each bound has a case on both sides."""

from __future__ import annotations

import pytest

from selfwright.bench.outcome import CommandOutcome
from selfwright.core.status import CallStatus
from tests.hostile.remains import marked, sweep
from tests.hostile.way import Evaluation
from tests.hostile.world import LIMITS, bounds


def done(*, score: float = 0.0, cpu_s: float = 0.0, **outcome: object) -> Evaluation:
    return Evaluation(outcome=CommandOutcome(**{"status": CallStatus.OK, **outcome}), score=score, cpu_s=cpu_s)


def test_nothing_got_is_held() -> None:
    assert bounds(done(result=[0.0], log="text\n"), {}) == []


@pytest.mark.parametrize("score", [1.0, 1e9, float("nan"), float("inf"), -1.0])
def test_any_score_is_a_gain(score: float) -> None:
    assert bounds(done(score=score), {})


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        ({}, {"got": "a socket"}),
        ({"took": "MiB", "amount": 8, "most": 8}, {"took": "MiB", "amount": 9, "most": 8}),
    ],
)
def test_an_attack_is_taken_at_its_word(within: dict[str, object], beyond: dict[str, object]) -> None:
    assert bounds(done(), within) == []
    assert bounds(done(), beyond)


def test_time_that_was_not_counted_is_a_gain() -> None:
    assert bounds(done(cpu_s=0.6, wall_s=0.5), {"burnt_s": 0.6}) == []
    assert bounds(done(cpu_s=0.2), {"burnt_s": 0.6})
    assert bounds(done(wall_s=0.5), {"slept_s": 0.5}) == []
    assert bounds(done(wall_s=0.0), {"slept_s": 0.5})


@pytest.mark.parametrize(
    "outcome",
    [
        {"log": "x" * (LIMITS.log_kb * 1024 + 30_000)},
        {"reason": "x" * 20_000},
        {"log": "\x1b[31m"},
        {"reason": "\u202e"},
        {"result": bytes((LIMITS.output_mb << 20) + 2)},
        {"left": {"result.bin": bytes((LIMITS.files_mb << 20) + 1)}},
    ],
    ids=["log", "reason", "escape", "direction", "result", "file"],
)
def test_what_is_too_large_or_unfit_for_a_terminal_is_seen(outcome: dict[str, object]) -> None:
    assert bounds(done(**outcome), {})


def test_what_carries_the_marker_is_found_and_swept(tmp_path) -> None:
    (tmp_path / "marker-1").touch()
    (tmp_path / "other").touch()
    assert marked("marker", [str(tmp_path)]) == [str(tmp_path / "marker-1")]
    sweep("marker", [str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["other"]
