"""Whole runs from the command line: what is adopted, what is kept, what is said."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.adapters.small_disk import fill, make_read_only, small_disk
from tests.journeys.place import PROBLEM, SESSION, VERDICTS, Place, descendants, kill, program, read_until


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place.make(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place.make(tmp_path_factory.mktemp("finished"))
    place.run("--proposer", place.session())
    return place


@pytest.fixture
def copied(place: Place, finished: Place) -> None:
    """Lay a copy of the finished run into a place of one's own, to be damaged or deleted."""
    shutil.copytree(finished.folder / "r", place.folder / "r", symlinks=True)


SLOW = [program(90 - n).replace("return", "import time; time.sleep(0.05); return", 1) for n in range(40)]
"""So many that a run which shall be interrupted is still at it, whatever is done beside it meanwhile."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The journal of a run of the first six slow ones that nothing interrupts."""
    place = Place.make(tmp_path_factory.mktemp("whole"))
    place.run("--proposer", place.session(SLOW[:6]))
    return place.canonical()


def test_a_recorded_session_climbs_by_commits_with_true_measurements(place):
    done = place.run("--proposer", place.session(), "--sandbox", "limits")
    assert [trial["state"] for trial in place.log()] == VERDICTS
    assert "proposals: recorded; measurements: live" in done.stderr
    assert "does not contain hostile code" in done.stderr
    assert "adopted as v2: size 60 B, 33.3 % better than v1 (90)" in done.stderr
    assert "report.html" in done.stdout
    repo = place.folder / "r" / "repo.git"
    subjects = place.git("log", "--format=%s", "selfwright/toy", repo=repo).splitlines()
    assert subjects == ["🤖 Autonomous Code Evolution - v2", "🤖 Autonomous Code Evolution - v1", "Seed v0"]
    assert place.git("show", "selfwright/toy:p.py", repo=repo) == SESSION[5].strip()
    metrics = json.loads(
        place.git("log", "-1", "--format=%(trailers:key=Metrics,valueonly)", "selfwright/toy", repo=repo)
    )
    assert (metrics["size"]["old"], metrics["size"]["new"]) == (90.0, 60.0)
    best = place.folder / "r" / "best"
    assert (best / "p.py").read_text() == SESSION[5]
    assert json.loads((best / "metrics.json").read_text())["metrics"] == {"size": 60.0, "quality": 40.0}


def test_one_seed_gives_one_journal_with_any_number_of_workers(place):
    session = place.session()
    for name, workers in (("one", "1"), ("two", "3")):
        place.run("--proposer", session, "--proposer", "numeric", "--trials", "9", "--workers", workers, name=name)
    assert place.canonical("one") == place.canonical("two")
    trees = [
        place.git("log", "--format=%T", "selfwright/toy", repo=place.folder / name / "repo.git")
        for name in ("one", "two")
    ]
    assert trees[0] == trees[1]


def test_numeric_tuning_goes_on_where_the_recording_ends_and_is_called_tuning(place):
    place.run("--proposer", place.session(), "--proposer", "numeric", "--trials", "12")
    log = place.log()
    assert [trial["proposer"] for trial in log][5:7] == ["recorded", "numeric"]
    assert {trial["origin"] for trial in log[6:]} == {"tuning"}
    assert any(trial["state"] == "adopted" for trial in log[6:])


def test_what_answers_as_before_is_inert(place):
    """Other code, the same answers; a program whose answers differ is not, although it is no better."""
    place.run(
        "--proposer",
        place.session([program("sum((50, 50))"), program("100 + 0.5"), program(90), program("max(9, 90)")]),
    )
    same = "inert: it answers as {} does in every case, to the bit, and measures the same"
    versions = ("v0", "v0", "v0", "v1")
    told = [same.format(version) in str(row) for row, version in zip(place.log(), versions, strict=True)]
    assert told == [True, False, False, True]


