"""Notes on real repositories: git reads them, and nothing else moves."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from selfwright.adapters.repos.git import GitRepo
from selfwright.adapters.repos.notes import REF, GitNotes
from selfwright.ports.repo import Signature

Porcelain = Callable[..., str]
AUTHOR = Signature(name="Selfwright", email="s@selfwright.invalid", time_s=1_700_000_000)


@pytest.fixture
def head(project: Path, git: Porcelain) -> str:
    return git(project, "rev-parse", "HEAD").strip()


def test_git_shows_what_was_noted_and_the_persons_own_notes_stay(project: Path, head: str, git: Porcelain) -> None:
    git(project, "notes", "add", "-m", "by hand", head)
    refs, status = git(project, "for-each-ref"), git(project, "status", "--short", "--branch")
    notes = GitNotes(GitRepo(project / ".git"))
    assert notes.note(head) is None
    notes.annotate(head, b"measured\n", author=AUTHOR)
    assert git(project, "notes", "--ref", "selfwright", "show", head) == "measured\n"
    assert git(project, "notes", "show", head) == "by hand\n"
    assert [line for line in git(project, "for-each-ref").splitlines() if REF not in line] == refs.splitlines()
    assert git(project, "status", "--short", "--branch") == status


def test_again_changes_nothing_and_another_text_takes_its_place(project: Path, head: str, git: Porcelain) -> None:
    repo = GitRepo(project / ".git")
    notes = GitNotes(repo)
    notes.annotate(head, b"one", author=AUTHOR)
    tip = repo.ref(REF)
    notes.annotate(head, b"one", author=AUTHOR)
    assert repo.ref(REF) == tip
    notes.annotate(head, b"two", author=AUTHOR)
    assert notes.note(head) == b"two"
    assert git(project, "rev-list", "--count", REF).strip() == "2"


def test_where_git_spread_the_notes_over_folders_they_are_found(project: Path, head: str, git: Porcelain) -> None:
    repo = GitRepo(project / ".git")
    tree = repo.build_tree(None, {f"{head[:2]}/{head[2:]}": b"spread"})
    commit = repo.commit(tree=tree, parents=(), message="m", author=AUTHOR)
    assert repo.move(REF, commit, expect=None)
    assert GitNotes(repo).note(head) == b"spread"
    GitNotes(repo).annotate(head, b"other", author=AUTHOR)
    assert git(project, "notes", "--ref", "selfwright", "show", head) == "other"
    assert len(git(project, "notes", "--ref", "selfwright", "list").splitlines()) == 1


def test_of_four_writers_at_once_none_loses_a_note(project: Path) -> None:
    repo = GitRepo(project / ".git")
    tree = repo.build_tree(None, {"x": b"x"})
    commits = [repo.commit(tree=tree, parents=(), message=f"{number}", author=AUTHOR) for number in range(4)]

    def write(commit: str) -> None:
        GitNotes(GitRepo(project / ".git")).annotate(commit, commit.encode(), author=AUTHOR)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, commits))
    assert [GitNotes(repo).note(commit) for commit in commits] == [commit.encode() for commit in commits]


def test_a_ref_moves_from_where_it_is_expected_only(project: Path, head: str) -> None:
    repo = GitRepo(project / ".git")
    assert repo.move(REF, head, expect=None)
    assert not repo.move(REF, head, expect="1" * 40)
    assert not repo.move(REF, head, expect=None)
    assert repo.ref(REF) == head
