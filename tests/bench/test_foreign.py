"""Evaluators of other engines run as they are, and what they judge can not reach them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.api.confinement import try_sandbox
from selfwright.bench.candidate import Candidate
from selfwright.bench.foreign import Foreign, Said, Shim
from selfwright.bench.report import Report
from selfwright.bootstrap import make_sandbox
from selfwright.core.environment import Environment
from selfwright.core.errors import CallFailed, InvalidCandidate, JudgeFault
from selfwright.core.limits import Limits, Profile
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Sandbox

LOAD = """
import importlib.util

def load(path):
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
"""
SQUARE = (
    LOAD
    + """
def evaluate(program_path):
    program = load(program_path)
    if not hasattr(program, "square"):
        return {"combined_score": 0.0, "error": "it has no square"}
    try:
        return {"combined_score": float(program.square(3, offset=program.OFFSET)), "note": "as asked"}
    except Exception as error:
        return {"combined_score": 0.0, "error": str(error)}
"""
)
PROGRAM = b"OFFSET = 2\ndef square(x, *, offset=0):\n    return x * x + offset\n"
LIMITS = Limits(wall_s=10.0)


@pytest.fixture(params=["limits", "zygote"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """The sandbox that contains most, and the one that is everywhere."""
    if request.param == "zygote" and not try_sandbox("zygote").works:
        pytest.skip("zygote does not work here")
    made = make_sandbox(request.param, Environment())
    yield made
    made.close()


def shim(
    sandbox: Sandbox, evaluator: str, *, form: str = "openevolve", whole: bool = False, limits: Limits = LIMITS,
    cascade: tuple[float, ...] | None = None, metrics: tuple[str, ...] = ("combined_score",), wall_s: float = 20.0,
) -> Shim:  # fmt: skip
    return Shim(
        Foreign(form=form, file="evaluator.py", whole=whole, cascade=cascade), limits=limits, wall_s=wall_s,
        beside={"evaluator.py": evaluator.encode()}, program="program.py", metrics=metrics, sandbox=sandbox,
    )  # fmt: skip


def candidate(sandbox: Sandbox, program: bytes = PROGRAM, *, limits: Limits = LIMITS) -> Candidate:
    return Candidate(files={"program.py": program}, program="program.py", sandbox=sandbox, limits=limits)


def ask(evaluator: str, program: bytes = PROGRAM, **more: object) -> Said:
    sandbox = LimitsSandbox()
    return shim(sandbox, evaluator, **more).ask(candidate(sandbox, program))  # type: ignore[arg-type]


def judge(evaluator: str, program: bytes = PROGRAM, *, limits: Limits = LIMITS, **more: object) -> Report:
    sandbox = LimitsSandbox()
    judging = shim(sandbox, evaluator, limits=limits, **more)  # type: ignore[arg-type]
    return judging(candidate(sandbox, program, limits=limits), None)


def test_functions_and_constants_of_the_program_are_there(sandbox: Sandbox) -> None:
    said = shim(sandbox, SQUARE).ask(candidate(sandbox))
    assert said.metrics == {"combined_score": 11.0}
    assert said.artifacts == {"note": "as asked"}
    assert (said.unfit, said.raised, said.failure) == ((), "", None)


def test_the_program_is_not_in_the_evaluators_jail_and_the_evaluator_is_not_in_the_programs(sandbox: Sandbox) -> None:
    evaluator = (
        LOAD
        + """
import os
def evaluate(path):
    seen = load(path).seen()
    return {"combined_score": float("secret" in open(path).read()), "there": ",".join(seen)}