def test_a_change_that_no_case_reaches_is_told_so(place):
    """As advice, beside the verdict: the lines are watched in a run of their own, whose numbers count for nothing."""
    never = program(100) + "\n\ndef unused(case):\n    if case:\n        return 1\n    return 2\n"
    some = program(100).replace("    return", "    if case == 'c':\n        return 1\n    return", 1)
    place.run("--proposer", place.session([never, some, program(90)]))
    first, second, third = [row["words"] for row in place.log()]
    same = "rejected: inert: it answers as v0 does in every case, to the bit, and measures the same"
    assert first == f"{same}; none of its 3 changed lines ran in a public case (p.py 10-12)"
    assert second == f"{same}; 1 of its 2 changed lines ran in no public case (p.py 3)"
    assert "changed line" not in third
    shown = place.call("show", str(place.folder / "r"), "t1").stdout
    assert "none of its 3 changed lines" in shown and "coverage  full/b" in shown


def test_looking_at_a_run(finished):
    run = str(finished.folder / "r")
    status = json.loads(finished.call("status", run, "--json").stdout)
    assert (status["trials"], status["versions"], status["standing"], status["ended"]) == (
        6,
        3,
        "not running",
        "exhausted",
    )
    assert "v2" in finished.call("status", run).stdout
    shown = json.loads(finished.call("show", run, "t3", "--json").stdout)
    assert shown["verdict"]["sentence"].startswith("rejected: crashed in full/b: ZeroDivisionError")
    assert "ZeroDivisionError" in finished.call("show", run, "t3").stdout
    assert "-    return 90\n+    return 60\n" in finished.call("diff", run).stdout
    lineage = [json.loads(line)["name"] for line in finished.call("lineage", run, "--json").stdout.splitlines()]
    assert lineage == ["v2", "v1", "v0"]
    assert json.loads(finished.call("best", run, "--json").stdout)["files"] == {"p.py": SESSION[5]}
    change = shown["proposed"]["change"]
    assert json.loads(finished.call("show", run, change[:8], "--json").stdout)["id"] == "t3"
    said = finished.call("show", run, "t99", code=2).stderr
    assert "has no 't99'" in said and "t1 to t6" in said


def test_a_finished_run_that_is_resumed_just_says_so(finished):
    before = finished.canonical()
    done = finished.call("resume", str(finished.folder / "r"))
    assert "the run has ended: the proposer has nothing more to say" in done.stdout
    assert finished.canonical() == before


def test_what_a_run_proposed_can_be_recorded_and_played_again(place):
    place.run("--proposer", place.session(), "--record", "again.jsonl", name="first")
    place.run("--proposer", "recorded:again.jsonl", name="second")
    states = [
        [(trial["state"], trial["change"], trial["words"]) for trial in place.log(name)] for name in ("first", "second")
    ]
    assert states[0] == states[1]


def test_a_change_by_a_person_enters_a_finished_run(place):
    place.run("--proposer", place.session(SESSION[:1]))
    run = str(place.folder / "r")
    place.call("best", run, "--to", "mine")
    (place.folder / "mine" / "p.py").write_text(program(30))
    done = place.call("submit", run, "mine", "--reason", "by hand", "--wait")
    assert done.stdout == "t2 adopted: size 30 B, 66.7 % better than v1 (90)\n"
    assert place.log()[-1]["proposer"] == "person"
    patch = "--- a/p.py\n+++ b/p.py\n@@ -1,2 +1,2 @@\n def size(case):\n-    return 31\n+    return 1\n"
    (place.folder / "x.patch").write_text(patch)
    done = place.call("submit", run, "x.patch", "--as", "agent", code=1)
    assert "t3 refused" in done.stdout and "return 30" in done.stdout
    assert "the run has ended: the proposer has nothing more to say" in place.call("resume", run).stdout


