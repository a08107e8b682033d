"""The id of a change is its content and its subject, and nothing else."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from selfwright.core.change import change_id, content_id, tree_of

PATHS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=10)
FILES = st.dictionaries(PATHS, st.binary(max_size=20), max_size=5)


@given(FILES, st.randoms())
def test_the_order_of_files_does_not_count(files: dict[str, bytes], shuffler: random.Random) -> None:
    pairs = list(files.items())
    shuffler.shuffle(pairs)
    assert change_id("problem:toy", tree_of(dict(pairs))) == change_id("problem:toy", tree_of(files))


@given(FILES, FILES)
def test_other_content_is_another_change(first: dict[str, bytes], second: dict[str, bytes]) -> None:
    assume(first != second)
    assert change_id("problem:toy", tree_of(first)) != change_id("problem:toy", tree_of(second))


@given(FILES)
def test_another_subject_is_another_change(files: dict[str, bytes]) -> None:
    assert change_id("problem:toy", tree_of(files)) != change_id("problem:other", tree_of(files))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"a": b"x", "b": b"y"}, {"a": b"y", "b": b"x"}),
        ({"a": b""}, {}),
        ({"a/b": b"x"}, {"a": b"x"}),
    ],
)
def test_neighbours_are_told_apart(first: dict[str, bytes], second: dict[str, bytes]) -> None:
    assert change_id("s", tree_of(first)) != change_id("s", tree_of(second))


def test_ids_are_the_same_for_ever() -> None:
    # printf abc | sha256sum
    assert content_id(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    tree = {"a.py": content_id(b"abc")}
    # printf 'problem:toy\0a.py\0<the digest above>' | sha256sum
    assert change_id("problem:toy", tree) == "47d2f600148d3364ad73b1a49b79591f25b445b53e289e92f1b8dd599ceaef40"
