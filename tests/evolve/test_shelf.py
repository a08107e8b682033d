"""Where runs lie: found by prefix, staged whole or not at all, and swept after a kill."""

import os
import socket
import subprocess
import sys

import pytest

from selfwright.core.errors import BadInput, RunHeld
from selfwright.evolve.shelf import JOURNAL, find_run, free_folder, staged


def opening(folder, *, holder=None, hidden=False, sync=lambda folder: None, announce=str):
    return staged(folder, holder=lambda folder: holder, sync=sync, announce=announce, hidden=hidden)


def make(runs, *names):
    for name in names:
        (runs / name).mkdir(parents=True)
        (runs / name / JOURNAL).touch()


def test_a_run_is_found_by_its_path_its_name_or_a_unique_prefix(tmp_path):
    make(tmp_path, "codec", "codec-2", "kernel")
    assert find_run(str(tmp_path / "codec"), tmp_path) == tmp_path / "codec"
    assert find_run("codec", tmp_path).name == "codec"
    assert find_run("k", tmp_path).name == "kernel"
    with pytest.raises(BadInput, match="fits several"):
        find_run("code", tmp_path)
    with pytest.raises(BadInput, match="there are codec, codec-2, kernel"):
        find_run("x", tmp_path)
    with pytest.raises(BadInput, match="there is none yet"):
        find_run("x", tmp_path / "nowhere")


def test_a_free_name_is_numbered(tmp_path):
    make(tmp_path, "codec", "codec-2")
    assert free_folder("codec", tmp_path).name == "codec-3"
    assert free_folder("kernel", tmp_path).name == "kernel"


def test_a_run_is_there_whole_or_not_at_all(tmp_path):
    with opening(tmp_path / "runs/r") as staging:
        (staging / "file").write_text("x")
        assert not (tmp_path / "runs/r").exists()
    assert (tmp_path / "runs/r/file").read_text() == "x"
    for name in ("runs/s", "not/there/yet"):
        with pytest.raises(RuntimeError), opening(tmp_path / name):
            raise RuntimeError
    assert os.listdir(tmp_path) == ["runs"]
    assert os.listdir(tmp_path / "runs") == ["r"]
    with (
        pytest.raises(BadInput, match="is not a run; choose another --dir"),
        opening(tmp_path / "runs/r"),
    ):
        raise AssertionError
    make(tmp_path / "runs", "q")
    with pytest.raises(BadInput, match="selfwright resume"), opening(tmp_path / "runs/q"):
        raise AssertionError


@pytest.mark.parametrize(("holder", "error"), [("process 7", RunHeld), (None, BadInput)])
def test_of_two_openings_the_slower_is_told_who_was_faster(tmp_path, holder, error):
    with pytest.raises(error, match=holder or "exists already"), opening(tmp_path / "r", holder=holder):
        make(tmp_path, "r")
    assert os.listdir(tmp_path) == ["r"]
    with pytest.raises(error, match=holder or "exists already"), opening(tmp_path / "r", holder=holder):
        raise AssertionError


def test_a_new_name_is_made_durable(tmp_path):
    seen = []
    with opening(tmp_path / "r", sync=lambda folder: seen.append(os.listdir(folder))):
        pass
    assert seen == [["r"]]


def test_an_interrupted_opening_says_that_nothing_is_left(tmp_path):
    told = []
    with (
        pytest.raises(KeyboardInterrupt),
        opening(tmp_path / "r", announce=lambda words: told.append((words, os.listdir(tmp_path)))),
    ):
        raise KeyboardInterrupt
    assert told == [("interrupted while the seed was measured; nothing was kept: run it again", [])]


def test_what_a_killed_opening_left_is_swept_and_a_living_one_is_not(tmp_path):
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    host = socket.gethostname()
    dead = tmp_path / f".opening-{host}-{int(gone.stdout)}-abc"
    living = tmp_path / f".opening-{host}-{os.getpid()}-abc"
    elsewhere = tmp_path / f".opening-another-host-{int(gone.stdout)}-abc"
    for folder in (dead, living, elsewhere):
        folder.mkdir()
    with opening(tmp_path / "r"):
        pass
    assert (dead.exists(), living.exists(), elsewhere.exists()) == (False, True, True)


def test_git_is_told_to_ignore_the_folder_of_runs_and_no_other(tmp_path):
    for _ in range(2):
        with pytest.raises(RuntimeError), opening(tmp_path / "runs/r", hidden=True):
            assert (tmp_path / "runs/.gitignore").read_text() == "*\n"
            raise RuntimeError
        assert os.listdir(tmp_path) == []
    with opening(tmp_path / "runs/r", hidden=True), opening(tmp_path / "elsewhere/r"):
        pass
    assert os.listdir(tmp_path / "elsewhere") == ["r"]
    (tmp_path / "runs/.gitignore").write_text("mine\n")
    with opening(tmp_path / "runs/s", hidden=True):
        pass
    assert sorted(os.listdir(tmp_path / "runs")) == [".gitignore", "r", "s"]
    assert (tmp_path / "runs/.gitignore").read_text() == "mine\n"


def test_without_a_name_it_is_the_only_run(tmp_path):
    with pytest.raises(BadInput, match=r"^no run in .*there is none yet"):
        find_run("", tmp_path)
    make(tmp_path, "codec")
    assert find_run("", tmp_path).name == "codec"
    make(tmp_path, "kernel")
    with pytest.raises(BadInput, match=r"there are several runs in .*: codec, kernel; name one"):
        find_run("", tmp_path)
