"""What a person names by a commit or a folder."""

import os
from pathlib import Path

import pytest

from selfwright.adapters.checkout import two_sides
from selfwright.core.errors import BadInput
from tests.adapters.repos.conftest import porcelain


@pytest.fixture
def top(tmp_path) -> Path:
    """A repository with two commits; the first has no folder ``sub``."""
    top = tmp_path / "top"
    porcelain(tmp_path, "init", "-q", "-b", "main", str(top))
    for number, name in enumerate(("f", "sub/f")):
        (top / name).parent.mkdir(exist_ok=True)
        (top / name).write_text(str(number))
        porcelain(top, "add", ".")
        porcelain(top, "commit", "-q", "-m", name)
    return top


def test_commits_lie_in_private_folders_as_long_as_they_are_needed(top):
    with two_sides("HEAD~1", "main", top) as (a, b):
        assert (a.folder / "f").read_text() == "0" and (b.folder / "sub/f").read_text() == "1"
        assert [str(a), str(b)] == ["A (HEAD~1)", "B (main)"] and a.commit != b.commit
        assert len(str(a.folder)) == len(str(b.folder)) and a.folder.parent.stat().st_mode & 0o077 == 0
        (a.folder / "locked").mkdir(mode=0o500)
    assert not a.folder.parent.exists()


def test_a_commit_is_run_where_the_person_is(top):
    with two_sides("HEAD", ".", top / "sub") as (a, b):
        assert a.folder.parts[-1] == "sub" and (a.folder / "f").read_text() == "1"
        assert (b.folder, b.commit) == (top / "sub", None)
    with pytest.raises(BadInput, match="has no folder sub/"), two_sides("HEAD~1", "HEAD", top / "sub"):
        pass


def test_a_folder_stays_where_it_is_and_needs_no_repository(tmp_path):
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
    with two_sides("x", str(tmp_path / "y"), tmp_path) as (a, b):
        assert (a.folder, b.folder, a.commit, b.commit) == (tmp_path / "x", tmp_path / "y", None, None)
    assert (tmp_path / "x").is_dir()


def test_two_folders_need_no_git(tmp_path, monkeypatch):
    (tmp_path / "x").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    with two_sides("x", "x", tmp_path) as (a, b):
        assert a.folder == b.folder == tmp_path / "x"


def test_a_name_with_two_meanings_is_refused(top):
    (top / "main").mkdir()
    with (
        pytest.raises(BadInput, match=r"a folder here and a commit; write \./main or main\^0"),
        two_sides("main", "HEAD", top),
    ):
        pass
    with two_sides("./main", "main^0", top) as (a, b):
        assert a.folder == top / "main" and b.commit


@pytest.mark.parametrize(("name", "words"), [("nope", "neither a commit of"), ("", "A is empty")])
def test_what_is_not_there_is_refused(name, words, top, tmp_path):
    with pytest.raises(BadInput, match=words), two_sides(name, "HEAD", top):
        pass
    with pytest.raises(BadInput, match="no git repository"), two_sides("nope", "nope", tmp_path):
        pass
    assert os.listdir(tmp_path) == ["top"]
