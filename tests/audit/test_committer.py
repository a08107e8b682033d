"""The committer on real repositories: the adopted tree is the measured tree, once, and nothing else moves."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from selfwright.adapters.repos.git import GitRepo
from selfwright.adapters.repos.notes import GitNotes
from selfwright.audit.certificate import Certificate
from selfwright.audit.committer import Committer
from selfwright.audit.shelf import Shelf
from selfwright.core.adoption import Adoption
from selfwright.core.errors import BadInput, RepoError
from selfwright.ports.adopter import Adopter
from selfwright.ports.repo import Signature

Adopt = Callable[..., Adoption]

BRANCH = "selfwright/codec"
BASE = {"problem.toml": b'name = "codec"\n', "codec.py": b"x = 0\n", "old.py": b"y = 0\n", "judge.py": b"z\r\n"}
SEED = {"codec.py": b"x = 0\n", "old.py": b"y = 0\n"}
PREFIX = "problems/codec/"


def is_editable(path: str) -> bool:
    return path.endswith(".py") and path != "judge.py"


def git(folder: Path, *arguments: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    person = ("-c", "user.name=A Person", "-c", "user.email=person@example.com")
    return subprocess.run(
        ["git", *person, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    ).stdout.strip()


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo.init_bare(tmp_path / "repo.git", branch=BRANCH)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "run").mkdir()
    return Shelf(tmp_path / "run")


@pytest.fixture
def own(repo: GitRepo, shelf: Shelf) -> Adopter:
    return Committer(
        repo=repo, notes=GitNotes(repo), branch=BRANCH, prefix="", editable=is_editable, base_files=BASE, shelf=shelf
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A work tree with the problem two folders down, and a staged and an unstaged change."""
    top = tmp_path / "project"
    for path, content in BASE.items():
        (top / PREFIX / path).parent.mkdir(parents=True, exist_ok=True)
        (top / PREFIX / path).write_bytes(content)
    (top / "elsewhere.py").write_bytes(b"not ours\n")
    git(top.parent, "init", "-q", "-b", "main", str(top))
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "first")
    return top


@pytest.fixture
def inside(project: Path, shelf: Shelf) -> Adopter:
    return _inside(project, shelf)


def _inside(project: Path, shelf: Shelf) -> Adopter:
    repo = GitRepo(project / ".git")
    return Committer(
        repo=repo,
        notes=GitNotes(repo),
        branch=BRANCH,
        prefix=PREFIX,
        editable=is_editable,
        base_files=None,
        shelf=shelf,
    )


def files_of(repo: GitRepo, commit: str) -> dict[str, bytes | None]:
    return {path: repo.read_file(commit, path) for path in repo.list_files(commit)}


# ------------------------------------------------------------------------------------------------- the run's own one


def test_the_seed_is_the_whole_problem(own: Adopter, repo: GitRepo, adoption: Adopt) -> None:
    seed = own.adopt(adoption(version=0, files=SEED))
    assert files_of(repo, seed.commit) == BASE
    assert repo.resolve("HEAD") == repo.resolve(BRANCH) == seed.commit
    assert repo.parents(seed.commit) == ()
    assert repo.message(seed.commit).startswith("Seed v0\n")
    assert seed.tree == git(repo.git_dir, "rev-parse", f"{seed.commit}^{{tree}}")


def test_a_version_has_the_measured_program_and_everything_else_as_it_was(
    own: Adopter, repo: GitRepo, adoption: Adopt
) -> None:
    seed = own.adopt(adoption(version=0, files=SEED))
    program = {"codec.py": b"x = 1\r\n", "lib/fast.py": b"\xff"}
    first = own.adopt(adoption(version=1, files=program, parent=seed.commit))
    locked = {"problem.toml": BASE["problem.toml"], "judge.py": BASE["judge.py"]}
    assert files_of(repo, first.commit) == {**locked, **program}
    assert repo.parents(first.commit) == (seed.commit,)
    assert f"\nEvaluation-Tree: {first.tree}\n" in repo.message(first.commit)
    # What a version added goes again when the next one is derived from another program.
    second = own.adopt(adoption(version=2, files=SEED, parent=first.commit))
    assert files_of(repo, second.commit) == BASE
    assert git(repo.git_dir, "rev-list", "--count", BRANCH) == "3"


def test_doing_it_again_gives_the_same_revision(own: Adopter, repo: GitRepo, adoption: Adopt, tmp_path: Path) -> None:
    seed = own.adopt(adoption(version=0, files=SEED))
    assert own.adopt(adoption(version=0, files=SEED)) == seed
    told = adoption(version=1, files={"codec.py": b"x = 1\n"}, parent=seed.commit)
    first = own.adopt(told)
    refs, objects = git(repo.git_dir, "for-each-ref"), git(repo.git_dir, "count-objects")
    assert own.adopt(told) == first
    assert (git(repo.git_dir, "for-each-ref"), git(repo.git_dir, "count-objects")) == (refs, objects)
    assert os.readlink(tmp_path / "run" / "best") == "versions/v1"


