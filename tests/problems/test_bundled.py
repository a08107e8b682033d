"""Every bundled problem says what it shows; of each, a trial is run for real, and its session adopts true gains."""

import json
import shutil
from pathlib import Path

import pytest

from selfwright import api
from tests.journeys.place import Place

PROBLEMS = {problem.name: problem for problem in api.problems()}
WRONG = {
    "c_kernel": (2, "invalid in full: pair "),
    "sorting_kernel": (2, "invalid in full/mixed: random: expected 4000 values, got "),
}
"""Which line of the session is wrong, and what is said of it."""
STATES = {"c_kernel": {2: "adopted", 3: "rejected", 4: "adopted"}, "sorting_kernel": {3: "rejected", 5: "adopted"}}
"""What becomes of the lines of a session of which the clock leaves no doubt."""


def skip_without_compiler(problem: str) -> None:
    if problem == "c_kernel" and not shutil.which("cc"):
        pytest.skip("cc is not installed")


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_says_what_it_shows_how_good_it_can_be_and_how_long_it_takes(name: str) -> None:
    text = (PROBLEMS[name].folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {name}: ")
    if name != "video_codec":
        assert all(f"\n**{word}" in text for word in ("Shows** ", "Best known:** ", "Takes** "))


def test_they_are_listed(tmp_path: Path) -> None:
    listed = Place(tmp_path).call("problems").stdout.splitlines()
    assert [line.split()[0] for line in listed] == sorted(PROBLEMS)
    assert any("a time that is mostly luck" in line for line in listed)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_program_is_refused(tmp_path: Path, name: str) -> None:
    skip_without_compiler(name)
    number, words = WRONG[name]
    lines = (PROBLEMS[name].folder / "session.jsonl").read_text(encoding="utf-8").splitlines()
    (tmp_path / "s.jsonl").write_text(json.dumps({**json.loads(lines[number]), "parent": "seed"}) + "\n")
    said = Place(tmp_path).call("run", name, "--dir", "r", "--proposer", f"recorded:{tmp_path / 's.jsonl'}")
    assert f"rejected: {words}" in said.stderr


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", STATES)
def test_the_session_of_a_timed_problem_adopts_what_is_faster(tmp_path: Path, name: str) -> None:
    skip_without_compiler(name)
    place, session = Place(tmp_path), PROBLEMS[name].folder / "session.jsonl"
    place.call("run", name, "--dir", "r", "--proposer", f"recorded:{session}", timeout_s=880)
    states = {number: trial["state"] for number, trial in enumerate(place.log(), start=1)}
    assert states[1] in ("rejected", "parked"), "a new name was adopted for being faster"
    assert {number: states[number] for number in STATES[name]} == STATES[name]
