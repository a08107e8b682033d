"""What a person hands in is read into data, or it is said why not."""

import pytest

from selfwright.core.errors import BadInput
from selfwright.evolve.submission import read_patch, read_submission

EDITABLE = ("codec.py", "lib/a.py", "other/a.py")


def read(path):
    locked = {"judge.py": path.parent / "problem/judge.py"}
    return read_submission(path, editable=EDITABLE, is_editable=lambda name: name in EDITABLE, locked=locked)


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "problem").mkdir()
    (tmp_path / "problem/judge.py").write_text("theirs")
    (tmp_path / "mine/lib").mkdir(parents=True)
    (tmp_path / "mine/lib/a.py").write_bytes(b"a\r\n")
    return tmp_path / "mine"


def test_a_folder_gives_its_editable_files_and_no_other(mine):
    (mine / "judge.py").write_text("theirs")
    (mine / "notes.txt").write_text("mine")
    (mine / "codec.py").symlink_to("/etc/passwd")
    assert dict(read(mine).files) == {"lib/a.py": b"a\r\n"}


def test_a_locked_file_that_was_changed_is_not_left_out_silently(mine):
    (mine / "judge.py").write_text("kinder")
    with pytest.raises(BadInput, match=r"mine/judge\.py is not as .*problem/judge\.py, which is locked"):
        read(mine)


def test_a_file_is_known_by_its_name(tmp_path):
    (tmp_path / "codec.py").write_text("x = 1\n")
    assert dict(read(tmp_path / "codec.py").files) == {"codec.py": b"x = 1\n"}


def test_a_patch_is_text(tmp_path):
    (tmp_path / "x.patch").write_text("--- a/codec.py\n")
    assert read(tmp_path / "x.patch").patch == "--- a/codec.py\n"
    for content, words in ((b"\xff", "UTF-8"), (b" \n", "empty")):
        with pytest.raises(BadInput, match=words):
            read_patch(content, "standard input")


@pytest.mark.parametrize(
    ("name", "words"),
    [("a.py", "fits several"), ("new.py", "is not the name"), ("missing.py", "no such file"), ("empty", "holds none")],
)
def test_what_can_not_be_read_is_said_with_the_mend(tmp_path, name, words):
    if name == "empty":
        (tmp_path / name).mkdir()
    elif name != "missing.py":
        (tmp_path / name).write_text("x")
    with pytest.raises(BadInput, match=words):
        read(tmp_path / name)
