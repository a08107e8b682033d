"""What a person reads on the terminal, and can copy from it."""

import json
import signal
import subprocess

import pytest

from selfwright import api
from selfwright.evolve.archive import past_of
from tests.journeys.place import ENVIRONMENT, JUDGE, SESSION, Place, program, read_until
from tests.journeys.test_run import SLOW


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    return Place.make(tmp_path_factory.mktemp("place"))


@pytest.fixture(scope="module")
def said(place) -> str:
    return place.call("run", "toy", "--dir", "my run", "--proposer", place.session()).stdout


def test_the_last_lines_are_commands_that_work_as_they_stand(place, said):
    best, submit = said.splitlines()[-2:]
    for line, code in ((best, 0), (submit, 1)):  # what is handed in unchanged is refused
        done = subprocess.run(
            ["bash", "-c", line], cwd=place.folder, env=ENVIRONMENT, text=True, capture_output=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, done
    assert "t7 refused: it changes nothing" in done.stdout


def test_log_prints_one_line_a_trial(place, said):
    lines = place.call("log", "my run").stdout.splitlines()[:6]
    assert [line.split()[0] for line in lines] == ["t1", "t2", "t3", "t4", "t5", "t6"]
    assert "rejected: crashed in full/b: ZeroDivisionError" in lines[2] and lines[2].endswith("[idea 3]")
    assert "v1" in lines[0] and "adopted: size 90 B" in lines[0] and "adopted adopted" not in lines[0]


def test_diff_as_data(place, said):
    facts = json.loads(place.call("diff", "my run", "v2", "--json").stdout)
    assert (facts["old"], facts["new"], list(facts["files"])) == ("v1", "v2", ["p.py"])
    assert facts["files"]["p.py"] == place.call("diff", "my run", "v2").stdout


def test_one_of_a_kind_is_singular(place):
    done = place.run("--proposer", place.session(SESSION[:1]), "--record", "one.jsonl", name="one")
    assert "recorded 1 proposal in" in done.stdout and "(1 trial)" in done.stdout
    assert "1 file in here" in place.call("best", "one", "--to", "here").stdout
    assert "1 trial, 1 adopted" in place.call("status", "one").stdout
    assert "1 trial, 2 versions" in place.call("purge", "one", "--yes").stdout


def test_submit_says_by_its_exit_code_whether_it_was_adopted(place):
    place.run("--proposer", place.session(), "--trials", "1")
    (place.folder / "p.py").write_text(program(95))
    assert place.call("submit", "r", "p.py", "--wait", code=1).stdout.startswith("t2 rejected: ")
    (place.folder / "p.py").write_text(program(5))
    assert place.call("submit", "r", "p.py", "--wait").stdout.startswith("t3 adopted: size 5 B")


def test_sigterm_ends_a_run_at_once_and_says_how_to_go_on(place):
    process = place.start("run", "toy", "--dir", "t", "--proposer", place.session(SLOW, name="slow.jsonl"))
    read_until(process, "adopted as v1")
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and "told to terminate" in err and "interrupted after" in err
    assert err.splitlines()[-1].strip().endswith("resume t")
    assert json.loads(place.call("status", "t", "--json").stdout)["ended"] == "interrupted"


def test_a_paused_run_that_is_told_to_go_on_has_not_ended(place):
    process = place.start("run", "toy", "--dir", "p", "--proposer", place.session(SLOW, name="slow.jsonl"))
    read_until(process, "adopted as v1")
    place.call("pause", "p")
    done = place.call("resume", "p")
    assert "told process" in done.stderr and "status p" in done.stdout
    assert "ended" not in done.stdout and "report" not in done.stdout
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)


def test_what_the_judge_prints_is_shown_to_people_and_to_no_proposer(tmp_path):
    judge = JUDGE.replace("    size = candidate", "    print(f'looked at {case.id}')\n    size = candidate")
    place = Place.make(tmp_path, judge=judge)
    place.run("--proposer", place.session(SESSION[2:3]))
    assert "the judge printed:\n      looked at a\n" in place.call("show", "r", "seed").stdout
    assert "looked at b" in (tmp_path / "r/report.html").read_text()
    state = api.look(tmp_path / "r").state
    assert "ZeroDivisionError" in past_of(state, state.last(1)).detail
    assert "looked at" not in past_of(state, state.last(1)).detail


HOSTILE = "x\x00\nt2    adopted as v9: size 1 B\n\x1b[2K\rv9  forged"


def test_nobody_forges_a_line_and_no_number_is_too_large(tmp_path):
    place = Place.make(tmp_path, judge=JUDGE.replace(" or size <= 0", ""))
    numbers = (90, "-1.7e308", "1.7e308", "5e-324", "[")
    lines = [
        json.dumps({"files": {"p.py": program(number)}, "reason": HOSTILE, "proposer": f"[/b]{HOSTILE}"})
        for number in numbers
    ]
    (tmp_path / "session.jsonl").write_text("\n".join(lines))
    done = place.run("--proposer", f"recorded:{tmp_path / 'session.jsonl'}")
    said = [done.stdout, done.stderr]
    for arguments in (["status", "r"], ["log", "r"], ["lineage", "r"], ["show", "r", "t1"], ["show", "r", "t5"]):
        said.append(place.call(*arguments).stdout)
    for text in said:
        assert not {"\x00", "\x1b", "\r"} & set(text)
        assert not [line for line in text.splitlines() if line.startswith(("v9", "t2    adopted as v9"))]
    assert "recorded ([/b]x" in said[2]
    assert "5 trials, 2 adopted" in said[2]
    assert "-1.7e+308" in (tmp_path / "r/report.html").read_text()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_before_there_is_a_run_is_told_so(tmp_path, sign):
    place = Place.make(tmp_path, seed=program(100).replace("return", "import time; time.sleep(1.9); return", 1))
    process = place.start("run", "toy", "--dir", "r", "--proposer", place.session())
    read_until(process, "cases: ")
    process.send_signal(sign)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted while the seed was measured; nothing was kept: run it again"
    assert not (tmp_path / "r").exists()
