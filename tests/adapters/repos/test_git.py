"""The wrapper on real repositories: what it stores, and above all what it leaves alone."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from selfwright.adapters.repos.git import GitRepo
from selfwright.core.errors import BadInput, RepoError, Unavailable
from selfwright.ports.repo import Repo, Signature

Porcelain = Callable[..., str]

BRANCH = "selfwright/codec"
AUTHOR = Signature(name="Selfwright", email="s@selfwright.invalid", time_s=1_700_000_000)


def adopt(repo: Repo, files: dict[str, bytes | None], *, base: str | None = None, message: str = "m\n") -> str:
    """Build, commit and advance, as the committer does."""
    tree = repo.build_tree(base, files)
    commit = repo.commit(tree=tree, parents=(base,) if base else (), message=message, author=AUTHOR)
    repo.advance(BRANCH, commit, expect=None)
    return commit


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    return GitRepo.init_bare(tmp_path / "repo.git", branch=BRANCH)


# --------------------------------------------------------------------------------------------------- what it stores


def test_what_was_committed_is_read_back(repo: GitRepo) -> None:
    commit = adopt(repo, {"codec.py": b"x\n", "lib/fast.py": b"y\n"})
    assert repo.resolve(BRANCH) == repo.resolve("HEAD") == repo.resolve(commit) == commit
    assert repo.list_files(commit) == ("codec.py", "lib/fast.py")
    assert repo.list_files(commit, "lib") == repo.list_files(commit, "lib/") == ("lib/fast.py",)
    assert repo.read_file(commit, "lib/fast.py") == b"y\n"
    assert repo.file_ids(commit)["codec.py"] == repo.blob_id(b"x\n")
    assert repo.parents(commit) == ()


def test_all_files_are_read_at_once_and_the_header_as_git_has_it(repo: GitRepo) -> None:
    files = {"codec.py": b"x\n", "lib/a.py": b"", "lib/b.bin": b"\n\0blob 3\n"}
    commit = adopt(repo, files)
    assert repo.read_files(commit) == files
    assert repo.read_files(commit, "lib") == {path: files[path] for path in ("lib/a.py", "lib/b.bin")}
    assert repo.header(commit).splitlines() == [
        f"tree {repo.build_tree(commit, {})}",
        "author Selfwright <s@selfwright.invalid> 1700000000 +0000",
        "committer Selfwright <s@selfwright.invalid> 1700000000 +0000",
    ]


def test_what_a_branch_brings_and_what_each_commit_changes(repo: GitRepo) -> None:
    def commit(parents: tuple[str, ...], files: dict[str, bytes | None]) -> str:
        tree = repo.build_tree(parents[0] if parents else None, dict(files))
        return repo.commit(tree=tree, parents=parents, message="m\n", author=AUTHOR)

    root = commit((), {"a": b"1", "b": b"1"})
    ours, theirs = commit((root,), {"a": b"2"}), commit((root,), {"b": None, "c d": b""})
    merged = commit((ours, theirs), {"b": None, "c d": b""})
    evil = commit((ours, theirs), {"b": b"3"})
    assert set(repo.since(theirs, merged)) == {merged, ours} and repo.since(theirs, merged)[0] == merged
    assert repo.since(merged, root) == ()
    assert [sorted(repo.changed(each)) for each in (root, ours, theirs, merged, evil)] == [
        ["a", "b"], ["a"], ["b", "c d"], [], ["b"],
    ]  # fmt: skip
    back = commit((ours, theirs), {})
    assert repo.changed(back) == () and sorted(repo.between(theirs, back) or ()) == ["a", "b", "c d"]
    assert repo.between(theirs, ours) == repo.between(theirs, merged) == ("a",)
    assert repo.between(ours, commit((), {})) is None
    assert repo.between(merged, commit((theirs, ours), {"a": b"2"})) is None  # two that both come from


def test_what_is_not_there_is_none(repo: GitRepo) -> None:
    commit = adopt(repo, {"lib/fast.py": b"y\n"})
    assert repo.resolve("selfwright/other") is None
    assert repo.resolve("1" * 40) is None
    assert repo.read_file(commit, "codec.py") is None
    assert repo.read_file(commit, "lib") is None
    assert repo.list_files(commit, "li") == ()


def test_a_clone_checks_out_the_branch(repo: GitRepo, tmp_path: Path, git: Porcelain) -> None:
    adopt(repo, {"codec.py": b"x\n"})
    git(tmp_path, "clone", "-q", str(repo.git_dir), "clone")
    assert (tmp_path / "clone" / "codec.py").read_bytes() == b"x\n"


def test_init_again_changes_nothing(repo: GitRepo) -> None:
    commit = adopt(repo, {"codec.py": b"x\n"})
    assert GitRepo.init_bare(repo.git_dir, branch="selfwright/other").resolve("HEAD") == commit


@pytest.mark.parametrize("lock", ["config.lock", "HEAD.lock", f"refs/heads/{BRANCH}.lock"])
def test_a_lock_that_a_killed_git_left_blocks_nothing(repo: GitRepo, lock: str) -> None:
    first = adopt(repo, {"codec.py": b"x\n"})
    (repo.git_dir / lock).write_text("")
    again = GitRepo.init_bare(repo.git_dir, branch=BRANCH)
    second = again.commit(
        tree=again.build_tree(first, {"codec.py": b"y\n"}), parents=(first,), message="m", author=AUTHOR
    )
    again.advance(BRANCH, second, expect=first)
    assert again.resolve(BRANCH) == second


def test_files_are_replaced_added_and_deleted_and_the_rest_stays(repo: GitRepo) -> None:
    first = adopt(repo, {"a.py": b"1", "b.py": b"2", "c/d.py": b"3"})
    tree = repo.build_tree(first, {"a.py": b"11", "b.py": None, "c/e.py": b"", "never/was.py": None})
    second = repo.commit(tree=tree, parents=(first,), message="m\n", author=AUTHOR)
    assert repo.file_ids(second) == {
        "a.py": repo.blob_id(b"11"),
        "c/d.py": repo.blob_id(b"3"),
        "c/e.py": repo.blob_id(b""),
    }
    assert repo.parents(second) == (first,)


def test_an_empty_difference_gives_the_tree_of_the_base(repo: GitRepo, git: Porcelain) -> None:
    commit = adopt(repo, {"a.py": b"1"})
    assert repo.build_tree(commit, {}) == git(repo.git_dir, "rev-parse", f"{commit}^{{tree}}").strip()


def test_the_mode_of_an_existing_file_is_kept(project: Path, git: Porcelain) -> None:
    repo = GitRepo(project / ".git")
    head = repo.resolve("HEAD")
    tree = repo.build_tree(head, {"problems/codec/run.sh": b"#!/bin/bash\n", "problems/codec/new.sh": b"#!\n"})
    modes = {line.split()[-1]: line.split()[0] for line in git(project, "ls-tree", "-r", tree).splitlines()}
    assert modes["problems/codec/run.sh"] == "100755"
    assert modes["problems/codec/new.sh"] == "100644"


@pytest.mark.parametrize("content", [b"a\r\nb\r\n", b"a\nb\r\n", "\ufeffx\n".encode(), "é".encode("latin1"), b"\0\1"])
def test_bytes_survive(hostile: Path, content: bytes) -> None:
    repo = GitRepo(hostile / ".git")
    commit = adopt(repo, {"problems/codec/codec.py": content}, base=repo.resolve("HEAD"))
    assert repo.read_file(commit, "problems/codec/codec.py") == content


def test_a_message_is_kept_to_the_byte(repo: GitRepo) -> None:
    message = "é subject\n\n\n# no comment\n  • two spaces  \n\nKey: value\n"
    assert repo.message(adopt(repo, {"a": b""}, message=message)) == message


def test_the_same_arguments_give_the_same_commit(repo: GitRepo, hostile: Path) -> None:
    there = GitRepo(hostile / ".git")
    assert adopt(repo, {"a": b"1"}, message="é\n") == adopt(there, {"a": b"1"}, message="é\n")


def test_a_commit_says_who_and_when_and_nothing_else(repo: GitRepo, git: Porcelain) -> None:
    commit = adopt(repo, {"a": b"1"}, message="é\n")
    tree = git(repo.git_dir, "rev-parse", f"{commit}^{{tree}}").strip()
    who = "Selfwright <s@selfwright.invalid> 1700000000 +0000"
    assert git(repo.git_dir, "cat-file", "commit", commit) == f"tree {tree}\nauthor {who}\ncommitter {who}\n\né\n"


def test_a_repository_of_sha256_works_too(tmp_path: Path, git: Porcelain) -> None:
    git(tmp_path, "init", "-q", "--bare", "--object-format=sha256", "long.git")
    repo = GitRepo(tmp_path / "long.git")
    commit = adopt(repo, {"a": b"1"})
    assert len(commit) == 64
    assert repo.file_ids(commit) == {"a": repo.blob_id(b"1")}


# ------------------------------------------------------------------------------------------------ what it leaves alone


def test_work_in_progress_is_left_alone(busy_project: Path, picture: Callable[[Path], dict[str, str]]) -> None:
    before = picture(busy_project)
    repo = GitRepo(busy_project / ".git")
    head = repo.resolve("HEAD")
    commit = adopt(repo, {"problems/codec/codec.py": b"x = 2\n"}, base=head)
    assert repo.resolve(BRANCH) == commit != head
    assert picture(busy_project) == before


def test_nothing_of_a_hostile_repository_runs(
    hostile: Path, canary: Path, picture: Callable[[Path], dict[str, str]]
) -> None:
    before = picture(hostile)
    repo = GitRepo(hostile / ".git")
    head = repo.resolve("HEAD")
    assert head
    commit = adopt(repo, {"problems/codec/codec.py": b"x = 2\n", "README": None}, base=head)
    assert repo.read_file(commit, "problems/codec/codec.py") == b"x = 2\n"
    assert repo.read_file(head, "README") == b"a better project\n"
    assert repo.parents(commit) == (head,)
    assert repo.message(commit) == "m\n"
    assert os.listdir(canary) == []
    assert picture(hostile) == before


def test_the_hostile_repository_bites_whoever_uses_porcelain(hostile: Path, canary: Path, git: Porcelain) -> None:
    (hostile / "README").write_text("bite me\n")
    git(hostile, "add", "README", check=False)
    git(hostile, "config", "--unset", "filter.evil.required")
    git(hostile, "add", "README", check=False)
    git(hostile, "commit", "--no-verify", "-m", "bite me", check=False)
    git(hostile, "update-ref", "refs/heads/bite", "HEAD")
    assert {"filter.evil.clean", "core.fsmonitor", "gpg.program", "path-reference-transaction"} <= {*os.listdir(canary)}


def test_a_partial_clone_fetches_nothing(project: Path, canary: Path, tmp_path: Path, git: Porcelain) -> None:
    biter = tmp_path / "upload-pack"
    biter.write_text(f"#!/bin/sh\ntouch {canary}/fetched\n")
    biter.chmod(0o755)
    for name, value in {
        "core.repositoryFormatVersion": "1",
        "extensions.partialClone": "origin",
        "remote.origin.url": str(project),
        "remote.origin.promisor": "true",
        "remote.origin.uploadpack": str(biter),
        "protocol.allow": "always",
    }.items():
        git(project, "config", name, value)
    repo = GitRepo(project / ".git")
    head = repo.resolve("HEAD")
    assert head
    lost = repo.file_ids(head)["README"]
    (project / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    with suppress(RepoError):  # by the version of git: it says that it is missing, or that it may not fetch
        assert repo.read_file(head, "README") is None
    assert os.listdir(canary) == []
    git(project, "cat-file", "blob", lost, check=False)
    assert os.listdir(canary) == ["fetched"]


def test_git_is_told_what_the_design_says(repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_SOMETHING", "inherited")
    fake = program(tmp_path / "git", f'#!/bin/sh\nenv > {tmp_path}/env\necho "$*" > {tmp_path}/told\necho sha1 true\n')
    GitRepo(repo.git_dir, program=fake)
    environment = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert {name: value for name, value in environment.items() if name not in ("PWD", "OLDPWD", "SHLVL", "_")} == {
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_DIR": str(repo.git_dir),
        "GIT_EDITOR": "false",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "PATH": os.defpath,
    }
    told = (tmp_path / "told").read_text()
    assert told.startswith(
        f"-c safe.directory={repo.git_dir} -c core.hooksPath=/dev/null -c core.fsmonitor=false "
        "-c commit.gpgSign=false -c core.autocrlf=false -c gc.auto=0 -c maintenance.auto=false -c credential.helper= "
        "-c core.protectNTFS=true -c core.protectHFS=true -c push.recurseSubmodules=no -c http.lowSpeedLimit=1000 "
        "-c http.lowSpeedTime=20 -c http.followRedirects=false -c transfer.fsckObjects=true "
    )


def test_private_indexes_are_removed(repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    adopt(repo, {"a": b"1"})
    with pytest.raises(RepoError):
        repo.build_tree("1" * 40, {})
    assert os.listdir(tmp_path / "tmp") == []


def test_what_a_kill_left_is_in_the_scratch_folder_and_swept(repo: GitRepo, tmp_path: Path) -> None:
    killer = '#!/bin/sh\ncase "$*" in *write-tree*) kill -9 $PPID;; esac\nexec git "$@"\n'
    fake, scratch, temporary = program(tmp_path / "git", killer), tmp_path / "new\nline", tmp_path / "tmp"
    temporary.mkdir()
    source = (
        "import sys, pathlib; from selfwright.adapters.repos.git import GitRepo\n"
        "place, program, scratch = sys.argv[1:]\n"
        "repo = GitRepo(pathlib.Path(place), program=program, scratch=pathlib.Path(scratch))\n"
        "repo.build_tree(None, {'a.py': b'x'})\n"
    )
    command = [sys.executable, "-c", source, str(repo.git_dir), fake, str(scratch)]
    done = subprocess.run(command, env={**os.environ, "TMPDIR": str(temporary)}, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert (scratch / "index").is_file() and not list(temporary.iterdir())
    tree = GitRepo(repo.git_dir, scratch=scratch).build_tree(None, {"a.py": b"x"})
    assert tree == repo.build_tree(None, {"a.py": b"x"})
    assert not scratch.exists()


def test_no_variable_of_the_caller_reaches_git(repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE", "GIT_CONFIG_GLOBAL", "GIT_NAMESPACE"):
        monkeypatch.setenv(name, str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    assert repo.resolve(adopt(repo, {"a": b"1"}))
    assert not (tmp_path / "elsewhere").exists()
    assert not (tmp_path / "trace").exists()


# ------------------------------------------------------------------------------------------------------- the branch


def test_a_branch_moves_from_where_it_is_expected_only(repo: GitRepo) -> None:
    first = adopt(repo, {"a": b"1"})
    second = repo.commit(tree=repo.build_tree(None, {}), parents=(first,), message="2\n", author=AUTHOR)
    for expect in (None, second):
        with pytest.raises(RepoError, match=f"is at {first}"):
            repo.advance(BRANCH, second, expect=expect)
    with pytest.raises(RepoError, match="is at nothing"):
        repo.advance("selfwright/other", second, expect=first)
    repo.advance(BRANCH, second, expect=first)
    assert repo.resolve(BRANCH) == second


def test_a_branch_that_is_there_already_is_fine(repo: GitRepo) -> None:
    first = adopt(repo, {"a": b"1"})
    repo.advance(BRANCH, first, expect=None)
    repo.advance(BRANCH, first, expect="1" * 40)
    assert repo.resolve(BRANCH) == first


def test_of_eight_writers_at_once_one_wins(repo: GitRepo) -> None:
    tree = repo.build_tree(None, {"a": b"1"})
    commits = [repo.commit(tree=tree, parents=(), message=f"{n}\n", author=AUTHOR) for n in range(8)]

    def advance(commit: str) -> bool:
        try:
            repo.advance(BRANCH, commit, expect=None)
        except RepoError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [commit for commit, is_won in zip(commits, pool.map(advance, commits), strict=True) if is_won]
    assert won == [repo.resolve(BRANCH)]


def test_a_branch_that_somebody_has_checked_out_is_not_moved(project: Path, git: Porcelain) -> None:
    git(project, "checkout", "-q", "-b", BRANCH)
    repo = GitRepo(project / ".git")
    head = repo.resolve("HEAD")
    assert head
    commit = repo.commit(tree=repo.build_tree(head, {}), parents=(head,), message="m\n", author=AUTHOR)
    with pytest.raises(RepoError, match="checked out in"):
        repo.advance(BRANCH, commit, expect=head)
    assert repo.resolve("HEAD") == head


def test_a_branch_below_is_another_branch(repo: GitRepo) -> None:
    commit = adopt(repo, {"a": b"1"})
    with pytest.raises(RepoError, match="cannot lock ref"):
        repo.advance("selfwright", commit, expect=None)


@pytest.mark.parametrize(
    "name",
    ["", "HEAD", "-x", "a//b", "/a", "a/", "a..b", "a.lock/b", "a.", ".a", "a b", "a:b", "a~1", "a^", "@{u}", "a\n"],
)
def test_what_is_no_branch_name_is_refused(repo: GitRepo, name: str) -> None:
    commit = adopt(repo, {"a": b"1"})
    with pytest.raises(BadInput, match="is no branch name"):
        repo.advance(name, commit, expect=None)


# -------------------------------------------------------------------------------------------------- what it refuses


@pytest.mark.parametrize("oid", ["", "HEAD", "main", "1234567", "A" * 40, "1" * 41, "--all", "1" * 40 + "\n"])
def test_only_object_ids_reach_git(repo: GitRepo, oid: str) -> None:
    with pytest.raises(RepoError, match="is no object id"):
        repo.message(oid)
    with pytest.raises(RepoError, match="is no object id"):
        repo.advance(BRANCH, oid, expect=None)
    with pytest.raises(RepoError, match="is no object id"):
        repo.commit(tree=oid, parents=(), message="m\n", author=AUTHOR)


@pytest.mark.parametrize("path", ["../a", "/a", ".git/config", "lib/.GIT/x", "a\nb", ".gitattributes"])
def test_paths_that_git_could_misread_are_refused(repo: GitRepo, path: str) -> None:
    with pytest.raises(BadInput, match="segment"):
        repo.build_tree(None, {path: b"x"})


@pytest.mark.parametrize(
    ("path", "why"),
    [("link", "'link' is no"), ("lib/x.py", "'lib' is no"), ("README/x", "'README'"), ("problems", "folder")],
)
def test_nothing_is_written_over_a_link_or_a_folder(project: Path, git: Porcelain, path: str, why: str) -> None:
    (project / "link").symlink_to("/etc/passwd")
    (project / "lib").symlink_to("problems")
    git(project, "add", ".")
    git(project, "commit", "-q", "-m", "links")
    repo = GitRepo(project / ".git")
    with pytest.raises(BadInput, match=why):
        repo.build_tree(repo.resolve("HEAD"), {path: b"x"})
    assert "link" not in repo.list_files(repo.resolve("HEAD") or "")


@pytest.mark.parametrize(
    ("name", "email"), [("a\nb", "x"), ("a", "x>\n"), ("a\0", "x"), ("", "x"), ("a", ""), (". ;", "x")]
)
def test_an_author_can_not_forge_a_header(name: str, email: str) -> None:
    with pytest.raises(BadInput, match="can not sign"):
        Signature(name=name, email=email, time_s=0)


def test_an_odd_author_that_is_accepted_can_sign(repo: GitRepo) -> None:
    tree = repo.build_tree(None, {})
    for name in ("'x'", "é", "-", "a\x7f"):
        author = Signature(name=name, email=f"{name}@x", time_s=0)
        assert repo.resolve(repo.commit(tree=tree, parents=(), message="m", author=author))


def test_a_failure_says_what_git_said(repo: GitRepo) -> None:
    with pytest.raises(RepoError, match=r"git cat-file failed in .*repo\.git \(exit 128\): fatal: .*bad file"):
        repo.message("1" * 40)


def test_what_is_no_repository_is_said(tmp_path: Path, project: Path) -> None:
    with pytest.raises(RepoError, match="git rev-parse failed"):
        GitRepo(tmp_path)
    (project / "empty").mkdir()
    with pytest.raises(RepoError, match="git rev-parse failed"):  # and not the repository around it
        GitRepo(project / "empty")
    with pytest.raises(RepoError, match="no git directory"):
        GitRepo(tmp_path / "gone")


# ------------------------------------------------------------------------------------------------ a git that misbehaves


def program(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_git_that_hangs_is_ended_with_its_group(repo: GitRepo, tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    os.mkfifo(alive)
    # Both ignore TERM, and both hold the pipe for as long as they live.
    stay = "while :; do sleep 100; done"
    fake = program(
        tmp_path / "git",
        f"#!/bin/sh\ntrap '' TERM\nexec 9>{alive}\n(echo child >&9; {stay}) &\necho leader >&9\n{stay}\n",
    )
    reader = os.open(alive, os.O_RDONLY | os.O_NONBLOCK)
    with pytest.raises(Unavailable, match="did not end within 1 s and was killed"):
        GitRepo(repo.git_dir, program=fake, deadline_s=1)
    os.set_blocking(reader, True)
    with open(reader, "rb") as told:
        assert sorted(told.read().split()) == [b"child", b"leader"]  # returns when nobody holds the pipe any more


def test_a_git_whose_child_keeps_the_output_open_is_ended_too(repo: GitRepo, tmp_path: Path) -> None:
    fake = program(tmp_path / "git", "#!/bin/sh\nsleep 100 &\nexit 0\n")
    with pytest.raises(Unavailable, match="was killed"):
        GitRepo(repo.git_dir, program=fake, deadline_s=0.2)


def test_no_git_at_all_is_said(repo: GitRepo) -> None:
    with pytest.raises(Unavailable, match="'no-such-git' is not installed"):
        GitRepo(repo.git_dir, program="no-such-git")


def test_a_full_disk_is_not_our_failure(repo: GitRepo, tmp_path: Path) -> None:
    fake = program(tmp_path / "git", "#!/bin/sh\necho 'fatal: write error: No space left on device' >&2\nexit 128\n")
    with pytest.raises(Unavailable, match="No space left"):
        GitRepo(repo.git_dir, program=fake)