def test_pause_submit_and_resume_from_another_terminal(place):
    process = place.start("run", "toy", "--dir", "r", "--proposer", place.session(SLOW))
    read_until(process, "adopted as v1")
    assert "paused" in place.call("pause", "r").stdout
    assert "r is running already (process" in place.call("run", "toy", "--dir", "r", code=2).stderr
    (place.folder / "p.py").write_text(program(20))
    assert "submitted to the running run" in place.call("submit", "r", "p.py").stdout
    place.call("resume", "r")
    read_until(process, "person")
    assert "stopping" in place.call("stop", "r").stdout
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0 and "ended: a person asked for it" in out
    by_hand = [trial for trial in place.log() if trial["proposer"] == "person"]
    assert [trial["state"] for trial in by_hand] == ["adopted"]


def test_a_second_process_on_the_same_run_is_told_who_holds_it(place):
    process = place.start("run", "toy", "--dir", "r", "--proposer", place.session(SLOW))
    read_until(process, "adopted as v1")
    said = place.call("resume", "r", code=2).stderr
    assert f"process {process.pid}" in said or str(process.pid) in said
    assert f"r is running already (process {process.pid}" in place.call("run", "toy", "--dir", "r", code=2).stderr
    assert "is running" in place.call("purge", "r", "--yes", code=2).stderr
    (place.folder / "p.py").write_text(program(20))
    assert "paused" in place.call("pause", "r").stdout  # so that there is no verdict
    waits = place.start("submit", "r", "p.py", "--wait")
    read_until(waits, "waiting for its verdict")
    waits.send_signal(signal.SIGINT)
    _, said = waits.communicate(timeout=60)
    assert waits.returncode == 130 and "the change is handed in, and `selfwright log r` tells the rest" in said
    kill(process)


def test_ctrl_c_once_finishes_what_is_in_flight_and_says_how_to_go_on(place, whole):
    process = place.start("run", "toy", "--dir", "r", "--proposer", place.session(SLOW[:6]))
    read_until(process, "adopted as v1")
    process.send_signal(signal.SIGINT)
    read_until(process, "finishing the measurements that have begun")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "selfwright resume r" in err
    place.call("resume", "r")
    assert place.canonical() == whole


def test_ctrl_c_twice_ends_at_once(place):
    sleeper = program(80).replace("return", "import time; time.sleep(8); return", 1)
    process = place.start("run", "toy", "--dir", "r", "--proposer", place.session([SLOW[0], sleeper]))
    read_until(process, "adopted as v1")
    left = descendants(process)
    process.send_signal(signal.SIGINT)
    read_until(process, "finishing the measurements that have begun")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert not [each for each in left if each.is_running() and each.status() != "zombie"]


def test_kill_9_loses_nothing_and_leaves_nothing(place, whole):
    process = place.start("run", "toy", "--dir", "r", "--proposer", place.session(SLOW[:6]))
    read_until(process, "adopted as v2")
    kill(process)
    assert "killed in flight" in place.call("status", "r").stdout
    place.call("resume", "r")
    assert place.canonical() == whole
    assert (place.folder / "r" / "best" / "p.py").read_text() == SLOW[5]


def commit_all(place: Place) -> None:
    place.git("init", "--quiet", "--initial-branch=trunk")
    place.git("add", "toy")
    place.git("commit", "--quiet", "-m", "start")


def test_commits_go_into_the_surrounding_repository_and_touch_nothing_else(place):
    session = place.session()
    commit_all(place)
    (place.folder / "staged.txt").write_text("mine")
    place.git("add", "staged.txt")
    before = (
        place.git("rev-parse", "HEAD"),
        (place.folder / ".git/index").read_bytes(),
        (place.folder / ".git/HEAD").read_bytes(),
    )
    place.run("--proposer", session)
    assert before == (
        place.git("rev-parse", "HEAD"),
        (place.folder / ".git/index").read_bytes(),
        (place.folder / ".git/HEAD").read_bytes(),
    )
    assert (place.folder / "toy/p.py").read_text() == program(100)
    log = place.git("log", "--format=%s", "trunk..selfwright/toy").splitlines()
    assert log == ["🤖 Autonomous Code Evolution - v2", "🤖 Autonomous Code Evolution - v1", "Seed v0"]
    assert place.git("show", "selfwright/toy:toy/p.py") == SESSION[5].strip()
    assert not (place.folder / "r/repo.git").exists()


