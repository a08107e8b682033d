"""A run that is killed, audited and forged, as the demonstration shows it."""

import subprocess
import sys
from pathlib import Path

FILE = Path(__file__).parents[2] / "examples" / "cruelty" / "cruelty.py"


def test_it_goes_on_to_the_same_trees_and_the_forged_commit_is_refused() -> None:
    done = subprocess.run([sys.executable, str(FILE)], capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the trees of the run that was killed: the same" in done.stdout
    assert "4 versions audited: all that was checked holds" in done.stdout
    assert done.stdout.rstrip().endswith("1 version audited: 2 DIFFER")
