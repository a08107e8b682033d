"""No path that any file system or git could misread gets through, however it is spelled."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.errors import BadInput
from selfwright.core.path import check_files, check_path, check_paths, check_program

KB = 1024


@pytest.mark.parametrize(
    "path", ["a.py", "lib/fast.py", ".gitignore", "a b.py", "é/ü.py", "git/x", "...a", "a~1", "-x"]
)
def test_ordinary_paths_are_accepted(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize(
    ("path", "segment", "why"),
    [
        ("", "", "empty"),
        ("/etc/passwd", "", "empty"),
        ("a//b", "", "empty"),
        ("a/", "", "empty"),
        ("../a", "..", "dots"),
        ("a/../b", "..", "dots"),
        ("./a", ".", "dots"),
        ("a/ /b", " ", "dots or spaces"),
        ("a\0b", "a\0b", "control"),
        ("a\nb", "a\nb", "control"),
        ("a\u202eb", "a\u202eb", "format"),
        ("a\ud800", "a\ud800", "control"),
        ("a\\b", "a\\b", "'/'"),
        ("c:/x", "c:", "':'"),
        ("a/\uff0e\uff0e/b", "\uff0e\uff0e", "dots"),
        ("a\uff0fb", "a\uff0fb", "'/'"),
        (".git/hooks/pre-commit", ".git", "git"),
        ("lib/.GIT/x", ".GIT", "git"),
        (".git./x", ".git.", "git"),
        (".git /x", ".git ", "git"),
        (".ｇｉｔ/x", ".ｇｉｔ", "git"),
        (".g\u200cit/x", ".g\u200cit", "format"),
        ("GIT~1/x", "GIT~1", "git"),
        (".gitmodules", ".gitmodules", "git"),
        ("lib/.gitattributes", ".gitattributes", "git"),
        ("GI7EBA~1", "GI7EBA~1", "git"),
        ("gitatt~2", "gitatt~2", "git"),
        ("x" * 256, "x" * 256, "longer"),
    ],
)
def test_a_refusal_names_the_segment(path: str, segment: str, why: str) -> None:
    with pytest.raises(BadInput) as refusal:
        check_path(path)
    assert f"the segment {segment!r} " in str(refusal.value)
    assert why in str(refusal.value)


def _is_accepted(path: str) -> bool:
    try:
        check_path(path)
    except BadInput:
        return False
    return True


SEGMENT = st.text(min_size=1, max_size=12)
NEVER = st.sampled_from([".git", ".gitmodules", ".gitattributes", "git~1", "..", ".", ""])


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A segment that is never allowed, in any case, full width or not, with what NTFS drops behind it."""
    plain = draw(NEVER)
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() and draw(st.booleans()) else sign for sign in plain)
    cased = "".join(sign.upper() if draw(st.booleans()) else sign for sign in wide)
    return cased + draw(st.sampled_from(["", ".", " ", ". ."]))


@given(before=st.lists(SEGMENT, max_size=3), never=disguised(), after=st.lists(SEGMENT, max_size=3))
def test_no_path_with_a_never_segment_is_accepted(before: list[str], never: str, after: list[str]) -> None:
    assert not _is_accepted("/".join([*before, never, *after]))


@given(st.text(alphabet=st.characters(), max_size=40) | st.text(alphabet="a./\\~:Gg itＧ\u200c\uff0e", max_size=12))
def test_what_is_accepted_stays_below_its_folder(path: str) -> None:
    if _is_accepted(path):
        seen = unicodedata.normalize("NFKC", path)
        assert seen.encode().decode() == seen
        assert "\\" not in seen
        assert ":" not in seen
        assert seen.count("/") == path.count("/")
        for segment in seen.split("/"):
            assert segment.strip(". ")
            assert segment.casefold() not in (".git", "git~1")


@given(st.lists(SEGMENT, min_size=1, max_size=3).map("/".join).filter(_is_accepted))
def test_two_spellings_of_one_path_are_refused(path: str) -> None:
    for other in {path.upper(), path.casefold(), f"{path}.", unicodedata.normalize("NFKC", path)} - {path}:
        if _is_accepted(other) and _folds_back(other, path):
            with pytest.raises(BadInput, match="where case is folded"):
                check_paths([path, other])


def _folds_back(one: str, other: str) -> bool:
    """Upper and lower case do not always come back: `ı` has the upper case `I`."""
    return _plain(one) == _plain(other)


def _plain(path: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())
    return "/".join(segment.rstrip(". ") for segment in folded.split("/"))


def test_two_paths_that_are_one_are_both_named() -> None:
    with pytest.raises(BadInput, match=r"'lib/A.py' and 'LIB/a.py'"):
        check_paths(["lib/A.py", "LIB/a.py"])


def test_a_file_is_not_the_folder_of_another() -> None:
    with pytest.raises(BadInput, match=r"'LIB' is a file and the folder of 'lib/a\.py'"):
        check_paths(["lib/a.py", "LIB"])
    check_paths(["lib/a.py", "lib/b.py", "lib.py"])


def test_a_change_is_as_large_as_the_limits_and_no_larger() -> None:
    check_files({f"{n}.py": b"" for n in range(25)})
    check_files({"a": b"x" * 512 * KB, "b": b"x" * 512 * KB, "gone": None})
    for files, why in (
        ({f"{n}.py": None for n in range(26)}, "26 files in one change; at most 25"),
        ({"a": b"x" * (512 * KB + 1)}, "'a' has 524289 bytes; at most 524288"),
        ({"a": b"x" * 512 * KB, "b": b"x" * 512 * KB, "c": b"x"}, "1048577 bytes in one change; at most 1048576"),
        ({"a/../b": b""}, r"the segment '\.\.'"),
    ):
        with pytest.raises(BadInput, match=why):
            check_files(files)


def test_a_program_stands_beside_records_and_locked_files() -> None:
    check_program(["p.py", "lib/metrics.json"], ["judge.py", "p.py", "metrics.json"])
    for path, why in (
        ("metrics.json", "'metrics.json' is kept beside every version"),
        ("Certificate.JSON", "'certificate.json' is kept beside every version"),
        ("metrics.json/x", "'metrics.json' is kept beside every version"),
        ("Data/A.txt", "'Data/A.txt' and 'data/a.txt' are one file"),
        ("data", "'data' is a file and the folder of 'data/a.txt'"),
        ("data/a.txt/b", "'data/a.txt' is a file and the folder of 'data/a.txt/b'"),
    ):
        with pytest.raises(BadInput, match=why):
            check_program([path], ["data/a.txt"])