def test_a_branch_that_somebody_moved_is_not_moved(
    own: Adopter, repo: GitRepo, adoption: Adopt, tmp_path: Path
) -> None:
    seed = own.adopt(adoption(version=0, files=SEED))
    mine = own.adopt(adoption(version=1, files={"codec.py": b"1"}, parent=seed.commit))
    with pytest.raises(RepoError, match=f"another run or a person moved it.*branch -f {BRANCH} {seed.commit}"):
        own.adopt(adoption(version=1, files={"codec.py": b"2"}, parent=seed.commit))
    assert repo.resolve(BRANCH) == mine.commit
    assert (tmp_path / "run" / "best" / "codec.py").read_bytes() == b"1"


def test_the_shelf_has_program_metrics_and_certificate(own: Adopter, adoption: Adopt, tmp_path: Path) -> None:
    seed = own.adopt(adoption(version=0, files=SEED))
    first = own.adopt(adoption(version=1, files={"codec.py": b"x = 1\n"}, parent=seed.commit))
    versions = tmp_path / "run" / "versions"
    assert sorted(os.listdir(versions / "v0")) == ["codec.py", "metrics.json", "old.py"]
    assert sorted(os.listdir(versions / "v1")) == ["certificate.json", "codec.py", "metrics.json"]
    metrics = json.loads((tmp_path / "run" / "best" / "metrics.json").read_bytes())
    assert metrics["metrics"]["bitrate_mbps"] == 2.1
    assert (metrics["version"], metrics["commit"], metrics["improvement"]) == (1, first.commit, "34% better than v0")
    assert json.loads((versions / "v1" / "certificate.json").read_bytes())["tree"] == first.tree


def test_the_certificate_is_the_note_that_the_commit_names(own: Adopter, repo: GitRepo, adoption: Adopt) -> None:
    seed = own.adopt(adoption(version=0, files=SEED))
    first = own.adopt(adoption(version=1, files={"codec.py": b"x = 1\n"}, parent=seed.commit))
    notes = GitNotes(repo)
    note = notes.note(first.commit)
    assert note is not None and notes.note(seed.commit) is None
    assert f"\nCertificate: {hashlib.sha256(note).hexdigest()}\n" in repo.message(first.commit)
    certificate = Certificate.read(note)
    assert (certificate.tree, certificate.parent, certificate.holdout, certificate.look) == (
        first.tree, seed.commit, "passed", 4,
    )  # fmt: skip
    assert note.decode().strip() == git(repo.git_dir, "notes", "--ref", "selfwright", "show", first.commit)


class Dying(GitNotes):
    """Is killed before it has written anything."""

    def annotate(self, commit: str, note: bytes, *, author: Signature) -> None:
        raise KeyboardInterrupt


def test_a_kill_between_commit_and_note_is_mended(repo: GitRepo, shelf: Shelf, adoption: Adopt) -> None:
    def committer(notes: GitNotes) -> Committer:
        return Committer(
            repo=repo, notes=notes, branch=BRANCH, prefix="", editable=is_editable, base_files=BASE, shelf=shelf
        )

    seed = committer(GitNotes(repo)).adopt(adoption(version=0, files=SEED))
    told = adoption(version=1, files={"codec.py": b"x = 1\n"}, parent=seed.commit)
    with pytest.raises(KeyboardInterrupt):
        committer(Dying(repo)).adopt(told)
    left = repo.resolve(BRANCH)
    assert left is not None and GitNotes(repo).note(left) is None
    assert committer(GitNotes(repo)).adopt(told).commit == left
    assert Certificate.read(GitNotes(repo).note(left) or b"").version == 1


def test_how_far_a_version_is_from_the_one_before_does_not_matter(own: Adopter, repo: GitRepo, adoption: Adopt) -> None:
    """A change is as small as admission wants it, against its own parent, which need not be the incumbent."""
    seed = own.adopt(adoption(version=0, files=SEED))
    program = {**SEED, "codec.py": b"x" * 524289, **{f"lib/{number}.py": b"" for number in range(30)}}
    first = own.adopt(adoption(version=1, files=program, parent=seed.commit))
    assert files_of(repo, first.commit) == {**BASE, **program}


def test_what_is_misplaced_is_refused_and_nothing_moves(
    own: Adopter, repo: GitRepo, adoption: Adopt, tmp_path: Path
) -> None:
    seed = own.adopt(adoption(version=0, files=SEED))
    with pytest.raises(BadInput, match="kept beside every version"):
        own.adopt(adoption(version=1, files={**SEED, "metrics.json": b""}, parent=seed.commit))
    with pytest.raises(BadInput, match="segment"):
        own.adopt(adoption(version=1, files={"../codec.py": b""}, parent=seed.commit))
    with pytest.raises(BadInput, match="where case is folded"):
        own.adopt(adoption(version=1, files={**SEED, "Codec.py": b""}, parent=seed.commit))
    assert repo.resolve(BRANCH) == seed.commit
    assert os.listdir(tmp_path / "run" / "versions") == ["v0"]