def test_a_tracked_problem_that_differs_from_head_is_refused(place):
    commit_all(place)
    (place.folder / "toy/judge.py").write_text("# changed\n" + (place.folder / "toy/judge.py").read_text())
    said = place.run("--proposer", place.session(), code=2).stderr
    assert "differs from HEAD" in said and "judge.py" in said and "commit these files" in said
    assert not (place.folder / "r").exists()


def test_what_is_new_and_locked_in_a_tracked_problem_is_no_matter(place):
    commit_all(place)
    (place.folder / "toy/notes.txt").write_text("mine")
    (place.folder / "toy/session.jsonl").write_text("{}\n")
    (place.folder / "toy/README.md").write_text("# Toy\n")
    place.run("--proposer", place.session(), "--trials", "1")
    assert place.git("show", "--format=", "--name-only", "selfwright/toy") == "toy/p.py"
    (place.folder / "toy/data.txt").write_text("1")
    said = place.call("resume", "r", "--trials", "6", code=2).stderr
    assert "has changed since this run opened: data.txt is new" in said
    (place.folder / "toy/data.txt").unlink()
    place.call("resume", "r", "--trials", "6")
    place.git("add", "toy/notes.txt")
    place.git("commit", "--quiet", "-m", "notes")
    (place.folder / "toy/notes.txt").write_text("changed")
    assert "differs from HEAD there: notes.txt" in place.run("--proposer", "numeric", name="s", code=2).stderr


def test_a_branch_that_another_run_moved_is_set_right_as_the_message_says(place):
    commit_all(place)
    session = place.session()
    place.run("--proposer", session, "--trials", "1")
    place.run("--proposer", session, name="other")
    theirs = place.git("rev-parse", "selfwright/toy")
    for _ in range(2):
        said = place.call("resume", "r", "--trials", "6", code=1).stderr
        assert "another run or a person moved it" in said
    mend = said.strip().rpartition("then resume: ")[2].replace("\n", " ")
    subprocess.run(["/bin/sh", "-ec", mend], check=True, timeout=30)
    place.call("resume", "r")
    assert [trial["state"] for trial in place.log()] == VERDICTS
    assert place.git("show", "selfwright/toy:toy/p.py") == SESSION[5].strip()
    assert theirs in place.git("branch", "--list", "--format=%(objectname)", "selfwright/toy-*")


def test_git_does_not_see_the_runs(place):
    commit_all(place)
    place.git("add", "--all")
    place.call("run", "toy", "--proposer", place.session(), "--trials", "1")
    assert place.git("status", "--short") == "?? session.jsonl"


def test_no_recording_goes_where_it_would_change_the_problem(place):
    said = place.run("--proposer", place.session(), "--record", "toy/again.jsonl", code=2).stderr
    assert "record it elsewhere, or as" in said and "toy/session.jsonl" in said
    assert not (place.folder / "r").exists()
    place.run("--proposer", place.session(), "--trials", "1", "--record", "toy/session.jsonl")
    place.call("resume", "r", "--trials", "6")
    assert [trial["state"] for trial in place.log()] == VERDICTS


def test_a_program_with_the_name_of_a_record_is_refused_and_the_run_goes_on(tmp_path):
    place = Place.make(tmp_path, problem=PROBLEM.replace('["p.py"]', '["p.py", "**"]'))
    lines = [{"files": {"p.py": program(90), name: "{}"}} for name in ("metrics.json", "judge.py/x")]
    lines.append({"files": {"p.py": program(80)}})
    (place.folder / "s.jsonl").write_text("\n".join(map(json.dumps, lines)))
    place.run("--proposer", "recorded:s.jsonl")
    assert [trial["state"] for trial in place.log()] == ["refused", "refused", "adopted"]
    assert "rename yours" in place.log()[0]["words"]


