from __future__ import annotations

from selfwright.core.change import content_id
from selfwright.report.difference import Difference, differences


def difference(before: bytes | None, after: bytes | None) -> list[Difference]:
    blobs = {content_id(content): content for content in (before, after) if content is not None}
    trees = [{} if content is None else {"a.py": content_id(content)} for content in (before, after)]
    return differences(trees[0], trees[1], blobs.__getitem__)


def kinds(found: list[Difference]) -> list[tuple[str, str]]:
    return [(line.kind, line.text) for line in found[0].lines]


def test_lines_are_marked() -> None:
    found = difference(b"a\nb\nc\n", b"a\nB\nc\n")
    assert kinds(found) == [("hunk", "@@ -1,3 +1,3 @@"), ("same", " a"), ("del", "-b"), ("add", "+B"), ("same", " c")]
    assert (found[0].added, found[0].removed) == (1, 1)


def test_what_is_equal_is_left_out() -> None:
    assert difference(b"a", b"a") == []


def test_new_and_deleted_files() -> None:
    assert kinds(difference(None, b"a\n"))[1:] == [("add", "+a")]
    assert kinds(difference(b"a\n", None))[1:] == [("del", "-a")]


def test_the_last_line_end_counts() -> None:
    assert ("add", "+a  \\ no newline at the end") in kinds(difference(b"a\n", b"a"))


def test_a_line_of_dashes_is_a_line() -> None:
    assert ("del", "--- x") in kinds(difference(b"-- x\n", b"y\n"))


def test_only_newlines_end_lines() -> None:
    assert ("add", "+a\u2028b\x0cc") in kinds(difference(b"", "a\u2028b\x0cc\n".encode()))


def test_bytes_and_giants_are_told_and_not_compared() -> None:
    assert difference(b"\xff", b"ab")[0].note == "not text: 1 bytes before, 2 after"
    assert difference(b"", b"x\n" * 20_001)[0].note == "too long to compare here: 0 lines, now 20,001"


def test_long_differences_are_cut_and_say_so() -> None:
    found = difference(b"", b"x\n" * 5_000)[0]
    assert (len(found.lines), found.added, found.note) == (3_000, 5_000, "2,001 more lines")
