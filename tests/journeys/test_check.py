"""`selfwright check`, as a user does it: real workers, real sandboxes, exit codes."""

import json
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from selfwright import api
from tests.journeys.place import JUDGE, PROBLEM, Place, descendants

SOUND = """\
from selfwright import InvalidCandidate


def cases(stage):
    return ["a"] if stage.name == "smoke" else ["a", "b"]


def measure(candidate, case):
    kept = candidate.call("keep", [3, 1, 2]).value
    if kept != [1, 2, 3]:
        raise InvalidCandidate("not sorted")
    return {"size": len(kept), "quality": 40}
"""
KEEPS = "def keep(values):\n    if not values:\n        return []\n    return sorted(values)\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place.make(tmp_path_factory.mktemp("place"), judge=SOUND, seed=KEEPS)


def test_a_sound_judge_ends_with_advice_at_most(place: Place) -> None:
    done = place.call("check", "toy", "--json")
    said = json.loads(done.stdout)
    assert said["trustworthy"] is True
    assert {"nothing", "type", "empty", "shorter", "longer", "huge", "readable"} <= set(said["caught"])
    assert [finding["name"] for finding in said["findings"]] == ["hard-coded answers"]
    assert said["not_tried"]["late work"] and said["facts"]["one trial"]
    assert said["facts"]["lines that run"] == "2 of 3 in public cases; no case tells what a change does in p.py 3"


def test_a_score_that_the_candidate_states_ends_with_exit_1(tmp_path: Path) -> None:
    said = Place.make(tmp_path).call("check", "toy", code=1).stdout
    first = said.splitlines()[0]
    assert first.startswith("untrustworthy: ") and "mend: " in said
    assert "stated score" in said and "size" in said


def test_a_sandbox_that_does_not_contain_lets_the_judge_be_read(place: Place) -> None:
    said = json.loads(place.call("check", "toy", "--json", "--sandbox", "limits", code=1).stdout)
    (found,) = (finding for finding in said["findings"] if finding["name"] == "readable")
    assert str(place.folder / "toy" / "judge.py") in found["seen"]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("problem", [problem.name for problem in api.problems()])
def test_no_bundled_problem_is_accused(tmp_path: Path, problem: str) -> None:
    said = json.loads(Place.make(tmp_path).call("check", problem, "--json", timeout_s=590).stdout)
    found = {finding["name"]: finding["severity"] for finding in said["findings"]}
    if problem == "prompt":  # its judge runs nothing, and that is said
        assert found == {"not tried": "advice"}
        return
    if problem == "circle_packing":  # it has no holdout: its answers are what is searched
        assert found == {"hard-coded answers": "advice"}
        return
    assert found in ({}, {"noise": "advice"})  # the latter is the machine's
    assert "hard-coded answers" in said["caught"]


@pytest.mark.parametrize(
    ("judge", "words"),
    [(JUDGE.replace("return {", "return {1: "), "the judge"), ("", "none of the functions of a judge")],
)
def test_a_bad_problem_ends_with_exit_2(tmp_path: Path, judge: str, words: str) -> None:
    assert words in Place.make(tmp_path, judge=judge).call("check", "toy", code=2).stderr


def test_ctrl_c_says_what_was_found_and_leaves_nothing_behind(tmp_path: Path) -> None:
    fifo = tmp_path / "begun"
    subprocess.run(["mkfifo", fifo], check=True)
    hanging = SOUND.replace("def measure", f"import os, pathlib, time\nFIFO = {str(fifo)!r}\n\n\ndef measure").replace(
        "    kept =", '    if b"_planted" in candidate.read("p.py"):\n        open(FIFO, "w").write("x")\n'
        "        time.sleep(600)\n    kept ="
    )  # fmt: skip
    place = Place.make(tmp_path / "place", judge=hanging, seed=KEEPS)
    process = place.start("check", "toy", "--workers", "1")
    with fifo.open() as begun:
        assert begun.read(1) == "x"
        left = descendants(process)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "nothing, type, " in output and "early work: interrupted" in output
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive


COUNTS = (
    '#include <stdio.h>\nint main(void) { int n = 0; for (int i = 0; i < 9; i++) n += i; printf("%d", n); return 0; }\n'
)
COUNTED = """\
from selfwright import InvalidCandidate


def evaluate(candidate, stage):
    done = candidate.run(ARGV)
    if CHECKED and done.stdout != b"36":
        raise InvalidCandidate("not the sum")
    return {"size": done.wall_s, "quality": 40}
"""


@pytest.mark.parametrize(("checked", "argv"), [(False, ["./p"]), (True, ["sh", "-c", "./p | cat"])])
def test_a_judge_of_a_compiled_program_is_tried(tmp_path: Path, checked: bool, argv: list[str]) -> None:
    problem = PROBLEM.replace('"p.py"', '"p.c"').replace(
        'unit = "B", better = "lower"', 'unit = "s", better = "lower", noisy = true'
    )
    problem = problem.replace("[limits]", '[build]\ncommand = ["cc", "p.c", "-o", "p"]\nproduce = ["p"]\n[limits]')
    place = Place.make(
        tmp_path, problem=problem, judge=COUNTED.replace("CHECKED", str(checked)).replace("ARGV", str(argv))
    )
    (place.folder / "toy" / "p.py").rename(place.folder / "toy" / "p.c")
    (place.folder / "toy" / "p.c").write_text(COUNTS)
    said = json.loads(place.call("check", "toy", "--json", code=0 if checked else 1).stdout)
    absurd = {"nothing", "type", "nan", "huge"}
    assert absurd <= ({*said["caught"]} if checked else {finding["name"] for finding in said["findings"]})
    assert "readable" in said["caught"]


def test_a_judge_that_could_not_be_tried_ends_with_exit_1_and_one_reason(tmp_path: Path) -> None:
    judge = 'def evaluate(candidate, stage):\n    return {"size": len(candidate.run(["echo"]).value), "quality": 40}\n'
    said = Place.make(tmp_path, judge=judge).call("check", "toy", code=1).stdout
    assert "untrustworthy: not tried: nothing could be planted" in said
    assert said.count("the judge runs `echo`") == 2  # the finding, and one line for all cheats
