"""Any repository, any language: a program in C of several files, in a real git repository, measured by a command."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.journeys.place import Place

EXAMPLES = Path(__file__).parents[2] / "examples"
BRANCH = "selfwright/tally"


def state(place: Place) -> list[str]:
    repo = place.folder / "repo"
    files = [f"{path.relative_to(repo)} {path.read_bytes()!r}" for path in sorted(repo.rglob("*"))
             if path.is_file() and ".git" not in path.relative_to(repo).parts]  # fmt: skip
    return [place.git(*words.split(), repo=repo) for words in ("status --porcelain", "rev-parse HEAD", "diff")] + files


def test_several_files_in_a_real_repository(tmp_path: Path) -> None:
    if not shutil.which("make") or not shutil.which("cc"):
        pytest.skip("make or cc is not installed")
    place, repo = Place(tmp_path), tmp_path / "repo"
    shutil.copytree(EXAMPLES / "c", repo)
    place.git("init", "-q", "-b", "main", repo=repo)
    place.git("add", ".", repo=repo)
    place.git("commit", "-q", "-m", "tally", repo=repo)
    (repo / "README.md").write_text("not committed\n")
    (repo / "notes.txt").write_text("staged\n")
    place.git("add", "notes.txt", repo=repo)
    before = state(place)
    said = place.call("run", "repo/", "--dir", "r", timeout_s=300).stderr
    assert state(place) == before, "work tree, index or HEAD is not as it was"
    assert [trial["state"] for trial in place.log()] == ["rejected", "rejected", "adopted"]
    assert re.search(r"crashed in full: build: src/list\.c:\d+:\d+: error: ", said)
    assert re.search(r"invalid in full: line 1: expected \w+ \d+, got ", said)
    changed = place.git("show", "--name-status", "--no-renames", "--format=", BRANCH, repo=repo)
    assert changed.split("\n") == [
        "D\tsrc/list.c", "D\tsrc/list.h", "A\tsrc/table.c", "A\tsrc/table.h", "M\tsrc/tally.c",
    ]  # fmt: skip
    assert "Makefile" in place.git("ls-tree", "--name-only", BRANCH, repo=repo).split()
    certificate = json.loads((tmp_path / "r/best/certificate.json").read_text())
    assert certificate["judged"] == "outside"
    assert "\nJudge: " not in place.git("show", "-s", "--format=%B", BRANCH, repo=repo)
    assert "holds" in place.call("audit", "r", "--no-measure").stdout


@pytest.mark.slow
@pytest.mark.may_skip("a compiler of Rust is not on every machine")
def test_a_program_in_rust_leaves_a_file_that_is_unpacked_outside(tmp_path: Path) -> None:
    if not shutil.which("rustc"):
        pytest.skip("rustc is not installed")
    place = Place(tmp_path)
    shutil.copytree(EXAMPLES / "rust", tmp_path / "pack")
    asked = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True, timeout=60)
    problem = tmp_path / "pack/problem.toml"
    problem.write_text(problem.read_text().replace("folders = []", f"folders = [{asked.stdout.strip()!r}]"))
    said = place.call("run", "pack", "--dir", "r", timeout_s=300).stderr
    assert [trial["state"] for trial in place.log()] == ["rejected", "rejected", "adopted", "adopted"]
    assert "crashed in full: build: error[E0308]: mismatched types" in said
    assert "invalid in full: unpacks to " in said
    assert sorted(path.name for path in (tmp_path / "r/best/src").iterdir()) == ["main.rs", "matches.rs", "tokens.rs"]
    certificate = json.loads((tmp_path / "r/best/certificate.json").read_text())
    assert certificate["after"]["size:packed.bin"] < certificate["before"]["size:packed.bin"] < 20_000
    assert certificate["holdout"] == "passed"
    assert "holds" in place.call("audit", "r").stdout


SELF_REPORTED = """
name = "told"
editable = ["p.sh"]
[evaluate]
command = ["sh", "p.sh"]
[metrics]
loss = { better = "lower" }
[objective]
metric = "loss"
"""


def test_what_the_command_says_of_itself_is_certified_as_that(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy/problem.toml").write_text(SELF_REPORTED)
    (tmp_path / "toy/p.sh").write_text("echo loss=3\n")
    (tmp_path / "s.jsonl").write_text(json.dumps({"files": {"p.sh": "echo loss=2\n"}, "reason": "say less"}) + "\n")
    said = place.run("--proposer", f"recorded:{tmp_path / 's.jsonl'}")
    judged = "self-reported (loss), output not verified"
    assert f"judged: {judged}; certificates will say so" in said.stderr
    certificate = json.loads((tmp_path / "r/best/certificate.json").read_text())
    assert (certificate["judged"], certificate["after"]) == (judged, {"loss": 2.0})
    trailer = place.git("log", "-1", "--format=%(trailers:key=Judge,valueonly)", "selfwright/told",
                        repo=tmp_path / "r/repo.git")  # fmt: skip
    assert trailer == judged
    assert place.call("audit", "r").returncode == 0