def test_a_folder_with_a_changed_judge_is_not_taken(place):
    place.run("--proposer", place.session(), "--trials", "1")
    place.call("best", "r", "--to", "mine")
    (place.folder / "mine/p.py").write_text(program(7))
    (place.folder / "mine/judge.py").write_text("# kinder\n")
    said = place.call("submit", "r", "mine", code=2).stderr
    assert "mine/judge.py is not as" in said and "is locked" in said
    assert len(place.log()) == 1
    (place.folder / "mine/judge.py").write_text((place.folder / "toy/judge.py").read_text())
    assert "adopted" in place.call("submit", "r", "mine").stdout


def test_purge_says_what_it_deletes(place, copied):
    said = place.call("purge", "r", "--yes").stdout
    assert "6 trials, 3 versions" in said and said.count("6 trials") == 2
    assert not (place.folder / "r").exists()


def test_runs_are_found_by_a_unique_prefix(place):
    for _ in range(2):
        place.call("run", "toy", "--proposer", place.session(), "--trials", "1", "--workers", "1")
    names = sorted(os.listdir(place.folder / ".selfwright/runs"))
    assert names == [".gitignore", "toy", "toy-2"]
    assert json.loads(place.call("status", "toy-", "--json").stdout)["run"].endswith("toy-2")
    said = place.call("status", "nothing", code=2).stderr
    assert "no run 'nothing'" in said and "toy, toy-2" in said


# Bad input: a clear message, exit 2, and nothing touched

JUDGES = {
    "raises": ("    raise KeyError('volume')", "KeyError: 'volume'"),
    "hangs": ("    while True: pass", "did not answer within 2 s"),
    "exits": ("    import os; os._exit(7)", "exit code 7"),
    "nan": ("    return {'size': float('nan'), 'quality': 40.0}", "nan"),
    "infinity": ("    return {'size': 1.0, 'quality': float('inf')}", "inf"),
    "missing": ("    return {'size': 1.0}", "quality"),
    "unknown": ("    return {'size': 1.0, 'quality': 40.0, 'speed': 1.0}", "speed"),
}


@pytest.mark.parametrize("name", JUDGES)
def test_a_judge_that_fails_on_the_seed_is_said_before_anything_is_kept(tmp_path, name):
    body, words = JUDGES[name]
    judge = f"def cases(stage):\n    return ['a']\n\n\ndef measure(candidate, case):\n{body}\n"
    place = Place.make(tmp_path, judge=judge, problem=PROBLEM.replace("wall_s = 20", "wall_s = 2"))
    said = place.run("--proposer", place.session(), code=2).stderr
    assert words in said.lower() or words in said, said
    assert "judge" in said and "Traceback (most recent call last)\nselfwright" not in said
    assert not (place.folder / "r").exists() and not list(place.folder.glob(".opening*"))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("seed", "def size(case):\n    return 1 / 0\n"), "(stage smoke, case a): crashed: ZeroDivisionError"),
        (("seed", program(100, quality=10)), "quality is 10, which breaks the constraint quality >= 30"),
        (("seed", "import random\n" + program("100 + random.random()")), "metrics.size is declared deterministic"),
        (("seed", "import os\nimport pandas\n" + program(100)), "p.py, line 2: imports 'pandas'"),
        (("problem", PROBLEM.replace('"p.py"', '"q.py"')), "editable[0]: 'q.py' matches nothing"),
        (("problem", PROBLEM.replace('"p.py"', '"../p.py"')), "leaves the folder"),
        (("problem", PROBLEM.replace("size =", "sise =")), "'size' is no metric of this problem"),
        (("problem", "name = "), "not TOML"),
    ],
)  # fmt: skip
def test_a_wrong_problem_or_seed_is_said_before_anything_is_kept(tmp_path, change, words):
    place = Place.make(tmp_path, **{change[0]: change[1]})
    said = place.run("--proposer", place.session(), code=2).stderr
    assert words in said, said
    assert not (place.folder / "r").exists()


def test_a_missing_problem_names_the_bundled_ones(place):
    said = place.call("run", "nothing", code=2).stderr
    assert "bundled are " in said and "video_codec" in said
    (place.folder / "empty").mkdir()
    assert "problem.toml" in place.call("run", "empty", code=2).stderr


