from __future__ import annotations

import difflib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.errors import BadInput
from selfwright.evolve.patch import apply_patch

NO_NEWLINE = "\\ No newline at end of file\n"
OLD = "".join(f"line {number}\n" for number in range(1, 21))


def diff(old: str, new: str, name: str = "p.py", context: int = 3) -> str:
    """What `diff -u` prints; difflib leaves out the mark of a last line without its end."""
    sides = [text.split("\n") for text in (old, new)]
    lines = [[each + "\n" for each in side[:-1]] + side[-1:] * bool(side[-1]) for side in sides]
    said = difflib.unified_diff(*lines, f"a/{name}", f"b/{name}", n=context)
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}" for line in said)


LINES = st.lists(st.sampled_from(["a", "b", "--- c", "+++ d", "@@", "é\r", "", "\\ no", " -"]), max_size=12)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end * bool(lines), LINES, st.sampled_from(["", "\n"]))


@given(TEXTS, TEXTS, st.integers(0, 3))
def test_what_difflib_says_of_two_texts_makes_one_the_other(old: str, new: str, context: int) -> None:
    patch = diff(old, new, context=context)
    if patch:
        assert apply_patch(patch, {"p.py": old.encode()}) == {"p.py": new.encode()}


def test_what_git_says_is_applied(tmp_path: Path) -> None:
    def git(*argv: str) -> str:
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", *argv]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60).stdout.decode()

    git("init", "-q", ".")
    before = {"p.py": OLD.encode(), "gone.py": b"x = 1\n", "lib/dos.py": b"a\r\nb\r\nc\r\n", "same.py": b""}
    after = {
        "p.py": OLD.replace("line 3\n", "").encode(),
        "lib/dos.py": b"a\r\nB\r\nc",
        "new.py": b"y = 2\n",
        "same.py": b"",
    }
    for path, content in before.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    git("add", "-A")
    git("commit", "-qm", "before")
    (tmp_path / "gone.py").unlink()
    for path, content in after.items():
        (tmp_path / path).write_bytes(content)
    git("add", "-A")
    git("commit", "-qm", "after")
    for patch in (git("diff", "HEAD~1"), git("format-patch", "--stdout", "HEAD~1")):
        changed = apply_patch(patch, before)
        assert changed["gone.py"] is None
        assert {path: text for path, text in {**before, **changed}.items() if text is not None} == after


HUNKS = diff(OLD, OLD.replace("line 4\n", "LINE 4\n").replace("line 17\n", "LINE 17\n"))


@pytest.mark.parametrize(
    ("patch", "content", "message"),
    [
        (HUNKS, OLD.replace("line 16\n", "x = 2\n"), "hunk 2 of p.py, line 16: expected 'line 16', found 'x = 2'"),
        (HUNKS, OLD[:20], "line 3: expected 'line 3', found 'line 3' without a newline at the end of the file"),
        (HUNKS, OLD[:14], "hunk 1 of p.py, line 3: expected 'line 3', found the end of the file"),
        (HUNKS, OLD[:80], "hunk 2 of p.py begins at line 14, but the file has 12 lines"),
        (HUNKS, OLD.replace("\n", "\r\n"), "expected 'line 1', found 'line 1\\r'"),
        (HUNKS, "\udcff", "is not UTF-8 text and can not be patched; give it whole"),
        (HUNKS.replace("@@ -1,7", "@@ -1,8"), OLD, "hunk 1 of p.py: @@ -1,8 +1,7 @@, but line 12 of the patch is '@@"),
        (HUNKS.replace("+1,7 @@", "+1,6 @@"), OLD, "hunk 1 of p.py: @@ -1,7 +1,6 @@, but line 11 of the patch"),
        (HUNKS.replace("-1,7 +1,7", "-1,6 +1,6"), OLD, "line 11 of the patch, ' line 7', is in no hunk"),
        (HUNKS + "+more\n", OLD, "line 21 of the patch, '+more', is in no hunk: the counts in '@@' are too small"),
        (HUNKS.replace("-14,7", "-4,7"), OLD, "hunk 2 of p.py begins at line 4, before the end of the hunk above it"),
        (HUNKS.replace("@@ -1,7", "@@ 1,7"), OLD, "hunk 1 of p.py: '@@ 1,7 +1,7 @@' is not of the form"),
        (HUNKS + HUNKS, OLD, "the patch names p.py twice"),
        (HUNKS.replace("--- a/p.py", "--- /dev/null"), OLD, "the patch creates p.py, which is there already"),
        (HUNKS.replace("+++ b/p.py", "+++ /dev/null"), OLD, "the patch deletes p.py, but leaves 20 of its lines"),
        (HUNKS.replace("b/p.py", "b/q.py"), OLD, "the patch renames p.py to q.py"),
        (HUNKS.replace("p.py", "q.py"), OLD, "the patch changes q.py, which is not there"),
        (HUNKS.replace("a/p.py", '"a/p.py"'), OLD, "quotes the path"),
        ("diff --git a/p.py b/p.py\nnew mode 100755\n", OLD, "is followed by no lines"),
        ("try harder", OLD, "write a unified diff"),
    ],
)  # fmt: skip
def test_says_exactly_why_not(patch: str, content: str, message: str) -> None:
    with pytest.raises(BadInput) as caught:
        apply_patch(patch, {"p.py": content.encode(errors="surrogateescape")})
    assert message in str(caught.value)


def test_a_line_without_end_is_the_last() -> None:
    patch = f"--- a/p.py\n+++ b/p.py\n@@ -1 +1,2 @@\n+b\n{NO_NEWLINE} a\n"
    with pytest.raises(BadInput, match=r"ends a line of p.py without a newline"):
        apply_patch(patch, {"p.py": b"a\n"})
