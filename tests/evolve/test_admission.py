from __future__ import annotations

from collections.abc import Mapping

import pytest

from selfwright.core.change import Origin, Proposal, tree_of
from selfwright.core.errors import BadInput
from selfwright.core.path import MOST_CHANGE_BYTES, MOST_FILE_BYTES, MOST_FILES
from selfwright.evolve.admission import Admitted, Refusal, Rules, admit, check_seed

RULES = Rules(
    is_editable=lambda path: path.startswith(("p", "lib/")),
    modules=("numpy", "scipy"),
    program="p.py",
    locked=("judge.py", "lib/data"),
    beside=("whole/__init__.py", "single.py"),
)
PARENT = {"p.py": b"x = 1\n", "lib/fast.py": b"y = 2\n"}


def admit_files(files: Mapping[str, bytes | None], patch: str = "") -> Admitted | Refusal:
    return admit(Proposal(files=files, patch=patch), PARENT, rules=RULES)


def refusal(files: Mapping[str, bytes | None], patch: str = "") -> str:
    said = admit_files(files, patch)
    assert isinstance(said, Refusal)
    assert not said.inert
    return said.reason


def test_gives_the_whole_tree_and_its_origin() -> None:
    admitted = admit_files(
        {"p.py": b"import numpy.fft, os.path, lib, whole.part, single\nfrom . import z\n", "pz.py": b"from p import x"}
    )
    assert isinstance(admitted, Admitted)
    assert admitted.files.keys() == {"p.py", "pz.py", "lib/fast.py"}
    assert admitted.tree == tree_of(admitted.files)
    assert admitted.origin is Origin.STRUCTURE
    tuned = admit_files({"p.py": b"x = 2\n"})
    assert isinstance(tuned, Admitted)
    assert tuned.origin is Origin.TUNING


def test_a_patch_comes_on_top_of_files_and_may_delete() -> None:
    patch = (
        "--- a/p.py\n+++ b/p.py\n@@ -1 +1 @@\n-x = 5\n+x = 6\n--- a/lib/fast.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-y = 2\n"
    )
    admitted = admit_files({"p.py": b"x = 5\n"}, patch)
    assert isinstance(admitted, Admitted)
    assert admitted.files == {"p.py": b"x = 6\n"}
    assert refusal({}, patch) == "hunk 1 of p.py, line 1: expected 'x = 5', found 'x = 1'"


