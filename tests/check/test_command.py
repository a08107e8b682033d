"""Judges that run commands: scripts stand in for the program; what can not be replaced is said."""

import json
from pathlib import Path

import pytest

from selfwright.check import Examination, Severity
from tests.check.inline import examine, toml, write

PROGRAM = "import sys\nprint(sum(map(int, sys.stdin.read().split())), 'in', 0.25, 's')\n"
JUDGE = """
def evaluate(candidate, stage):
    said = candidate.run({argv}, stdin=b"1 2 3").value
    {check}
    return {{"seconds": {seconds}}}
"""
EXACT = 'if said.split()[:1] != [b"6"] or len(said) > 99: raise InvalidCandidate("not the sum")'
FILE = toml(metric="seconds", better="lower", unit="s")


def checked(folder: Path, *, check: str, seconds: str = "0.5", argv: str = '["python", "p.py"]') -> Examination:
    judge = JUDGE.format(argv=argv, check=check, seconds=seconds)
    return examine(write(folder, toml=FILE, judge=judge, program=PROGRAM))


def names(examination: Examination) -> set[str]:
    """Return what was found but `readable`: nothing is confined here."""
    return {finding.name for finding in examination.findings} - {"readable"}


@pytest.mark.parametrize(
    ("cheat", "check"),
    [
        ("nothing", ""),
        ("huge", 'if b"7 7" not in said and b"6" not in said: raise InvalidCandidate("no digit")'),
        ("nan", 'if abs(float(said.split()[0]) - 6) > 1e-6: raise InvalidCandidate("not the sum")'),
    ],
)
def test_a_leaky_judge_is_found(tmp_path: Path, cheat: str, check: str) -> None:
    assert cheat in names(checked(tmp_path, check=check))


def test_an_output_that_the_judge_evaluates_is_found(tmp_path: Path) -> None:
    program = "import sys\nprint([sum(map(int, sys.stdin.read().split()))])\n"
    for read, expected in (("eval", True), ("__import__('ast').literal_eval", False)):
        check = f"if {read}(said.decode()) != [6]: raise InvalidCandidate('not the sum')"
        judge = JUDGE.format(argv='["python", "p.py"]', check=check, seconds="0.5")
        examination = examine(write(tmp_path / str(expected), toml=FILE, judge=judge, program=program))
        assert ("evaluated output" in names(examination)) is expected


def test_a_failure_that_is_swallowed_and_an_answer_to_anything_are_found(tmp_path: Path) -> None:
    judge = """
def evaluate(candidate, stage):
    for given, right in ((b"1 2 3", b"6"), (b"4 5", b"9")):
        done = candidate.run(["python", "p.py"], stdin=given)
        if CONDITION:
            raise InvalidCandidate("not the sum")
    return {"seconds": 0.5}
"""
    file = toml(metric="seconds", better="lower", unit="s", noisy=True)
    program = "import sys\nprint(sum(map(int, sys.stdin.read().split())))\n"
    for name, condition in {
        "failing": "done.status == 'ok' and done.value.strip() != right",
        "one answer": "done.value.strip() not in (b'6', b'9')",
        "": "done.value.strip() != right",
    }.items():
        problem = write(tmp_path / f"{name}.", toml=file, judge=judge.replace("CONDITION", condition), program=program)
        assert names(examine(problem)) & {"failing", "one answer"} == {name} - {""}


def test_a_time_that_the_command_states_is_found(tmp_path: Path) -> None:
    examination = checked(tmp_path, check=EXACT, seconds="float(said.split()[2])")
    assert {"stated score", "negative"} <= names(examination)


def test_a_sound_judge_is_not_accused(tmp_path: Path) -> None:
    examination = checked(tmp_path, check=EXACT)
    assert names(examination) == {"hard-coded answers"}
    assert [each.severity for each in examination.findings if each.name != "readable"] == [Severity.ADVICE]
    assert {"nothing", "type", "nan", "huge", "identity", "stated score"} <= set(examination.caught)


def test_a_judge_that_could_not_be_tried_is_not_called_sound(tmp_path: Path) -> None:
    examination = checked(tmp_path, check="", argv='["echo", "6"]')
    assert not examination.caught and not examination.is_trustworthy
    (finding,) = (finding for finding in examination.findings if finding.name == "not tried")
    assert finding.seen == (
        "the judge runs `echo 6`: no program in it is an editable file, in Python, shell or executable"
    )
    assert set(examination.not_tried.values()) == {finding.seen}


