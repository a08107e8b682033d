"""The main job, whole: what `make demo` runs, with one worker, killed in the middle, and with two and let be.

Run by `make test-slow`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.place import ENVIRONMENT, SELFWRIGHT, Place

CRUELTY = str(Path(__file__).parents[2] / "examples" / "cruelty" / "cruelty.py")

TRIALS = 22


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_the_demo_climbs_by_structure_then_by_tuning_and_is_the_same_twice(tmp_path: Path):
    place = Place.make(tmp_path)
    for name, workers, command in (("two", "2", [SELFWRIGHT, "run"]), ("one", "1", [sys.executable, CRUELTY])):
        done = subprocess.run(
            [*command, "video_codec", "--trials", str(TRIALS), "--workers", workers, "--dir", name], cwd=tmp_path,
            env=ENVIRONMENT, text=True, capture_output=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "proposals: recorded, then numeric; measurements: live" in done.stderr
    assert place.canonical("one") == place.canonical("two")
    trees = [
        place.git("log", "--format=%T", "selfwright/video_codec", repo=tmp_path / name / "repo.git")
        for name in ("one", "two")
    ]
    assert trees[0] == trees[1]

    log = place.log("two")
    adopted = [trial for trial in log if trial["state"] == "adopted"]
    by_structure = [trial for trial in adopted if trial["origin"] == "structure"]
    by_tuning = [trial for trial in adopted if trial["origin"] == "tuning"]
    assert len(by_structure) >= 5 and {trial["proposer"] for trial in by_structure} == {"recorded"}
    assert by_tuning and {trial["proposer"] for trial in by_tuning} == {"numeric"}
    lost = " ".join(str(trial["words"]) for trial in log if trial["state"] == "rejected")
    for reason in ("invalid in", "crashed in", "breaks the constraint psnr_db >= 34", "not better than"):
        assert reason in lost
    rates = [trial["metrics"]["bitrate_mbps"] for trial in adopted]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.1 * json.loads(place.call("show", "two", "seed", "--json").stdout)["measured"][1]["outcome"][
        "readings"][0]["metrics"]["bitrate_mbps"][0]  # fmt: skip
    report = (tmp_path / "two/report.html").read_text()
    assert all(f"v{number}" in report for number in range(len(adopted) + 1))

    place.git("clone", "-q", "--branch", "selfwright/video_codec", str(tmp_path / "two/repo.git"), "clone")
    place.git("fetch", "-q", "origin", "refs/notes/selfwright:refs/notes/selfwright", repo=tmp_path / "clone")
    done = place.call("audit", "HEAD", "--all", "--repo", "clone", timeout_s=700)
    assert f"{len(adopted) + 1} versions audited: all that was checked holds" in done.stdout
    assert done.stdout.count("passed again") == len(adopted)