@pytest.mark.parametrize("files", [{}, {"p.py": b"x = 1\n"}])
def test_what_changes_nothing_is_inert(files: dict[str, bytes | None]) -> None:
    said = admit_files(files)
    assert isinstance(said, Refusal)
    assert said.inert
    assert "changes nothing" in said.reason


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"judge.py": b""}, "judge.py is locked; this problem lets you change lib/fast.py, p.py"),
        ({"lib/../judge.py": b""}, "segment '..'"),
        ({"/p.py": b""}, "segment ''"),
        ({"lib/FAST.py": b""}, "'lib/fast.py' and 'lib/FAST.py' are one file"),
        ({"lib/data/x": b""}, "'lib/data' is a file and the folder of 'lib/data/x'"),
        ({"p.py": None}, "p.py is the program that the judge calls and can not be deleted"),
        ({"pz.py": None}, "pz.py can not be deleted: it is not there"),
        ({f"p{number}.py": b"" for number in range(MOST_FILES + 1)}, "files in one change"),
        ({"p.txt": b"x" * (MOST_FILE_BYTES + 1)}, "bytes; at most"),
        ({f"p{number}": b"x" * (MOST_CHANGE_BYTES // 3 + 1) for number in range(3)}, "bytes in one change"),
        ({"p.py": b"x = 1\n\ny = (\n"}, "p.py, line 3: does not parse: '(' was never closed: 'y = ('"),
        ({"p.py": b"x = 1\n\ny = '\xff'\n"}, "p.py, line 3: byte 0xff is not UTF-8"),
        ({"p.py": b"x = '\0'"}, "p.py"),
        ({"p.py": b"# coding: rot13\n"}, "p.py, line"),
        ({"p.py": b"x = " + b"(" * 5000 + b")" * 5000}, "does not parse"),
        ({"p.py": b"def f():\n    from pandas.core import x\n"}, (
            "p.py, line 2: imports 'pandas', which this problem does not declare: allowed are numpy, scipy and the "
            "standard library; declare it in [environment] python")),
        ({"p.py": b"import os, pandas as np\n"}, "imports 'pandas'"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_and_where(files: dict[str, bytes | None], message: str) -> None:
    assert message in refusal(files)


@pytest.mark.parametrize("around", [
    "class A:\n    def f(self):\n        {}\n", "async def f():\n    async with a:\n        {}\n",
    "try:\n    pass\nexcept OSError:\n    {}\n", "try:\n    pass\nfinally:\n    {}\n",
    "try:\n    pass\nexcept* OSError:\n    {}\n", "for x in y:\n    pass\nelse:\n    {}\n",
    "while x:\n    {}\n", "if x:\n    pass\nelif y:\n    pass\nelse:\n    {}\n",
    "match x:\n    case 1:\n        pass\n    case _:\n        {}\n", "with a:\n    {}\n",
])  # fmt: skip
def test_an_import_is_found_wherever_a_statement_may_stand(around: str) -> None:
    assert "imports 'pandas'" in refusal({"p.py": around.format("import pandas").encode()})


def test_who_imports_what_is_deleted_is_found() -> None:
    rules = Rules(is_editable=lambda path: True, modules=(), program="p.py")
    said = admit(Proposal(files={"q.py": None}), {"p.py": b"import q\n", "q.py": b""}, rules=rules)
    assert isinstance(said, Refusal)
    assert "imports 'q'" in said.reason
    assert "allowed are the standard library" in said.reason


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ("import fast", True),
        ("from parts.quick import f", True),
        ("import beside", True),
        ("import slow", False),
        ("import notes", False),
        ("import fas", False),
    ],
)
def test_a_module_may_be_built_or_lie_beside_the_program(source: str, allowed: bool) -> None:
    built = ("src/fast*.so", "src/parts/*", "notes.txt")
    rules = Rules(is_editable=lambda path: True, modules=(), program="src/p.py", built=built)
    parent = {"src/p.py": b"", "src/beside.py": b""}
    said = admit(Proposal(files={"src/p.py": source.encode()}), parent, rules=rules)
    assert isinstance(said, Admitted) is allowed, said


def test_nothing_is_executed_and_nothing_warns() -> None:
    assert isinstance(admit_files({"p.py": b"raise SystemExit('\\d')\n", "p.txt": b"\xff"}), Admitted)


def test_a_patch_of_a_locked_file_is_told_that_it_is_locked() -> None:
    patch = "--- a/judge.py\n+++ b/judge.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n"
    assert "judge.py is locked; this problem lets you change" in refusal({}, patch)


def test_no_program_takes_the_name_of_a_record() -> None:
    rules = Rules(is_editable=lambda path: True, modules=(), program="p.py")
    said = admit(Proposal(files={"Metrics.json": b""}), {"p.py": b""}, rules=rules)
    assert isinstance(said, Refusal)
    assert "'metrics.json' is kept beside every version" in said.reason


def test_a_seed_is_held_to_what_its_changes_are_held_to() -> None:
    check_seed({"p.py": b"import numpy\nimport q\n", "q.py": b"x" * (MOST_FILE_BYTES + 1)}, rules=RULES)
    for files, why in (
        ({"p.py": b"", "pq.py": b"\nimport pandas\n"}, "pq.py, line 2: imports 'pandas'"),
        ({"p.py": b"x = (\n"}, "p.py, line 1: does not parse"),
        ({"p.py": b"", "certificate.json": b""}, "'certificate.json' is kept beside every version"),
        ({"p.py": b"", "LIB/data": b""}, "'LIB/data' and 'lib/data' are one file"),
    ):
        with pytest.raises(BadInput, match=why):
            check_seed(files, rules=RULES)


def test_an_answer_of_which_no_change_could_be_made_is_refused_with_its_fault() -> None:
    refusal = admit(Proposal(patch="an answer", fault="block 1 fits nowhere"), PARENT, rules=RULES)
    assert refusal == Refusal(reason="block 1 fits nowhere")