def test_a_judge_that_only_reads_has_nothing_to_mend(tmp_path: Path) -> None:
    judge = 'def evaluate(candidate, stage):\n    return {"seconds": len(candidate.read("p.py"))}\n'
    examination = examine(write(tmp_path, toml=FILE, judge=judge, program=PROGRAM))
    assert [(finding.name, str(finding.severity)) for finding in examination.findings] == [("not tried", "advice")]
    assert "calls no function and runs no command" in examination.findings[0].seen


def test_a_judge_that_runs_the_text_that_it_reads_is_found(tmp_path: Path) -> None:
    judge = """
def evaluate(candidate, stage):
    names = {}
    exec(candidate.read("p.py"), names)
    return {"seconds": names["took"]}
"""
    examination = examine(write(tmp_path, toml=FILE, judge=judge, program="took = 0.5\n"))
    assert [(finding.name, str(finding.severity)) for finding in examination.findings] == [
        ("runs the program", "untrustworthy")
    ]


BUILD = """
[build]
command = ["sh", "-c", "mkdir bin && (echo '#!/usr/bin/env python3'; cat p.py) >bin/sum && cp p.py bin/other"]
produce = ["bin/sum", "bin/oth*"]
"""
OPAQUE = BUILD.replace("'#!/usr/bin/env python3'; cat p.py", "'#!/usr/bin/awk -f'; echo 'END { print 6, 1, 0.25 }'")
"""In a language that the check does not know: as good as a binary."""


def built(folder: Path, build: str, check: str, argv: str = '["bin/sum"]') -> Examination:
    judge = JUDGE.format(argv=argv, check=check, seconds="0.5")
    return examine(write(folder, toml=FILE + build, judge=judge, program=PROGRAM))


@pytest.mark.parametrize("build", [BUILD, OPAQUE])
def test_what_is_built_is_replaced_too(tmp_path: Path, build: str) -> None:
    found = {finding.name: finding for finding in built(tmp_path / "blind", build, "").findings}
    assert {"nothing", "type", "nan", "huge", "hard-coded answers"} <= set(found)
    assert "planted in bin/sum" in found["nothing"].seen
    examination = built(tmp_path / "exact", build, EXACT)
    assert names(examination) == {"hard-coded answers"}
    assert {"nothing", "type", "nan", "huge", "identity", "stated score"} <= set(examination.caught)


def test_an_editable_program_in_any_language_is_replaced(tmp_path: Path) -> None:
    file = FILE.replace("p.py", "p.awk")
    for check, expected in (("", {"nothing", "nan"}), (EXACT, set())):
        problem = write(
            tmp_path / str(len(check)), toml=file, program="",
            judge=JUDGE.format(argv='["./p.awk"]', check=check, seconds="0.5"),
            **{"p.awk": "#!/usr/bin/awk -f\nEND { print 6 }\n"},
        )  # fmt: skip
        examination = examine(problem)
        assert names(examination) & {"nothing", "nan", "not tried"} == expected


def test_a_command_around_what_is_built_changes_nothing(tmp_path: Path) -> None:
    examination = built(tmp_path, OPAQUE, "", argv='["env", "A=1", "./bin/sum", "-"]')
    assert {"nothing", "nan", "hard-coded answers"} <= names(examination)
    exact = built(tmp_path / "exact", OPAQUE, EXACT, argv='["env", "A=1", "./bin/sum", "-"]')
    assert names(exact) == {"hard-coded answers"}


ABSURD = {"nothing", "type", "nan", "huge", "identity", "stated score"}


@pytest.mark.parametrize(("build", "argv"), [(BUILD, "bin/sum | cat"), (OPAQUE, "cd bin; exec ./sum")])
def test_what_a_line_of_the_shell_runs_is_found_and_replaced(tmp_path: Path, build: str, argv: str) -> None:
    words = json.dumps(["sh", "-c", argv])
    found = {finding.name: finding for finding in built(tmp_path / "blind", build, "", words).findings}
    assert {"nothing", "nan", "hard-coded answers", "readable"} <= set(found)
    assert "planted in bin/sum: " in found["nothing"].seen
    exact = built(tmp_path / "exact", build, EXACT, words)
    assert names(exact) == {"hard-coded answers"}
    assert set(exact.caught) >= ABSURD
    assert "left out" not in exact.facts


MAKEFILE = "run:\n\t@sh ./inner.sh | cat\n"


