"""What an agent leaves is taken as a change, or told why not."""

from __future__ import annotations

import json

import pytest

from selfwright.core.errors import BadInput
from selfwright.proposers.agent.desk import Desk
from selfwright.proposers.agent.start import LEFT
from selfwright.testing.refusal import refused

PROGRAM = {"p.py": b"A = 1\n", "lib/a.py": b"B = 2\n"}
DESK = Desk(editable=("p.py", "lib/*.py"), parent=PROGRAM, laid=PROGRAM, beside={"data.txt": b"x"})


def left(files: dict[str, bytes], *, changed: tuple[str, ...] = (), **kinds: str) -> dict[str, bytes]:
    found = dict.fromkeys(files, "file") | {"data.txt": "file", "TASK.md": "file"} | kinds
    return files | {LEFT: json.dumps({"found": found, "changed": changed}).encode()}


def test_what_differs_is_the_change() -> None:
    files = {"p.py": b"A = 2\n", "lib/a.py": b"B = 2\n", "lib/new.py": b"C = 3\n", "lib/.swap.py": b"no"}
    assert DESK.taken(left(files)) == {"p.py": b"A = 2\n", "lib/new.py": b"C = 3\n"}


def test_a_file_that_is_gone_is_deleted() -> None:
    assert DESK.taken(left({"p.py": b"A = 1\n"})) == {"lib/a.py": None}


def test_a_repair_is_a_change_of_the_parent() -> None:
    desk = Desk(editable=("p.py",), parent={"p.py": b"A = 1\n"}, laid={"p.py": b"A = (\n"}, beside={})
    assert desk.taken(left({"p.py": b"A = 2\n"})) == {"p.py": b"A = 2\n"}
    with refused(BadInput, "it left the program as it was"):
        desk.taken(left({"p.py": b"A = (\n"}))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (left(PROGRAM), "it left the program as it was"),
        (left(PROGRAM, **{"judge.py": "file"}), "what it wrote (judge.py) is not part of it: change p.py, lib/*.py"),
        (left({"lib/a.py": b"B = 2\n"}, **{"p.py": "a link to /etc/passwd"}), "p.py is a link to /etc/passwd now"),
        (left({**PROGRAM, "p.py": b"A = 3\n"}, **{"lib/x.py": "a hard link"}), "lib/x.py is a hard link now"),
        (left({**PROGRAM, "p.py": b"A\0\n"}), "p.py is no text any more (3 bytes"),
        (left({**PROGRAM, "p.py": b"\xff"}), "p.py is no text any more"),
        (left({**PROGRAM, "p.py": b"A = 3\n"}, changed=("data.txt",)), "it changed data.txt, which is locked"),
    ],
)  # fmt: skip
def test_what_is_not_taken_is_said(files: dict[str, bytes], why: str) -> None:
    with refused(BadInput, why):
        DESK.taken(files)


@pytest.mark.parametrize("listed", [b"", b"{", b"[]", b'{"found": 3}', b"[" * 100_000])
def test_a_list_that_an_agent_wrote_itself_changes_nothing(listed: bytes) -> None:
    assert DESK.taken({"p.py": b"A = 9\n", "lib/a.py": b"B = 2\n", LEFT: listed}) == {"p.py": b"A = 9\n"}


def test_the_task_has_a_name_that_is_free() -> None:
    desk = Desk(editable=("*.md",), parent={"TASK.md": b"a"}, laid={"TASK.md": b"a"}, beside={})
    assert desk.task == "SELFWRIGHT_TASK.md"
    assert desk.taken(left({"TASK.md": b"b", desk.task: b"the task"})) == {"TASK.md": b"b"}
