"""What docs/compare.md and the example workflow say of `selfwright compare` is so."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adapters.repos.conftest import porcelain
from tests.journeys.place import ENVIRONMENT
from tests.workflow import run_workflow

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "compare.md").read_text()
WORKFLOW = (ROOT / "examples" / "workflows" / "compare.yml").read_text()
SELFWRIGHT = Path(sys.executable).parent / "selfwright"


@pytest.fixture
def top(tmp_path) -> Path:
    """A repository whose program got slower, from no work to 30 ms of it."""
    top = tmp_path / "top"
    (top / "benchmarks").mkdir(parents=True)
    porcelain(top, "init", "-q", "-b", "main")
    (top / "benchmarks" / "speed.py").write_text("import program\n\nprogram.work()\n")
    for work in (10, 3_000_000):
        (top / "program.py").write_text(f"def work():\n    return sum(range({work}))\n")
        porcelain(top, "add", ".")
        porcelain(top, "commit", "-q", "-m", str(work))
    return top


def test_every_option_that_is_named_exists():
    told = subprocess.run([SELFWRIGHT, "compare", "-h"], capture_output=True, text=True, timeout=60, check=True).stdout
    named = set(re.findall(r"--[a-z][\w-]*", PAGE + WORKFLOW)) - {"--oneline"}  # of git log
    assert named >= {"--build", "--metric", "--max-pairs", "--json"}
    assert [option for option in named if f"  {option} " not in told] == []


def test_every_key_of_the_object_is_told(top):
    done = subprocess.run(
        [SELFWRIGHT, "compare", ".", ".", "--json", "--metric", "n", "--better", "lower", "--", "echo", "n=1"],
        cwd=top, env=ENVIRONMENT | {"TMPDIR": str(top.parent)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    rows = PAGE[PAGE.index("| key | holds |") :].splitlines()[2:]
    told = [name for row in rows if row.startswith("|") for name in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(told) == sorted(json.loads(done.stdout)), done.stderr


@pytest.mark.parametrize(
    ("base", "head", "code", "words"), [("main~1", "main", 1, "% slower"), ("main", "main~1", 0, "% faster")]
)
def test_the_workflow_fails_what_is_slower_and_passes_what_is_faster(top, tmp_path, base, head, code, words):
    porcelain(top, "checkout", "-q", head)
    done = run_workflow("compare.yml", top, tmp_path, {"BASE": porcelain(top, "rev-parse", base).strip()})
    assert done.returncode == code, done.stdout
    assert words in (tmp_path / "summary").read_text()
    assert (tmp_path / "installed/selfwright/cli/compare.py").is_file()


def test_a_benchmark_that_the_pull_request_changes_measures_nothing(top, tmp_path):
    (top / "benchmarks" / "speed.py").write_text("")
    porcelain(top, "commit", "-q", "-a", "-m", "nothing to do")
    done = run_workflow("compare.yml", top, tmp_path, {"BASE": porcelain(top, "rev-parse", "main~2").strip()})
    assert done.returncode == 1, done.stdout
    assert "% slower" in (tmp_path / "summary").read_text()
