"""A worker answers orders in order, refuses a changed problem, and ends when its engine does."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from selfwright.bench.problem import load_problem
from selfwright.core.change import Files, content_id, tree_of
from selfwright.core.message import BlockMeasured, CasesListed, ListCases, Measure, Message, Ready, pack, take
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Block, Item
from tests.bench.serving import HANG, PATIENCE_S, Hanging

SERVING = Path(__file__).with_name("serving.py")
PROBLEM = """
name = "tiny"
editable = ["number.txt"]
[evaluate]
judge = "judge.py"
[metrics]
size = { better = "lower" }
[objective]
metric = "size"
"""
JUDGE = """
import os
from selfwright.bench.report import Report

measured = 0

def cases(stage):
    return ["a", "b"]

def measure(candidate, case):
    global measured
    measured += 1
    number = int(candidate.read("number.txt"))
    print("noise")
    os.write(1, b"more noise")
    return Report({"size": number * 10 + measured}, artifacts={"n": candidate.read("number.txt")})
"""
CLINGING = """
def evaluate(candidate, stage):
    try:
        hang()
    except BaseException:
        time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "problem.toml").write_text(PROBLEM)
    (tmp_path / "judge.py").write_text(JUDGE)
    (tmp_path / "number.txt").write_text("0")
    return tmp_path


class Served:
    """The engine's side of one worker."""

    def __init__(self, folder: Path, expected_hash: str = "", sandbox: str = "none") -> None:
        self.connection, far = socket.socketpair()
        self.connection.settimeout(PATIENCE_S)
        with far:
            self.process = subprocess.Popen(
                [sys.executable, str(SERVING), str(folder), expected_hash, sandbox, str(far.fileno())],
                pass_fds=[far.fileno()],
                start_new_session=True,
                stdout=subprocess.DEVNULL,
            )
        self._buffer = bytearray()

    def receive(self) -> tuple[Message, dict[str, bytes]]:
        while (frame := take(self._buffer)) is None:
            received = self.connection.recv(1 << 16)
            assert received, "the worker has ended"
            self._buffer += received
        return frame

    def order(self, programs: dict[str, Files], items: Sequence[tuple[str, str]]) -> None:
        block = Block(items=tuple(Item(change=change, stage="full", case=case, seed=1) for change, case in items))
        contents = {content for files in programs.values() for content in files.values()}
        trees = {change: tree_of(files) for change, files in programs.items()}
        self.connection.sendall(pack(Measure(block=block, trees=trees), contents))


@contextmanager
def served(folder: Path, expected_hash: str = "", sandbox: str = "none") -> Iterator[Served]:
    worker = Served(folder, expected_hash, sandbox)
    try:
        assert worker.receive() == (Ready(), {})
        yield worker
    finally:
        worker.connection.close()
        assert worker.process.wait(PATIENCE_S) == 0
        assert (folder / ".closed").exists()


def test_block_is_measured_in_order_by_one_judge(folder: Path) -> None:
    with served(folder) as worker:
        worker.order({"x": {"number.txt": b"1"}, "y": {"number.txt": b"2"}}, [("x", "a"), ("y", "a"), ("x", "b")])
        message, artifacts = worker.receive()
    assert isinstance(message, BlockMeasured)
    readings = [reading for outcome in message.outcomes for reading in outcome.readings]
    assert [(reading.case, reading.metrics["size"]) for reading in readings] == [
        ("a", (11.0,)),
        ("a", (22.0,)),
        ("b", (13.0,)),
    ]
    assert [dict(outcome.artifacts) for outcome in message.outcomes] == [
        {"n": content_id(number)} for number in (b"1", b"2", b"1")
    ]
    assert artifacts == {content_id(b"1"): b"1", content_id(b"2"): b"2"}


BESIDE = """
name = "beside"
editable = ["parts/one.py"]
[evaluate]
judge = "judge.py"
[metrics]
size = { better = "lower" }
[objective]
metric = "size"
[environment]
files = ["parts/**"]
"""
SEED = """
def evaluate(candidate, stage):
    return {"size": 10 * candidate.seed().call("f").value + candidate.call("f").value}
"""


def test_the_judge_can_ask_the_seed_and_locked_files_lie_beside_both(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    for path, content in {
        "problem.toml": BESIDE, "judge.py": SEED, "parts/__init__.py": "", "parts/two.py": "def g():\n    return 2\n",
        "parts/one.py": "from .two import g\n\ndef f():\n    return g()\n",
    }.items():  # fmt: skip
        (tmp_path / path).write_text(content)
    problem = load_problem(tmp_path)
    assert problem.beside_files().keys() == {"parts/__init__.py", "parts/two.py"}
    (tmp_path / ".closed").touch()
    with served(tmp_path, sandbox="limits") as worker:
        worker.order(
            {"x": {"parts/one.py": b"from parts import two\n\ndef f():\n    return two.g() + 1\n"}}, [("x", "")]
        )
        message, _ = worker.receive()
    assert isinstance(message, BlockMeasured)
    assert [dict(outcome.readings[0].metrics) for outcome in message.outcomes] == [{"size": (23.0,)}]


def test_cases_are_listed(folder: Path) -> None:
    with served(folder) as worker:
        worker.connection.sendall(pack(ListCases()))
        assert worker.receive() == (CasesListed(cases={"full": ("a", "b")}), {})


def refusals(worker: Served) -> list[str]:
    """Return why a worker without a usable judge does nothing, asked both ways."""
    worker.connection.sendall(pack(ListCases()))
    listed, _ = worker.receive()
    worker.order({"x": {"number.txt": b"1"}}, [("x", "a")])
    measured, _ = worker.receive()
    assert isinstance(listed, CasesListed)
    assert isinstance(measured, BlockMeasured)
    assert [outcome.status for outcome in measured.outcomes] == [TrialStatus.UNJUDGED]
    return [listed.fault, measured.outcomes[0].reason]


def test_changed_problem_is_refused(folder: Path) -> None:
    with served(folder, "0" * 64) as worker:
        for reason in refusals(worker):
            assert reason.startswith(
                f"the files in {folder} have changed since the run was opened (their hash was 000000000000, now it is "
            )
            assert "put them back, or open a new run" in reason


def test_judge_that_can_not_be_loaded_costs_no_worker(folder: Path) -> None:
    (folder / "judge.py").write_text("import os\n1 / 0\n")
    with served(folder) as worker:
        for reason in refusals(worker):
            assert reason.startswith("the judge raised ZeroDivisionError: division by zero at judge.py:2 (<module>)")


def test_busy_worker_takes_with_it_what_it_started(folder: Path) -> None:
    (folder / "judge.py").write_text(HANG + "def evaluate(candidate, stage):\n    hang()\n")
    judges = Hanging(folder)
    with served(folder) as worker:
        worker.order({"x": {"number.txt": b"1"}}, [("x", "")])
        [(pid, _)] = judges.wait()
        assert pid == worker.process.pid
        worker.process.terminate()
        judges.assert_gone()


def test_judge_that_clings_to_life_is_ended_by_the_kernel(folder: Path) -> None:
    (folder / "judge.py").write_text(HANG + CLINGING)
    judges = Hanging(folder)
    worker = Served(folder)
    with worker.connection:
        assert worker.receive() == (Ready(), {})
        worker.order({"x": {"number.txt": b"1"}}, [("x", "")])
        judges.wait()
        worker.process.terminate()
        judges.assert_gone()
    assert worker.process.wait(PATIENCE_S) == -signal.SIGALRM
