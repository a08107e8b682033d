"""What answers become, malformed ones above all: each file of the corpus says what is to come of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfwright.core.errors import BadInput
from selfwright.proposers.answer import read_answer

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.txt"))

PACK = '''\
"""Packs text."""

import zlib

LEVEL = 1


def pack(text):
    out = []
    for line in text:
        out.append(zlib.compress(line, LEVEL))
    return out


def unpack(packed):
    out = []
    for line in packed:
        out.append(zlib.decompress(line))
    return out
'''
TABLES = '"""Tables."""\n\nSIZE = 16\nUNUSED = (1, 2, 3)\n'
LEVEL = PACK.replace("LEVEL = 1", "LEVEL = 9")
LOOP = LEVEL.replace("out.append(zlib.decompress(line))", "out += [zlib.decompress(line)]")

PROGRAMS = {
    "two": {"pack.py": PACK, "lib/tables.py": TABLES},
    "one": {"pack.py": PACK},
    "dos": {"pack.py": PACK.replace("\n", "\r\n"), "lib/tables.py": TABLES},
    "bare": {"pack.py": PACK.rstrip("\n"), "lib/tables.py": TABLES},
}
"""What an answer was asked about."""

OUTCOMES: dict[str, dict[str, str | None]] = {
    "level": {"pack.py": LEVEL},
    "level-loop": {"pack.py": LOOP},
    "level-end": {"pack.py": PACK.rstrip("\n") + "  # unpacked\n"},
    "two": {"pack.py": LEVEL, "lib/tables.py": TABLES.replace("16", "32")},
    "new": {"lib/extra.py": "EXTRA = 3\n"},
    "gone": {"lib/tables.py": None},
    "new-gone": {"lib/extra.py": "EXTRA = 3\n", "lib/tables.py": None},
    "cut": {"lib/tables.py": '"""Tables."""\n\nSIZE = 16\n'},
    "chained": {"pack.py": PACK.replace("LEVEL = 1", "LEVEL = 8")},
    "second": {"pack.py": "out = list()".join(PACK.rsplit("out = []", 1))},
    "heading": {"lib/tables.py": TABLES.replace("= 16\n", "= 16\n# A table\n# =======\n")},
    "underline": {"lib/tables.py": TABLES.replace("Tables.", "Tables\n========\n")},
    "fenced": {"lib/tables.py": '"""Tables.\n\n```\nSIZE\n```\n"""\n\nSIZE = 16\n'},
}
"""What an answer changes: path → content."""


def read(path: Path) -> tuple[dict[str, str], list[str], str]:
    head, answer = path.read_bytes().decode().split("---\n", 1)
    lines = [line.split(": ", 1) for line in head.splitlines()]
    return (
        {key: value for key, value in lines if key != "says"},
        [value for key, value in lines if key == "says"],
        answer,
    )


def as_bytes(files: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in files.items()}


def test_the_corpus_is_large() -> None:
    assert len(CORPUS) >= 60
    assert {read(path)[0]["outcome"] for path in CORPUS} == {"refused", *OUTCOMES}


@pytest.mark.parametrize("path", CORPUS, ids=[path.stem for path in CORPUS])
def test_an_answer_becomes_what_it_means_or_is_told_why_not(path: Path) -> None:
    head, says, answer = read(path)
    program = PROGRAMS[head["program"]]
    if head["outcome"] == "refused":
        assert says
        with pytest.raises(BadInput) as refused:
            read_answer(answer, as_bytes(program))
        assert [words for words in says if words not in str(refused.value)] == [], str(refused.value)
        return
    changed = read_answer(answer, as_bytes(program)).files
    expected = dict(OUTCOMES[head["outcome"]])
    if head["program"] == "dos":
        expected = {name: text and text.replace("\n", "\r\n") for name, text in expected.items()}
    assert {name: content and content.decode() for name, content in changed.items()} == expected


def test_the_reason_is_the_first_paragraph_in_one_line() -> None:
    answer = "## Reason: Compress\nharder. \n\nMore words.\n\npack.py\n```\nLEVEL = 9\n```\n"
    assert read_answer(answer, as_bytes(PROGRAMS["two"])).reason == "Compress harder."
    assert len(read_answer("long " * 200 + answer, as_bytes(PROGRAMS["two"])).reason) == 300


def test_a_file_that_is_no_text_can_be_given_whole_and_not_edited() -> None:
    files = {"table.bin": b"\xff\x00", "pack.py": b"x = 1\n"}
    assert read_answer("table.bin\n```\nnow text\n```\n", files).files == {"table.bin": b"now text\n"}
    with pytest.raises(BadInput, match="not UTF-8 text"):
        read_answer("table.bin\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n", files)


@given(st.text(alphabet=st.sampled_from(["`", "<", "=", ">", "-", "+", "@", "#", "\n", "\r", " ", "a", "/", ".", "*"])))
def test_whatever_is_answered_is_a_change_or_is_refused(answer: str) -> None:
    try:
        said = read_answer(answer, as_bytes(PROGRAMS["two"]))
    except BadInput as error:
        assert str(error)
    else:
        assert said.files
