"""A command is measured by its supervisor and verified outside; what it prints itself is called what it is."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench.candidate import Candidate
from selfwright.bench.judge import Judge
from selfwright.bench.problem import Problem, load_problem
from selfwright.core.errors import JudgeFault
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Item, Outcome

PROBLEM = """
name = "sum"
editable = ["sum.sh"]
[evaluate]
command = ["sh", "bench.sh", "out.bin"]
measure = ["wall_s", "cpu_s", "peak_memory_mb", "size:out.bin"]
verify = "verify.py:check"
stdin = "verify.py:given"
produce = ["*.log"]
[metrics]
wall_s = { unit = "s", better = "lower", noisy = true }
cpu_s = { unit = "s", better = "lower", noisy = true }
peak_memory_mb = { unit = "MB", better = "lower", noisy = true }
"size:out.bin" = { unit = "B", better = "lower" }
loss = { better = "lower" }
[objective]
metric = "size:out.bin"
constraints = ["size:out.bin <= 100"]
"""
BENCH = ". ./sum.sh\n"
SUM = "echo made >a.log; read a b; printf $((a + b)) >$1; echo sum=$((a + b)); echo loss=0.5\n"
VERIFY = """
from selfwright import InvalidCandidate

def given(stage):
    return b"%d 7\\n" % stage.seed

def check(stdout, files, stage):
    wanted = b"%d" % (stage.seed + 7)
    if files["out.bin"] != wanted or b"sum=" + wanted not in stdout or files["a.log"] != b"made\\n":
        raise InvalidCandidate(f"expected {wanted}, got {files['out.bin']}")
"""


@pytest.fixture(autouse=True)
def interpreter(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    yield
    sys.modules.pop("selfwright_judge", None)


def write(folder: Path, *, toml: str = PROBLEM, verify: str = VERIFY, **others: str) -> Problem:
    files = {"problem.toml": toml, "verify.py": verify, "bench.sh": BENCH, "sum.sh": SUM, "answers/all.txt": "1"}
    for name, text in (files | others).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return load_problem(folder)


def measured(problem: Problem, program: str = SUM, seed: int = 5) -> Outcome:
    with closing(LimitsSandbox()) as sandbox:
        candidate = Candidate(
            files={"sum.sh": program.encode()}, built=problem.beside_files(), program=problem.program,
            sandbox=sandbox, limits=problem.limits,
        )  # fmt: skip
        item = Item(change="c", stage="full", case="", seed=seed)
        return Judge(problem).measure(item, candidate).outcome


def test_the_supervisor_measures_and_the_rest_is_read(tmp_path: Path) -> None:
    outcome = measured(write(tmp_path))
    assert (outcome.status, outcome.reason) == (TrialStatus.OK, "")
    (reading,) = outcome.readings
    values = {name: value for name, (value,) in reading.metrics.items()}
    assert (values["size:out.bin"], values["loss"]) == (2.0, 0.5)
    assert 0 < values["wall_s"] < 20 and 0 <= values["cpu_s"] < 20 and values["peak_memory_mb"] >= 0


@pytest.mark.parametrize(
    ("program", "status", "words"),
    [
        ("read a b; printf 13 >$1; echo made >a.log; echo sum=13", TrialStatus.INVALID, "expected b'12', got b'13'"),
        (SUM.replace(">$1", ">other"), TrialStatus.CRASHED, "sh: it left no file 'out.bin'; it left: a.log"),
        ("exit 3", TrialStatus.CRASHED, "sh: exit code 3"),
        (SUM.replace("loss=0.5", "los=0.5"), TrialStatus.INVALID, "it printed no loss; print loss=value"),
        (SUM.replace("loss=0.5", "loss=nan"), TrialStatus.INVALID, "loss is nan; only finite numbers"),
    ],
)
def test_what_the_candidate_does_wrong_is_its_own(
    tmp_path: Path, program: str, status: TrialStatus, words: str
) -> None:
    outcome = measured(write(tmp_path), program)
    assert outcome.status is status and outcome.reason.startswith(words)


def test_a_number_that_is_compared_by_ratio_must_be_positive(tmp_path: Path) -> None:
    toml = PROBLEM.replace('loss = { better = "lower" }', 'loss = { better = "lower", noisy = true }')
    toml = toml.replace('metric = "size:out.bin"', 'metric = "loss"')
    outcome = measured(write(tmp_path, toml=toml), SUM.replace("loss=0.5", "loss=0"))
    assert (outcome.status, outcome.reason[:9]) == (TrialStatus.INVALID, "loss is 0")


@pytest.mark.parametrize(
    ("verify", "words"),
    [
        (VERIFY.replace("    wanted", "    return False\n    wanted"), "the function that verifies returned False"),
        (VERIFY.replace('return b"%d 7\\n" % stage.seed', 'return "5 7"'), "given returned str; return the standard"),
        (VERIFY.replace("    wanted", "    1 / 0\n    wanted"), "the judge raised ZeroDivisionError"),
    ],
)
def test_what_the_file_that_verifies_does_wrong_is_never_the_candidates(
    tmp_path: Path, verify: str, words: str
) -> None:  # fmt: skip
    outcome = measured(write(tmp_path, verify=verify))
    assert outcome.status is TrialStatus.UNJUDGED and outcome.reason.startswith(words)


def test_a_function_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(JudgeFault, match=r"verify\.py defines no function given"):
        Judge(write(tmp_path, verify="def check(stdout, files):\n    pass\n"))


def test_two_arguments_are_enough(tmp_path: Path) -> None:
    verify = VERIFY.replace("(stdout, files, stage)", "(stdout, files)").replace("stage.seed + 7", "5 + 7")
    assert measured(write(tmp_path, verify=verify)).status is TrialStatus.OK


def test_beside_the_program_lies_what_is_locked_but_not_what_judges(tmp_path: Path) -> None:
    assert set(write(tmp_path).beside_files()) == {"answers/all.txt", "bench.sh"}
    named = PROBLEM + '[environment]\nfiles = ["*.sh"]\n'
    assert set(write(tmp_path, toml=named).beside_files()) == {"bench.sh"}


def test_it_is_said_who_judges(tmp_path: Path) -> None:
    problem = write(tmp_path)
    assert problem.judged == "self-reported (loss)"
    assert (problem.program, problem.judge) == ("", "verify.py")
    measured_alone = PROBLEM.replace('loss = { better = "lower" }\n', "")
    assert write(tmp_path, toml=measured_alone).judged == "outside"
    nobody = measured_alone.replace('verify = "verify.py:check"\n', "")
    assert write(tmp_path, toml=nobody).judged == "outside, output not verified"
