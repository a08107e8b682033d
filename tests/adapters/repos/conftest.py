"""Repositories as people have them, made by git's porcelain; and one that would bite."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

Porcelain = Callable[..., str]

HOOKS = (
    *("applypatch-msg", "pre-applypatch", "post-applypatch", "pre-commit", "pre-merge-commit", "prepare-commit-msg"),
    *("commit-msg", "post-commit", "pre-rebase", "post-checkout", "post-merge", "pre-push", "pre-receive", "update"),
    *("proc-receive", "post-receive", "post-update", "reference-transaction", "push-to-checkout", "pre-auto-gc"),
    *("post-rewrite", "sendemail-validate", "fsmonitor-watchman", "post-index-change"),
)


def porcelain(folder: Path, *arguments: str, check: bool = True) -> str:
    """Git as a person runs it, with a home of its own."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **{f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _PERSON},
    }
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=30
    )
    assert not check or not done.returncode, done.stderr
    return done.stdout


_PERSON = (("NAME", "A Person"), ("EMAIL", "person@example.com"), ("DATE", "@1700000000 +0000"))


@pytest.fixture
def git() -> Porcelain:
    return porcelain


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A work tree with two commits, in which a problem lies two folders down."""
    top = tmp_path / "project"
    problem = top / "problems" / "codec"
    problem.mkdir(parents=True)
    porcelain(tmp_path, "init", "-q", "-b", "main", str(top))
    (top / "README").write_text("a project\n")
    (problem / "problem.toml").write_text('name = "codec"\n')
    (problem / "codec.py").write_bytes(b"x = 1\n")
    (problem / "run.sh").write_text("#!/bin/sh\n")
    (problem / "run.sh").chmod(0o755)
    porcelain(top, "add", ".")
    porcelain(top, "commit", "-q", "-m", "first")
    (top / "README").write_text("a better project\n")
    porcelain(top, "commit", "-q", "-a", "-m", "second")
    return top


def _be_dirty(top: Path) -> None:
    (top / "README").write_text("not yet committed\n")
    (top / "new.txt").write_text("not known to git\n")


def _be_staged(top: Path) -> None:
    _be_dirty(top)
    porcelain(top, "add", "README", "new.txt")
    (top / "README").write_text("changed again\n")


def _be_detached(top: Path) -> None:
    porcelain(top, "checkout", "-q", "--detach", "HEAD")


def _be_merging(top: Path) -> None:
    porcelain(top, "checkout", "-q", "-b", "other", "HEAD~1")
    (top / "README").write_text("another project\n")
    porcelain(top, "commit", "-q", "-a", "-m", "other")
    porcelain(top, "merge", "main", check=False)
    assert (top / ".git" / "MERGE_HEAD").exists()


def _be_locked(top: Path) -> None:
    (top / ".git" / "index.lock").write_bytes(b"")


STATES: dict[str, Callable[[Path], None]] = {
    "dirty": _be_dirty,
    "staged": _be_staged,
    "detached": _be_detached,
    "merging": _be_merging,
    "index.lock": _be_locked,
}


@pytest.fixture(params=STATES)
def busy_project(request: pytest.FixtureRequest, project: Path) -> Path:
    """The project, in the middle of a person's work."""
    STATES[request.param](project)
    return project


@pytest.fixture
def picture() -> Callable[[Path], dict[str, str]]:
    """Takes a picture of a work tree, to compare."""
    return _picture


def _picture(top: Path) -> dict[str, str]:
    """Path → hash of everything in a work tree and its git folder, but for objects and our own branches."""
    ours = (".git/objects/", ".git/refs/heads/selfwright/", ".git/logs/refs/heads/selfwright/")
    return {
        name: sha256(path.read_bytes()).hexdigest()
        for path in sorted(top.rglob("*"))
        if path.is_file() and not (name := path.relative_to(top).as_posix()).startswith(ours)
    }


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A folder into which everything that bites puts a file of its name."""
    (tmp_path / "canary").mkdir()
    return tmp_path / "canary"


@pytest.fixture
def hostile(project: Path, tmp_path: Path, canary: Path) -> Path:
    """The project with every hook, filter, helper and program that a repository can name."""

    def biter(name: str, path: Path) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\ntouch {canary}/{name}\n")
        path.chmod(0o755)
        return str(path)

    lie = tmp_path / "lie"
    lie.write_text("another README\n")
    porcelain(project, "replace", "HEAD:README", porcelain(project, "hash-object", "-w", str(lie)).strip())
    for hook in HOOKS:
        biter(f"hook-{hook}", project / ".git" / "hooks" / hook)
        biter(f"path-{hook}", tmp_path / "hooks" / hook)
    (project / ".git" / "info").mkdir(exist_ok=True)
    (project / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil merge=evil text eol=crlf\n")
    other = tmp_path / "other.git"
    porcelain(tmp_path, "init", "-q", "--bare", str(other))
    (project / ".git" / "objects" / "info" / "alternates").write_text(f"{other}/objects\n")
    programs = (
        *("filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.evil.command", "merge.evil.driver"),
        *("gpg.program", "gpg.ssh.program", "core.fsmonitor", "core.editor", "core.pager", "core.sshCommand"),
        *("core.askPass", "core.gitProxy", "core.alternateRefsCommand", "sequence.editor", "diff.external"),
        *("credential.helper", "uploadpack.packObjectsHook", "trailer.sign.command", "alias.lg", "pager.ls-tree"),
        *("remote.origin.uploadpack", "remote.origin.receivepack", "remote.origin.vcs"),
    )
    settings = {name: biter(name, tmp_path / "programs" / name) for name in programs}
    settings |= {"commit.gpgSign": "true", "tag.gpgSign": "true", "filter.evil.required": "true"}
    settings |= {"core.autocrlf": "true", "core.splitIndex": "true", "core.untrackedCache": "true"}
    settings |= {"i18n.commitEncoding": "latin1", "user.useConfigOnly": "true", "core.sparseCheckout": "true"}
    settings |= {"core.compression": "0", "core.commentChar": "L", "gc.auto": "1"}
    settings |= {"core.hooksPath": str(tmp_path / "hooks")}
    with (project / ".git" / "config").open("a") as config:
        for name, value in settings.items():
            section, *middle, key = name.split(".")
            config.write(f'[{section} "{middle[0]}"]' if middle else f"[{section}]")
            config.write(f'\n\t{key} = "{value}"\n')
    return project
