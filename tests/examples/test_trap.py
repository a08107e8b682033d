"""The trap: what the naive loop falls for, and what Selfwright does not."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "examples" / "trap"))

import stream
import trap

CHEATS = [each for each in stream.PROPOSALS if each[0].startswith(("never", "leaves", "a clock"))]


@pytest.fixture(autouse=True)
def cheats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trap, "PROPOSALS", CHEATS)


def test_the_naive_loop_is_hung_ended_and_fooled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trap, "SILENCE_S", 2.0)
    points = trap.naive()
    assert len(points) == len(CHEATS)
    by_title = dict(zip((title for title, _ in CHEATS), points, strict=True))
    assert by_title["never returns"].note == "the loop hangs; killed after 2 s"
    assert by_title["leaves by os._exit"].note == "the loop is gone"
    assert points[-1].claimed > 1000
    assert points[-1].source == CHEATS[-1][1]


def test_selfwright_adopts_none_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(trap.HERE / "problem", tmp_path / "here" / "problem")
    file = tmp_path / "here" / "problem" / "problem.toml"
    file.write_text(re.sub("max_pairs = .*", "max_pairs = 5", file.read_text()))  # even a true gain needs more
    monkeypatch.setattr(trap, "HERE", tmp_path / "here")
    points = trap.proven(tmp_path)
    assert [point.claimed for point in points] == [1.0] * len(CHEATS)
    said = capsys.readouterr().err
    assert "timed_out in full/list" in said and "exit code 0 without an answer" in said
    assert said.count("parked") == 2


def test_what_is_true_is_measured_beside_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trap, "PAIRS", 9)
    quick = stream.SEED.replace("for number in numbers:", "for number in numbers[::20]:")
    true = trap.remeasure([quick, CHEATS[-1][1]])
    assert true[quick] > 1.2
    assert true[CHEATS[-1][1]] < 1.5


def test_every_change_but_the_broken_gives_the_same_digest() -> None:
    numbers = list(range(2000))
    results = []
    for title, source in (("seed", stream.SEED), *stream.PROPOSALS):
        if not title.startswith(("never", "leaves", "a clock")):
            space: dict[str, object] = {}
            exec(source, space)
            results.append(space["digest"](numbers))  # type: ignore[operator]
    assert len(results) == len(stream.PROPOSALS) - 4 + 1
    assert all(result == results[0] for result in results)