class Lossy(GitRepo):
    """A repository that drops a file on its way into a tree."""

    def build_tree(self, base: str | None, files: Mapping[str, bytes | None]) -> str:
        kept = {path: content for path, content in files.items() if path != "lib/fast.py"}
        return super().build_tree(base, kept)


def test_a_tree_that_is_not_the_measured_one_is_not_adopted(repo: GitRepo, shelf: Shelf, adoption: Adopt) -> None:
    lossy = Lossy(repo.git_dir)
    own = Committer(
        repo=lossy, notes=GitNotes(lossy), branch=BRANCH, prefix="", editable=is_editable, base_files=BASE, shelf=shelf
    )
    seed = own.adopt(adoption(version=0, files=SEED))
    with pytest.raises(RepoError, match=r"was not adopted: 'lib/fast\.py' in it is not what was measured"):
        own.adopt(adoption(version=1, files={"lib/fast.py": b""}, parent=seed.commit))
    assert repo.resolve(BRANCH) == seed.commit


def test_who_can_not_sign_is_told_before_anything_is_adopted(repo: GitRepo, shelf: Shelf) -> None:
    """Else what is proven better would be given up because of a setting."""
    with pytest.raises(BadInput, match="'a<b' can not sign a commit"):
        Committer(
            repo=repo,
            notes=GitNotes(repo),
            branch=BRANCH,
            prefix="",
            editable=is_editable,
            base_files=BASE,
            shelf=shelf,
            author_name="a<b",
        )


# ---------------------------------------------------------------------------------------------- the surrounding one


def test_in_a_project_the_seed_is_head(inside: Adopter, project: Path, adoption: Adopt) -> None:
    (project / "elsewhere.py").write_bytes(b"somebody is at work here\n")
    git(project, "add", "elsewhere.py")
    head, status = git(project, "rev-parse", "HEAD"), git(project, "status", "--short", "--branch")
    seed = inside.adopt(adoption(version=0, files=SEED))
    assert seed.tree == git(project, "rev-parse", "HEAD^{tree}")
    first = inside.adopt(adoption(version=1, files={"codec.py": b"x = 1\n"}, parent=seed.commit))
    assert git(project, "diff", "--name-status", head, first.commit).split("\n") == [
        f"M\t{PREFIX}codec.py",
        f"D\t{PREFIX}old.py",
    ]
    assert git(project, "rev-list", BRANCH).split() == [first.commit, seed.commit, head]
    assert git(project, "rev-parse", "HEAD") == head
    assert git(project, "status", "--short", "--branch") == status


def test_a_second_run_goes_on_from_the_first(inside: Adopter, project: Path, adoption: Adopt, shelf: Shelf) -> None:
    seed = inside.adopt(adoption(version=0, files=SEED))
    last = inside.adopt(adoption(version=1, files={"codec.py": b"x = 1\n"}, parent=seed.commit))
    (project / PREFIX / "codec.py").write_bytes(b"x = 5\n")
    git(project, "commit", "-q", "-a", "-m", "by hand")
    head = git(project, "rev-parse", "HEAD")
    told = adoption(version=0, files={**SEED, "codec.py": b"x = 5\n"}, journal="9:" + "b" * 64)
    again = inside.adopt(told)
    assert GitRepo(project / ".git").parents(again.commit) == (last.commit, head)
    assert again.tree == git(project, "rev-parse", "HEAD^{tree}")
    # Killed after the commit, resumed after the person went on: still the same seed.
    (project / "elsewhere.py").write_bytes(b"later\n")
    git(project, "commit", "-q", "-a", "-m", "later")
    assert _inside(project, shelf).adopt(told) == again
    assert git(project, "rev-parse", BRANCH) == again.commit


def test_a_branch_that_was_merged_is_continued_too(inside: Adopter, project: Path, adoption: Adopt) -> None:
    seed = inside.adopt(adoption(version=0, files=SEED))
    git(project, "merge", "-q", "--ff-only", BRANCH)
    told = adoption(version=0, files=SEED, journal="9:" + "b" * 64)
    again = inside.adopt(told)
    assert GitRepo(project / ".git").parents(again.commit) == (seed.commit,)
    assert inside.adopt(told) == again


@pytest.mark.parametrize(
    "files", [{**SEED, "codec.py": b"x = 9\n"}, {"codec.py": SEED["codec.py"]}, {**SEED, "untracked.py": b""}]
)
def test_a_seed_that_is_not_head_is_refused(
    inside: Adopter, project: Path, adoption: Adopt, files: dict[str, bytes]
) -> None:
    with pytest.raises(RepoError, match="at HEAD is not as it was measured"):
        inside.adopt(adoption(version=0, files=files))
    assert GitRepo(project / ".git").resolve(BRANCH) is None


def test_a_repository_without_commits_is_refused(tmp_path: Path, shelf: Shelf, adoption: Adopt) -> None:
    git(tmp_path, "init", "-q", "empty")
    with pytest.raises(RepoError, match="has no commit"):
        _inside(tmp_path / "empty", shelf).adopt(adoption(version=0, files=SEED))
