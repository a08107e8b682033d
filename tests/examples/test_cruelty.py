"""A run that is killed, audited and forged, as the demonstration shows it; of a small problem."""

import subprocess
import sys
from pathlib import Path

from tests.journeys.place import ENVIRONMENT, Place, program

FILE = Path(__file__).parents[2] / "examples" / "cruelty" / "cruelty.py"
SESSION = (program(90), program(80), program("max(iter(int, 1))"), program(60))
"""Two that are adopted; one that hangs, while the run is killed; one more."""


def test_it_goes_on_to_the_same_trees_and_the_forged_commit_is_refused(tmp_path: Path) -> None:
    place = Place.make(tmp_path)
    proposer = ("--proposer", place.session(SESSION))
    place.run(*proposer, name="whole")
    done = subprocess.run(
        [sys.executable, str(FILE), "toy", *proposer, "--dir", "killed"], cwd=tmp_path, env=ENVIRONMENT,
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "what was adopted before the kill, 2 versions: the same commits" in done.stdout
    assert done.stdout.count("4 versions read: what is written holds; nothing was measured") == 1
    assert done.stdout.count("1 version audited: all that was checked holds") == 1
    assert "its newest commit says 30 now, not 60" in done.stdout
    assert done.stdout.rstrip().endswith("journal and 1 version read: 2 DIFFER")
    trees = [
        place.git("log", "--format=%T", "selfwright/toy", repo=tmp_path / name / "repo.git")
        for name in ("whole", "killed")
    ]
    assert trees[0] == trees[1] and len(trees[0].split()) == 4


def test_a_run_that_ends_before_it_is_killed_is_no_success(tmp_path: Path) -> None:
    place = Place.make(tmp_path)
    done = subprocess.run(
        [sys.executable, str(FILE), "toy", "--proposer", place.session([program(90)]), "--dir", "r"], cwd=tmp_path,
        env=ENVIRONMENT, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "the run ended by itself before it was 'adopted as v2': exit code 0" in done.stderr
