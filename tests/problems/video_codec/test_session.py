"""The recorded session: it parses, it is what `tools/codec_ladder` builds, and it really climbs."""

import json
import re
import runpy
from types import SimpleNamespace

import pytest

from selfwright import InvalidCandidate
from tests.problems.video_codec.conftest import PROBLEM, CallFailed, Candidate

BUILDER = PROBLEM.parents[3] / "tools/codec_ladder/build_session.py"
SESSION = PROBLEM / "session.jsonl"
MINIMUM_EFFECT, LEAST_DB = 0.005, 34.0
IDEAS = {
    "DCT": "v2_dct.py",
    "def search": "v3_motion.py",
    "def upsample": "v4_quarter.py",
    "class Levels": "v5_contexts.py",
    "def schedule": "v6_bidirectional.py",
    "class Mixer": "v7_mixing.py",
    "RATE_LAMBDA": "v8_rate_distortion.py",
    "[middle(best), ": "v9_merge.py",
    "def smooth": "v10_smoothing.py",
}
"""What stands for an idea in the text, and the program that adds it; none before may hold it, not even switched off."""


def proposals() -> list[dict]:
    """The session's lines."""
    return [json.loads(line) for line in SESSION.read_text(encoding="utf-8").splitlines()]


def named() -> list[tuple[str, str]]:
    """Name and text of each program, in order; `v` are meant to be adopted, `x` are not."""
    steps = runpy.run_path(str(BUILDER))["STEPS"]
    return [(name, line["files"]["codec.py"]) for (name, _), line in zip(steps, proposals(), strict=True)]


def score(source: str, stage: str, seed: int) -> tuple[dict[str, float], float]:
    """Mbps of each case, and the worst PSNR."""
    import judge

    a_stage = SimpleNamespace(name=stage, seed=seed, holdout=stage == "holdout")
    metrics = {
        clip: judge.measure(Candidate(source), SimpleNamespace(id=clip, stage=a_stage, seed=seed)).metrics
        for clip in judge.cases(a_stage)
    }
    rates = {clip: m["bitrate_mbps"] for clip, m in metrics.items()}
    return rates, min(m["psnr_db"] for m in metrics.values())


def test_every_line_is_a_proposal() -> None:
    lines = proposals()
    assert 9 <= len(lines) <= 20
    for line in lines:
        assert set(line) == {"files", "parent", "reason", "proposer", "usd", "tokens"}
        assert list(line["files"]) == ["codec.py"]
        compile(line["files"]["codec.py"], "codec.py", "exec")
        assert line["parent"] == "best" and line["usd"] == 0.0 and line["proposer"] == "recorded"
        assert 40 < len(line["reason"]) < 500 and "\n" not in line["reason"]
    assert len({line["files"]["codec.py"] for line in lines}) == len(lines)


def test_the_session_is_what_its_builder_builds() -> None:
    assert SESSION.read_text(encoding="utf-8") == runpy.run_path(str(BUILDER))["build"]()


@pytest.mark.parametrize(("sign", "first"), IDEAS.items())
def test_no_program_holds_the_idea_of_a_later_one(sign: str, first: str) -> None:
    assert next(name for name, source in named() if sign in source) == first


def test_the_last_program_offers_constants_to_tune() -> None:
    pattern = re.compile(r"^[A-Z_]+ = ([0-9.]+)  # tune: ([0-9.]+)\.\.([0-9.]+)$", re.MULTILINE)
    found = pattern.findall(proposals()[-1]["files"]["codec.py"])
    assert 4 <= len(found) <= 7
    assert all(float(low) < float(value) < float(high) for value, low, high in found)


def test_the_ladder_climbs_on_the_smoke_stage() -> None:
    best, _ = score((PROBLEM / "codec.py").read_text(encoding="utf-8"), "smoke", 0)
    best_rate, adopted = sum(best.values()), 0
    for name, source in named():
        if not name.startswith("v"):
            continue
        rates, decibels = score(source, "smoke", 0)
        assert decibels >= LEAST_DB, name
        assert sum(rates.values()) < best_rate * (1 - MINIMUM_EFFECT), name
        best_rate, adopted = sum(rates.values()), adopted + 1
    assert adopted >= 5


def test_the_mistakes_fail_as_they_are_meant_to() -> None:
    programs = dict(named())
    assert score(programs["x1_eight_levels.py"], "smoke", 0)[1] < LEAST_DB
    with pytest.raises(InvalidCandidate, match="shape"):
        score(programs["x6_large_blocks.py"], "smoke", 0)
    with pytest.raises(InvalidCandidate, match="disagree"):
        score(programs["x9_dither.py"], "smoke", 0)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [0, 43])
def test_the_whole_ladder_is_adopted_and_the_mistakes_are_not(seed: int) -> None:
    source = (PROBLEM / "codec.py").read_text(encoding="utf-8")
    best, hidden = score(source, "full", seed)[0], score(source, "holdout", seed)[0]
    for name, text in named():
        try:
            rates, decibels = score(text, "full", seed)
            later, later_decibels = score(text, "holdout", seed)
        except (InvalidCandidate, CallFailed):
            assert name.startswith("x"), name
            continue
        better = sum(rates.values()) < sum(best.values()) * (1 - MINIMUM_EFFECT)
        held = all(later[clip] <= hidden[clip] for clip in hidden)
        adopted = min(decibels, later_decibels) >= LEAST_DB and better and held
        assert adopted == name.startswith("v"), (name, rates, decibels, later)
        if adopted:
            best, hidden = rates, later