def test_a_bad_line_in_a_recording_is_said_before_anything_is_kept(place):
    place.session()
    with open(place.folder / "session.jsonl", "a") as file:
        file.write('{"files": {"p.py": 7}}\n')
    said = place.run("--proposer", "recorded:session.jsonl", code=2).stderr
    assert "session.jsonl:7" in said and "p.py" in said
    assert not (place.folder / "r").exists()
    assert "there is no proposer 'nobody'" in place.run("--proposer", "nobody", code=2).stderr
    assert "there is no sandbox 'steel'" in place.run("--proposer", "numeric", "--sandbox", "steel", code=2).stderr


def test_a_problem_that_changed_since_the_run_opened_is_refused(place):
    place.run("--proposer", place.session(), "--trials", "2")
    (place.folder / "toy/judge.py").write_text((place.folder / "toy/judge.py").read_text() + "\n# kinder\n")
    said = place.call("resume", "r", "--trials", "9", code=2).stderr
    assert "has changed since this run opened: judge.py is other" in said
    assert len(place.log()) == 2
    assert "v1" in place.call("status", "r").stdout


def test_a_journal_of_a_later_version_is_refused(place, copied):
    with sqlite3.connect(place.folder / "r/journal.db") as database:
        database.execute("update meta set version = 99")
    for command in ("status", "resume"):
        said = place.call(command, "r", code=1).stderr
        assert "99" in said and "upgrade" in said


def test_a_corrupt_journal_is_refused_with_the_place(place, copied):
    with sqlite3.connect(place.folder / "r/journal.db") as database:
        database.execute("update events set stored = replace(cast(stored as text), '90.0', '10.0') where seq > 5")
    said = place.call("status", "r", code=1).stderr
    assert "journal" in said and any(character.isdigit() for character in said)


def test_a_full_disk_keeps_what_was_acknowledged_and_goes_on_afterwards(tmp_path, whole):
    place = Place.make(tmp_path)
    session = place.session(SLOW[:6])
    with small_disk(tmp_path / "disk", kib=1500) as disk:
        process = place.start("run", "toy", "--dir", str(disk / "r"), "--proposer", session)
        read_until(process, "adopted as v1")
        ballast = fill(disk)
        _, err = process.communicate(timeout=100)
        assert process.returncode == 75, err
        assert "resume" in err and "Traceback" not in err
        ballast.unlink()
        place.call("resume", str(disk / "r"))
        assert place.canonical("disk/r") == whole


def test_a_read_only_run_can_be_looked_at_and_not_driven(tmp_path):
    place = Place.make(tmp_path)
    with small_disk(tmp_path / "disk", kib=4000) as disk:
        place.run("--proposer", place.session(), "--trials", "2", name="disk/r")
        make_read_only(disk)
        assert "v1" in place.call("status", str(disk / "r")).stdout
        said = place.call("resume", str(disk / "r"), "--trials", "9", code=75).stderr
        assert str(disk / "r") in said and "Traceback" not in said
        said = place.run("--proposer", place.session(), name="disk/other", code=75).stderr
        assert "can not make a run" in said


def test_what_could_not_be_submitted_is_not_submitted_later(place):
    place.run("--proposer", place.session(), "--trials", "1")
    (place.folder / "toy/p.py").write_text(program(3))
    said = place.call("submit", "r", "toy/p.py", code=2).stderr
    assert "has changed since this run opened: p.py is other" in said and "best RUN --to" in said
    (place.folder / "toy/p.py").write_text(program(100))
    place.call("best", "r", "--to", "mine")
    (place.folder / "mine/p.py").write_text(program(7))
    assert "differs" in place.call("best", "r", "--to", "mine", code=2).stderr
    place.call("submit", "r", "mine", "--wait")
    assert [trial["proposer"] for trial in place.log()] == ["recorded", "person"]


def test_a_proposer_that_lacks_its_argument_is_bad_input(place):
    assert "recorded:FILE" in place.run("--proposer", "recorded", code=2).stderr