def test_what_a_makefile_runs_is_found_and_replaced(tmp_path: Path) -> None:
    """A script of the shell without a first line, which runs Python, which imports from another file."""
    more = {"inner.sh": "python3 p.py\n", "q.py": "def total(words):\n    return sum(map(int, words))\n"}
    program = "import sys, q\nprint(q.total(sys.stdin.read().split()))\n"
    for check, expected in (("", {"nothing", "nan", "hard-coded answers"}), (EXACT, {"hard-coded answers"})):
        judge = JUDGE.format(argv='["make", "-s", "run"]', check=check, seconds="0.5").replace(
            "stdin=", f"files={{'Makefile': {MAKEFILE.encode()!r}}}, stdin="
        )
        file = FILE.replace('"p.py"', '"p.py", "q.py", "inner.sh"')
        examination = examine(write(tmp_path / str(len(check)), toml=file, judge=judge, program=program, **more))
        assert names(examination) & {"nothing", "nan", "hard-coded answers", "not tried"} == expected
        assert not expected & {"nothing"} or "inner.sh; in p.py; in " in next(
            found.seen for found in examination.findings if found.name == "nothing"
        )


def test_what_was_left_out_is_said(tmp_path: Path) -> None:
    """One command that nothing can be planted in, beside one that something can."""
    check = 'assert candidate.run(["sh", "-c", "echo 1"]).value == b"1\\n"\n    ' + EXACT
    examination = checked(tmp_path, check=check)
    assert names(examination) == {"hard-coded answers"} and set(examination.caught) >= ABSURD
    assert examination.facts["left out"].startswith("the judge runs `sh -c echo 1`: no program in it is an editable")
    assert 'candidate.run(["./program"])' in examination.facts["left out"]


def test_each_of_several_programs_is_replaced_and_all_together(tmp_path: Path) -> None:
    """A packer and its counterpart: either alone is caught, both together hand the text through."""
    judge = """
def evaluate(candidate, stage):
    packed = candidate.run(["python", "p.py"], stdin=b"some text").value
    if not packed or candidate.run(["python", "q.py"], stdin=packed).value != b"some text":
        raise InvalidCandidate("not unpacked")
    return {"seconds": len(packed)}
"""
    copy = "import sys\ntext = sys.stdin.buffer.read()\nsys.stdout.buffer.write(%s)\n"
    problem = write(
        tmp_path, toml=FILE.replace('"p.py"', '"p.py", "q.py"'), judge=judge, program=copy % "text + text",
        q_py=copy % "text[: len(text) // 2] if len(text) > 9 else text",
    )  # fmt: skip
    found = {finding.name: finding for finding in examine(problem).findings}
    assert "planted in p.py; in p.py and q.py: it hands one of its inputs back" in found["identity"].seen
    assert "nothing" not in found


def test_a_program_that_nothing_can_take_the_place_of_is_named(tmp_path: Path) -> None:
    """An interpreter that is not known here, and a file that cannot be executed by itself."""
    problem = write(
        tmp_path, toml=FILE.replace("p.py", "p.awk"), program="",
        judge=JUDGE.format(argv='["awk", "-f", "p.awk"]', check="", seconds="0.5"),
        **{"p.awk": "END { print 6 }\n"},
    )  # fmt: skip
    examination = examine(problem)
    assert not examination.is_trustworthy and "`awk -f p.awk`" in examination.not_tried["nothing"]


def test_a_judge_that_refuses_a_program_that_hands_on_is_not_called_sound(tmp_path: Path) -> None:
    check = 'if candidate.run(["test", "-e", "bin/sum.original"]).status == "ok": raise InvalidCandidate("two files")'
    examination = built(tmp_path, OPAQUE, check)
    assert not examination.caught and not examination.is_trustworthy
    assert "two files" in examination.not_tried["nothing"]


MEASURED = """
name = "sum"
editable = ["p.py"]
[evaluate]
command = ["sh", "run.sh"]
measure = ["wall_s"]
verify = "judge.py:check"
stdin = "judge.py:given"
[metrics]
wall_s = { unit = "s", better = "lower", noisy = true }
[objective]
metric = "wall_s"
minimum_effect = "50 %"
[[stages]]
name = "full"
[[stages]]
name = "held"
holdout = true
"""
VERIFY = """
def given(stage):
    return b"1 2 %d" % stage.seed

def check(stdout, files, stage):
    if {wrong}:
        raise InvalidCandidate("not the sum")
"""


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("False", {"nothing", "type", "nan", "huge", "hard-coded answers"}),
        ('stdout.split()[:1] != [b"%d" % (stage.seed + 3)] or len(stdout) > 99', set()),
    ],
)
def test_a_command_of_locked_files_is_replaced_as_a_whole(tmp_path: Path, wrong: str, found: set[str]) -> None:
    more = {"run.sh": "exec python3 p.py\n"}
    examination = examine(write(tmp_path, toml=MEASURED, judge=VERIFY.format(wrong=wrong), program=PROGRAM, **more))
    assert found <= names(examination)
    if not found:
        assert not names(examination) - {"noise", "readable"}  # nothing confines here
        assert {"nothing", "type", "nan", "huge", "hard-coded answers"} <= set(examination.caught)
