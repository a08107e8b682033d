"""What decides where commits go."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from selfwright.adapters.repos.git import GitRepo
from selfwright.adapters.repos.surrounding import repo_at, surrounding
from selfwright.core.errors import RepoError

Porcelain = Callable[..., str]


def test_the_repository_around_a_folder_is_found(project: Path, git: Porcelain) -> None:
    found = surrounding(project / "problems" / "codec")
    assert found
    assert (found.top, found.prefix) == (project, "problems/codec/")
    assert found.head == git(project, "rev-parse", "HEAD").strip()
    assert found.files() == ("codec.py", "problem.toml", "run.sh")


def test_at_the_top_there_is_no_prefix(project: Path) -> None:
    found = surrounding(project)
    assert found
    assert found.prefix == ""
    assert found.files() == (
        "README",
        "problems/codec/codec.py",
        "problems/codec/problem.toml",
        "problems/codec/run.sh",
    )


def test_without_a_repository_there_is_none(tmp_path: Path, project: Path) -> None:
    assert surrounding(tmp_path) is None
    assert surrounding(project / ".git") is None


def test_a_bare_repository_is_found_at_its_path_and_what_is_none_is_said(tmp_path: Path, project: Path) -> None:
    bare = GitRepo.init_bare(tmp_path / "repo.git")
    assert repo_at(bare.git_dir).git_dir == bare.git_dir
    assert repo_at(project).git_dir == project / ".git"
    for place in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(RepoError, match="there is no repository at"):
            repo_at(place)


def test_a_repository_without_commits_has_no_head(tmp_path: Path, git: Porcelain) -> None:
    git(tmp_path, "init", "-q")
    found = surrounding(tmp_path)
    assert found
    assert found.head is None
    assert found.files() == ()
    assert found.differing({"a": b""}) == ("a",)


def test_a_repository_that_git_can_not_read_is_said(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("nonsense")
    with pytest.raises(RepoError, match="can not read the repository around"):
        surrounding(tmp_path)


def test_a_linked_work_tree_has_its_own_head(project: Path, tmp_path: Path, git: Porcelain) -> None:
    git(project, "worktree", "add", "-q", str(tmp_path / "linked"), "HEAD~1")
    found = surrounding(tmp_path / "linked" / "problems")
    assert found
    assert (found.top, found.prefix) == (tmp_path / "linked", "problems/")
    assert found.head == git(project, "rev-parse", "HEAD~1").strip()
    assert found.head != found.repo.resolve("main")


@pytest.mark.parametrize("content", [b"x = 1\r\n", b"x = 1", b"\xef\xbb\xbfx = 1\n", b""])
def test_what_differs_from_head_by_one_byte_differs(project: Path, git: Porcelain, content: bytes) -> None:
    git(project, "config", "core.autocrlf", "true")
    found = surrounding(project / "problems" / "codec")
    assert found
    assert found.differing({"codec.py": content, "problem.toml": b'name = "codec"\n'}) == ("codec.py",)


def test_what_is_as_in_head_does_not_differ(project: Path) -> None:
    found = surrounding(project / "problems" / "codec")
    assert found
    on_disk = {name: (project / "problems" / "codec" / name).read_bytes() for name in found.files()}
    assert found.differing(on_disk) == ()
    assert found.differing({**on_disk, "new.py": b""}) == ("new.py",)


def test_looking_runs_nothing_and_changes_nothing(
    hostile: Path, canary: Path, picture: Callable[[Path], dict[str, str]]
) -> None:
    before = picture(hostile)
    found = surrounding(hostile / "problems" / "codec")
    assert found
    assert found.differing({"codec.py": b"x = 1\n"}) == ()
    assert os.listdir(canary) == []
    assert picture(hostile) == before
