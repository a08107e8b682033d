"""Wrong use of the command line: one clear line, an exit code, and nothing begun."""

import os
import random
import re
import sqlite3
import subprocess

import pytest

from tests.journeys.place import ENVIRONMENT, PROBLEM, SELFWRIGHT, Place, program


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    place = Place.make(tmp_path_factory.mktemp("place"))
    place.run("--proposer", place.session(), "--trials", "2")
    place.call("best", "r", "--to", "mine")
    return place


def shell(place: Place, line: str) -> "subprocess.CompletedProcess[bytes]":
    """Run a line of shell in which $S is the program."""
    environment = {**ENVIRONMENT, "S": SELFWRIGHT}
    return subprocess.run(
        ["bash", "-c", line], cwd=place.folder, env=environment, capture_output=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("$S submit r mine --reason $'\\xff'", 2, "is not UTF-8"),
        ("$S submit r mine --as $'\\xff'", 2, "is not UTF-8"),
        ("$S run toy --proposer numeric --dir $'\\xff'", 2, "is not UTF-8"),
        ("mkdir $'\\xff' && cd $'\\xff' && $S status ../r", 2, "the working directory"),
        ("mkdir gone && cd gone && rmdir ../gone && $S problems", 2, "working directory does not exist any more"),
        ("$S submit r - <&-", 2, "standard input is closed"),
        ("$S status r >&-", 2, "standard output is closed"),
        ("$S status r >/dev/full", 75, "could not write (No space left on device)"),
        ("$S status r 2>&- >/dev/null", 0, ""),
    ],
)
def test_it_is_said_in_one_line(place, line, code, words):
    done = shell(place, line)
    said = done.stderr.decode()
    assert (done.returncode, len(said.splitlines())) == (code, 1 if words else 0), said
    assert words in said


def test_a_reader_that_leaves_is_no_error(place):
    done = shell(place, "$S best r | true; exit ${PIPESTATUS[0]}")
    assert done.stderr == b"" and done.returncode in (0, 1)


@pytest.mark.parametrize(
    "damage",
    [
        "update events set stored = cast(stored as text)",
        "update events set time_s = 'x'",
        "update blobs set packed = 'x'",
        "update blobs set sha256 = 'x' || sha256",
    ],
)
def test_a_value_of_another_type_is_a_corrupt_journal(place, tmp_path, damage):
    copy = tmp_path / "copy"
    shell(place, f"cp -r r '{copy}'")
    with sqlite3.connect(copy / "journal.db") as database:
        database.execute(damage)
    said = place.call("best", str(copy), code=1).stderr
    assert "restore" in said and str(copy) in said and len(said.splitlines()) == 1


def test_a_program_that_is_gone_is_a_corrupt_journal(place, tmp_path):
    copy = tmp_path / "copy"
    shell(place, f"cp -r r '{copy}'")
    with sqlite3.connect(copy / "journal.db") as database:
        database.execute("delete from blobs")
    said = place.call("best", str(copy), code=1).stderr
    assert "restore" in said and "no blob" in said and len(said.splitlines()) == 1


def test_random_bytes_in_the_journal_are_a_corrupt_journal(place, tmp_path):
    from selfwright import api
    from selfwright.core.errors import SelfwrightError

    content, chance, refused = (place.folder / "r/journal.db").read_bytes(), random.Random(3), 0
    for number in range(300):
        run = tmp_path / str(number)
        run.mkdir()
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 40, 400])):
            damaged[chance.randrange(100, len(damaged))] = chance.randrange(256)
        (run / "journal.db").write_bytes(damaged)
        try:
            history = api.look(run)
            list(history.events())
            _ = history.best
        except SelfwrightError as error:
            refused += "restore" in str(error)
    assert refused > 100


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--wall", "ten"], "--wall"),
        (["--record", "nowhere/s.jsonl"], "there is no folder nowhere"),
        (["--record", "toy"], "no file can be written there"),
        (["--sandbox", "steel"], "there is no sandbox 'steel'"),
        (["--sandbox", ""], "there is no sandbox ''; known are bubblewrap, landlock, limits, zygote"),
    ],
)
def test_an_option_is_checked_before_anything_is_said_or_done(place, arguments, words):
    done = place.run("--proposer", "numeric", *arguments, name="new", code=2)
    assert words in done.stderr
    assert "proposals:" not in done.stderr and not (place.folder / "new").exists()


def test_the_problem_file_is_answered_with_its_folder(place):
    said = place.call("run", "toy/problem.toml", code=2).stderr
    assert "give toy" in said
    assert "did you mean 'video_codec'?" in place.call("run", "video-codec", code=2).stderr
    assert "did you mean 'toy'?" in place.call("run", "tyo", code=2).stderr


def test_the_help_says_how_many_trials_there_are_by_default(place):
    from selfwright.api.life import DEFAULT_TRIALS

    said = " ".join(place.call("run", "--help").stdout.split())
    assert f"so many trials in all; default: {DEFAULT_TRIALS} where nothing else bounds the run" in said


@pytest.mark.parametrize(
    ("size", "reason", "mend"),
    [
        (
            "len(bytearray(400 << 20))",
            "(limits.memory_mb = 300)",
            "p.py, the judge or limits.memory_mb in problem.toml",
        ),
        ("max(iter(int, 1))", "(limits.wall_s = 2)", "p.py, the judge or limits.wall_s in problem.toml"),
        ("1 / 0", "ZeroDivisionError", "p.py or the judge"),
    ],
)
def test_a_seed_that_meets_a_limit_is_told_the_key(tmp_path, size, reason, mend):
    place = Place.make(tmp_path, problem=f"{PROBLEM}memory_mb = 300\n", seed=program(size))
    said = place.run("--proposer", "person", code=2).stderr
    assert reason in said and re.search(rf": mend {mend}$", said, re.MULTILINE), said


def test_wrong_marks_are_said_with_their_line_before_anything_is_kept(tmp_path):
    place = Place.make(tmp_path, seed="N = 3  # tune: 9..1\n" + program("N"))
    done = place.run("--proposer", "numeric", code=2)
    assert "toy/p.py:1: '# tune: 9..1' runs backwards; write 1..9" in done.stderr
    assert not (tmp_path / "r").exists()
    place.run("--proposer", place.session([program(2)]))  # where nothing is tuned, a comment is a comment


def test_a_program_without_a_number_to_tune_is_told_how_to_mark_one(tmp_path):
    seed = "def size(case):\n    return len('abc')\n\n\ndef quality():\n    return float('40')\n"
    place = Place.make(tmp_path, seed=seed, problem=PROBLEM)
    said = place.run("--proposer", "numeric", code=2).stderr
    assert "found no number to tune in p.py" in said and "`LEVEL = 6  # tune: 1..9`" in said
    assert os.listdir(tmp_path) == ["toy"]