"""
    )
    said = shim(sandbox, evaluator).ask(candidate(sandbox, b"import os\nSECRET = 'secret'\nseen = os.listdir\n"))
    assert said.metrics == {"combined_score": 0.0}
    assert said.artifacts["there"] == "program.py"


def test_a_program_in_the_same_sandbox_writes_its_own_score_and_the_word_says_so() -> None:
    forger = (
        b"import sys\nif judge := sys.modules.get('evaluation_module'):\n    judge.float = lambda value: 1e9\n"
        + PROGRAM
    )
    assert judge(SQUARE, forger).metrics == {"combined_score": 11.0}
    assert Foreign(form="openevolve", file="e.py").judged == "outside (shim)"
    assert judge(SQUARE, forger, whole=True).metrics == {"combined_score": 1e9}
    assert Foreign(form="openevolve", file="e.py", whole=True).judged == "self-reported"


def test_processes_of_the_evaluator_reach_the_program_too(sandbox: Sandbox) -> None:
    evaluator = """
import multiprocessing, subprocess, sys, tempfile
SCRIPT = '''
import sys; sys.path.insert(0, {folder!r})
import program
print(program.square(4))
'''
def evaluate(path):
    script = SCRIPT.format(folder=path.rpartition("/")[0])
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(script); file.flush()
        done = subprocess.run([sys.executable, file.name], capture_output=True, text=True, timeout=20)
    return {"combined_score": float(done.stdout or -1), "error": done.stderr}
"""
    said = shim(sandbox, evaluator).ask(candidate(sandbox))
    assert said.metrics == {"combined_score": 16.0}, said
    assert said.unfit == ()


def test_a_call_that_was_given_up_answers_nobody_else() -> None:
    evaluator = (
        LOAD
        + """
import signal
def give_up(number, frame):
    raise TimeoutError
def evaluate(path):
    program = load(path)
    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    try:
        program.slow()
        late = 0.0
    except TimeoutError:
        late = 1.0
    return {"combined_score": program.answer(), "late": late}
"""
    )
    program = b"import time\ndef slow():\n    time.sleep(1)\n    return 5\ndef answer():\n    return 7\n"
    assert ask(evaluator, program).metrics == {"combined_score": 7.0, "late": 1.0}


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("return {'combined_score': float(len(open(path).read()))}", "it reads the program's source"),
        ("return {'combined_score': load(path).square(len)}", r"it passes to square what can not be carried: \[0\]"),
        ("return {'combined_score': load(path).Solver().solve()}", "it makes an object of the program's class Solver"),
        ("return {'combined_score': 1.0}", "it never imports the program"),
        ("import subprocess; subprocess.run(['cat', path]); return {'combined_score': 1.0}", "the program to cat"),
        (
            "import subprocess, sys; subprocess.run([sys.executable, path]); return {'combined_score': 1.0}",
            "the program is run as a script",
        ),
    ],
)  # fmt: skip
def test_an_evaluator_that_needs_the_program_beside_it_is_told_so_and_has_it_when_asked(body: str, why: str) -> None:
    program = PROGRAM + b"class Solver:\n    def solve(self):\n        return 1.0\n"
    program += b"def square(x):\n    return x(['']) if callable(x) else x\n"
    evaluator = f"{LOAD}\ndef evaluate(path):\n    {body}\n"
    with pytest.raises(JudgeFault, match=f"can not judge from outside: .*{why}.*whole = true"):
        judge(evaluator, program)
    native = Limits(wall_s=10.0, profile=Profile.NATIVE, allow=("exec",))
    assert judge(evaluator, program, whole=True, limits=native).metrics["combined_score"] > 0


def test_what_the_program_does_wrong_is_its_own_failure() -> None:
    with pytest.raises(InvalidCandidate, match="the evaluator: it has no square"):
        judge(SQUARE.replace('"combined_score": 0.0, ', ""), b"def cube(x):\n    return x\n")
    with pytest.raises(CallFailed, match="ValueError: no") as caught:
        judge(
            SQUARE.replace('"combined_score": 0.0, ', ""),
            b"OFFSET = 1\ndef square(x, offset):\n    raise ValueError('no')\n",
        )
    assert caught.value.status is CallStatus.CRASHED
    with pytest.raises(CallFailed, match="no answer within") as caught:
        judge(
            LOAD + "def evaluate(path):\n    return {'combined_score': load(path).square(1)}\n",
            b"def square(x):\n    while True: pass\n", limits=Limits(wall_s=0.5),
        )  # fmt: skip
    assert caught.value.status is CallStatus.TIMED_OUT


def test_what_the_evaluator_raises_is_told() -> None:
    with pytest.raises(InvalidCandidate, match="the evaluator: ZeroDivisionError: division by zero"):
        judge(LOAD + "def evaluate(path):\n    load(path)\n    return 1 / 0\n")


def test_an_evaluator_that_never_ends_is_ended() -> None:
    with pytest.raises(CallFailed, match="the evaluator: no answer"):
        judge(LOAD + "def evaluate(path):\n    load(path)\n    while True: pass\n", wall_s=1.0)


STAGES = (
    LOAD
    + """
