"""What is found becomes a commit on a new branch, or a patch that git applies; nobody's work tree changes."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from selfwright.adapters.repos.notes import GitNotes
from selfwright.adapters.repos.surrounding import surrounding
from selfwright.core.errors import Unavailable
from selfwright.oracle.delivery import Found, commit, patch, write_patch
from selfwright.ports.repo import Signature
from tests.adapters.repos.conftest import porcelain

AUTHOR = Signature(name="Selfwright", email="s@localhost", time_s=1_000_000_000)
BEFORE, AFTER = b"def f(x):\n    return x + x\n", b"def f(x):\n    return 2 * x\n"


def found(before: bytes = BEFORE, after: bytes = AFTER) -> Found:
    return Found(
        path="pk/m.py", before=before, after=after, subject="f: 12 % less time", body="So it was measured.",
        certificates=(b'{"version": 1}', b'{"version": 2}'),
    )  # fmt: skip


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "pk").mkdir()
    (tmp_path / "pk" / "m.py").write_bytes(BEFORE)
    (tmp_path / "other").write_text("as it is")
    porcelain(tmp_path, "init", "-q", "-b", "main")
    porcelain(tmp_path, "add", ".")
    porcelain(tmp_path, "commit", "-q", "-m", "first")
    (tmp_path / "other").write_text("in work")
    return tmp_path


def test_a_commit_goes_onto_a_branch_of_its_own(place: Path) -> None:
    around = surrounding(place / "pk")
    assert around is not None
    assert around.head is not None
    notes = GitNotes(around.repo)
    made = [
        commit(found(), repo=around.repo, notes=notes, head=around.head, branch="selfwright/speed-f", author=AUTHOR)
        for _ in range(2)
    ]
    assert [branch for branch, _ in made] == ["selfwright/speed-f", "selfwright/speed-f-2"]
    assert porcelain(place, "diff", "--name-only", "main", "selfwright/speed-f").split() == ["pk/m.py"]
    assert porcelain(place, "show", "selfwright/speed-f:pk/m.py").encode().rstrip() == AFTER.rstrip()
    said = porcelain(place, "log", "-1", "--format=%B", "selfwright/speed-f")
    assert said.startswith("f: 12 % less time\n\nSo it was measured.\n\nCertificate: ")
    assert f"Certificate: {hashlib.sha256(found().certificates[1]).hexdigest()}" in said
    assert notes.note(made[0][1]) == found().certificates[1]
    assert porcelain(place, "status", "--short").split() == ["M", "other"]
    assert porcelain(place, "rev-parse", "HEAD").strip() == around.head


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (BEFORE, AFTER), (BEFORE[:-1], AFTER), (BEFORE, AFTER[:-1]), (b"a\r\nb\x0cc\nd\r\n", b"a\r\nb\x0cd\nd\r\n"),
        (b"\n".join(b"%d" % line for line in range(40)), b"\n".join(b"%d" % (line // 30) for line in range(40))),
    ],
)  # fmt: skip
def test_git_applies_the_patch_to_the_byte(place: Path, before: bytes, after: bytes) -> None:
    (place / "pk" / "m.py").write_bytes(before)
    beside = write_patch(found(before, after), place / "f.patch")
    subprocess.run(["git", "apply", "f.patch"], cwd=place, check=True, capture_output=True)
    assert (place / "pk" / "m.py").read_bytes() == after
    assert (place / "f.patch").read_bytes().startswith(b"f: 12 % less time\n")
    assert json.loads(beside.read_text()) == [{"version": 1}, {"version": 2}]


def test_a_patch_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"could not write .*; name another --patch"):
        write_patch(found(), tmp_path / "no" / "f.patch")
    assert patch("m.py", BEFORE, BEFORE) == b""
