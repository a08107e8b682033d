"""Commits as folders: found by any name, written to the byte, and the person's repository is as it was."""

import os
import re
from pathlib import Path

import pytest

from selfwright.adapters.repos import export, find_commit, surrounding
from selfwright.core.errors import BadInput


def exported(top: Path, revision: str, to: Path) -> Path:
    found = surrounding(top)
    assert found
    commit = find_commit(found.repo, revision)
    assert commit
    export(found, commit, to / "a", scratch=to / "a.git")
    return to / "a"


def test_a_commit_is_found_by_every_name_that_git_knows(project, git):
    found = surrounding(project / "problems")
    git(project, "tag", "-a", "v1", "-m", "one", "HEAD~1")
    first, second = git(project, "rev-parse", "HEAD~1", "HEAD").split()
    for name in ("HEAD~1", "main^", "v1", first, first[:7], "refs/tags/v1", "HEAD@{1}", "HEAD^{/first}"):
        assert find_commit(found.repo, name) == first, name
    assert find_commit(found.repo, "HEAD") == second
    for name in ("nope", "", "-p", "--help", "HEAD:README", "HEAD^{tree}", "main x", "HEAD\nHEAD", "0" * 40):
        assert find_commit(found.repo, name) is None, name
    with pytest.raises(BadInput, match="upstream"):
        find_commit(found.repo, "@{u}")


def test_what_is_written_is_what_git_checks_out(project, git, tmp_path):
    (project / "link").symlink_to("README")
    (project / "lines.txt").write_bytes(b"a\r\nb\n\x00")
    (project / "un\xefcode name").write_text("x")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "third")
    there = exported(project, "HEAD", tmp_path)
    git(project, "clone", "-q", str(project), str(tmp_path / "clone"))
    names = sorted(path.relative_to(there) for path in there.rglob("*"))
    assert names == sorted(
        path.relative_to(tmp_path / "clone") for path in (tmp_path / "clone").rglob("*") if ".git" not in path.parts
    )
    for name in names:
        ours, gits = there / name, tmp_path / "clone" / name
        assert ours.lstat().st_mode == gits.lstat().st_mode, name
        assert ours.is_dir() or ours.read_bytes() == gits.read_bytes(), name
    assert os.readlink(there / "link") == "README"
    assert os.access(there / "problems" / "codec" / "run.sh", os.X_OK)


def test_nothing_of_a_busy_project_is_touched(busy_project, picture, tmp_path):
    before = picture(busy_project)
    there = exported(busy_project, "main~1", tmp_path)
    assert (there / "README").read_text() == "a project\n"
    assert picture(busy_project) == before


def test_nothing_that_a_hostile_repository_names_is_run(hostile, canary, picture, tmp_path):
    before = picture(hostile)
    there = exported(hostile, "HEAD", tmp_path)
    assert (there / "README").read_text() == "a better project\n"  # not what it was replaced by
    assert list(canary.iterdir()) == []
    assert picture(hostile) == before


def test_a_linked_work_tree_and_other_hashes(project, git, tmp_path):
    git(project, "worktree", "add", "-q", str(tmp_path / "linked"), "HEAD~1")
    (tmp_path / "x").mkdir()
    assert (exported(tmp_path / "linked", "HEAD", tmp_path / "x") / "README").read_text() == "a project\n"
    git(tmp_path, "init", "-q", "--object-format=sha256", "new")
    (tmp_path / "new" / "f").write_text("1")
    git(tmp_path / "new", "add", "f")
    git(tmp_path / "new", "commit", "-q", "-m", "one")
    (tmp_path / "y").mkdir()
    there = exported(tmp_path / "new", "HEAD", tmp_path / "y")
    assert (there / "f").read_text() == "1"
    assert re.fullmatch("[0-9a-f]{64}", find_commit(surrounding(tmp_path / "new").repo, "HEAD"))