from openevolve.evaluation_result import EvaluationResult
def evaluate_stage1(path):
    return EvaluationResult(metrics={"runs": 1.0, "combined_score": load(path).square(2)}, artifacts={"one": b"1"})
def evaluate_stage2(path):
    return {"combined_score": 10 * load(path).square(2), "second": True}
def evaluate(path):
    return {"combined_score": -1.0}
"""
)


def test_a_cascade_goes_on_while_its_thresholds_are_reached() -> None:
    said = ask(STAGES, cascade=(4.0, 40.0))
    assert said.metrics == {"runs": 1.0, "combined_score": 40.0, "second": 1.0}
    assert said.artifacts == {"one": b"1"}
    said = ask(STAGES, cascade=(4.5, 40.0))
    assert said.metrics == {"runs": 1.0, "combined_score": 4.0}
    assert said.raised == "evaluate_stage1 gave 4, and the cascade goes on from 4.5"
    assert ask(STAGES).metrics == {"combined_score": -1.0}


def test_without_a_score_of_its_own_the_mean_counts_as_in_openevolve() -> None:
    said = ask(LOAD + "def evaluate(path):\n    load(path)\n    return {'speed': 1.0, 'size': 3, 'words': 'x'}\n")
    assert said.metrics == {"speed": 1.0, "size": 3.0, "combined_score": 2.0}
    assert not said.scored


def test_an_evaluator_may_be_a_coroutine(sandbox: Sandbox) -> None:
    evaluator = LOAD + "async def evaluate(path):\n    return {'combined_score': load(path).square(2)}\n"
    assert shim(sandbox, evaluator).ask(candidate(sandbox)).metrics == {"combined_score": 4.0}


SHINKA = """
import argparse
from shinka.core import run_shinka_eval
parser = argparse.ArgumentParser()
parser.add_argument("--program_path"); parser.add_argument("--results_dir")
given = parser.parse_args()
run_shinka_eval(
    given.program_path, given.results_dir, "square", 2, get_experiment_kwargs=lambda run: {"x": run + 1},
    validate_fn=lambda result: (result < 5, "too large"),
    aggregate_metrics_fn=lambda results: {"combined_score": float(sum(results)), "public": {"runs": len(results)}},
)
"""


def test_shinkas_evaluator_runs_as_the_script_that_it_is(sandbox: Sandbox) -> None:
    said = shim(sandbox, SHINKA, form="shinka").ask(candidate(sandbox))
    assert (said.metrics["combined_score"], said.metrics["runs"], said.raised) == (5.0, 2.0, "")
    with pytest.raises(InvalidCandidate, match="Validation failed: too large"):
        judge(SHINKA, b"def square(x):\n    return 9\n", form="shinka")


def test_what_is_no_metric_of_the_problem_is_feedback() -> None:
    report = judge(STAGES, cascade=(1.0, 1.0), metrics=("combined_score",))
    assert report.metrics == {"combined_score": 40.0}
    assert report.artifacts == {"one": b"1"}
    assert judge(SQUARE).feedback == "note: as asked"


def test_a_forged_last_word_is_no_word() -> None:
    forger = b"""
import os
OFFSET = 0
def square(x, offset=0):
    os.write(4, (3).to_bytes(8, "big") + b"bad")
    os._exit(0)
"""
    with pytest.raises(CallFailed, match="the evaluator: "):
        judge(SQUARE, forger, whole=True)
