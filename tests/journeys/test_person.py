"""A person alone: a problem in which nothing can be tuned, from its first mistake to an adopted change."""

import json
import shlex
import signal

import pytest

from tests.journeys.place import JUDGE, PROBLEM, Place, kill, program, read_until
from tests.journeys.test_build import JUDGE as NATIVE_JUDGE
from tests.journeys.test_build import NATIVE_PROBLEM, PROGRAM, C
from tests.journeys.test_run import SLOW

NOTHING_TO_TUNE = "def size(case):\n    return len('x' * int('50'))\n\n\ndef quality():\n    return float('40')\n"


@pytest.fixture
def place(tmp_path) -> Place:
    return Place.make(tmp_path, seed=NOTHING_TO_TUNE)


def test_a_run_in_which_a_person_proposes(place):
    said = place.run(code=2).stderr
    assert "no number to tune in p.py. Write one" in said and "`person`" in said
    done = place.run("--proposer", "person")
    assert "proposals: person" in done.stderr and "v0" in done.stdout
    assert "nothing was done, the run has ended: " in place.call("resume", "r").stdout
    (place.folder / "p.py").write_text(program(20))
    assert place.call("submit", "r", "p.py", "--wait").stdout.startswith("t1 adopted: size 20 B")
    place.call("resume", "r", "--proposer", "numeric", "--trials", "2")  # whoever comes later
    assert [trial["proposer"] for trial in place.log()] == ["person", "numeric"]


def test_a_problem_in_c_is_told_that_its_numbers_are_not_read(tmp_path):
    place = Place.make(tmp_path, problem=NATIVE_PROBLEM, judge=NATIVE_JUDGE, seed=PROGRAM)
    (tmp_path / "toy/p.c").write_text(C.format("100 /* tune: 1..200 */"))
    assert "in p.py (it reads Python only, not p.c)" in place.run(code=2).stderr


def test_a_seed_that_does_not_build_is_told_once_and_of_its_sources(tmp_path):
    place = Place.make(tmp_path, problem=NATIVE_PROBLEM, judge=NATIVE_JUDGE, seed=PROGRAM)
    (tmp_path / "toy/p.c").write_text(C.format("9 +"))
    said = place.run("--proposer", "person", code=2).stderr
    first = next(line for line in said.splitlines() if "the seed does not build" in line)
    assert first.endswith("mend [build] in problem.toml, or p.c, p.py")
    assert "build: p.c:2:28: error: expected expression" in first and "the judge" not in first
    assert said.count("return 9 +; }") == 1


def test_show_says_each_thing_once(tmp_path):
    place = Place.make(tmp_path, problem=NATIVE_PROBLEM, judge=NATIVE_JUDGE, seed=PROGRAM)
    (tmp_path / "toy/p.c").write_text(C.format("100"))
    (tmp_path / "s.jsonl").write_text(json.dumps({"files": {"p.c": C.format("9 +")}}) + "\n")
    place.run("--proposer", "recorded:s.jsonl", "--workers", "1")
    shown = place.call("show", "r", "t1").stdout
    assert "verdict: rejected: crashed in smoke/a: build: p.c:" in shown
    assert shown.count("return 9 +; }") == 1
    assert "verdict: none, it is the start" in place.call("show", "r", "seed").stdout


def test_what_was_handed_in_before_a_kill_is_seen_and_comes_in_its_turn(tmp_path):
    place = Place.make(tmp_path)
    process = place.start("run", "toy", "--dir", "r", "--proposer", place.session(SLOW, name="slow.jsonl"))
    read_until(process, "adopted as v1")
    process.send_signal(signal.SIGSTOP)
    (tmp_path / "p.py").write_text(program(5))
    place.call("submit", "r", "p.py")
    kill(process)
    waiting = place.call("status", "r").stdout.splitlines()[2]
    assert waiting.startswith("1 submission waiting; to measure: ") and waiting.endswith("selfwright resume r")
    assert json.loads(place.call("status", "r", "--json").stdout)["submissions"] == 1
    assert place.call("log", "r").stdout.splitlines()[-1].startswith("1 submission waiting")
    assert "1 submission waiting" in place.call("purge", "r", code=1).stdout
    open_trials = [trial["id"] for trial in place.log() if trial["state"] not in ("adopted", "rejected")]
    (tmp_path / "p.py").write_text(program(4))
    done = place.call("submit", "r", "p.py", "--wait")
    begun = f"{', '.join(open_trials)}, which was interrupted, and " if open_trials else ""
    assert f"measuring it here; first {begun}1 submission that waits, then yours" in done.stderr
    assert "adopted as v" in done.stderr and "size 5 B" in done.stderr  # the one before is told as it comes
    assert "size 4 B" in done.stdout and "size 4 B" not in done.stderr  # mine is the answer, and told once


def test_a_folder_that_is_no_run_is_not_resumed(place):
    said = place.call("run", "toy", "--proposer", "person", "--dir", "toy", code=2).stderr
    assert "toy exists already and is not a run; choose another --dir" in said


def test_what_stays_in_a_repository_of_ones_own_is_said(tmp_path):
    place = Place.make(tmp_path)
    place.git("init", "-q", "-b", "main")
    place.git("add", "toy")
    place.git("commit", "-q", "-m", "a problem")
    for name, sources in (("one", [program(90)]), ("two", [program(80), program(70)])):
        done = place.run("--proposer", place.session(sources, name=f"{name}.jsonl"), name=name)
    listing = next(line for line in done.stdout.splitlines() if line.startswith("git --git-dir"))
    log = place.git(*shlex.split(listing)[2:])
    assert len(log.splitlines()) == 3 and "v2" in log.splitlines()[0] and log.endswith("Seed v0")
    said = place.call("purge", "two", "--yes").stdout
    assert "3 commits of it stay on the branch selfwright/toy of" in said
    assert "deleted" in said and place.git("rev-parse", "selfwright/toy")
    delete = next(line for line in said.splitlines() if "stay on" in line).partition("delete the branch: ")[2]
    place.git(*shlex.split(delete)[1:])
    assert place.git("branch", "--list", "selfwright/toy") == ""


def test_a_count_has_no_unit(tmp_path):
    problem = PROBLEM.replace('unit = "B"', 'unit = "1"')
    place = Place.make(tmp_path, problem=problem, judge=JUDGE)
    place.run("--proposer", place.session([program(90), program(90, quality=41)]))
    log = place.call("log", "r").stdout
    assert "adopted: size 90, 10 % better" in log and "rejected: the same as v1: size 90  [idea 2]" in log
