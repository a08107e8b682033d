"""The engine of one machine: whatever a judge does costs its worker at most, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from selfwright.adapters.engines.local import LocalEngine
from selfwright.core.change import content_id
from selfwright.core.errors import JudgeFault, Unavailable
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Block, Item, Outcome
from selfwright.ports.engine import Done, Engine, Order
from selfwright.testing.engine import TOY, EngineContract
from tests.bench.serving import HANG, PATIENCE_S, Hanging

SERVING = Path(__file__).parents[2] / "bench" / "serving.py"
PROBLEM = """
name = "tiny"
editable = ["what.py"]
[evaluate]
judge = "judge.py"
[metrics]
pid = { better = "lower" }
[objective]
metric = "pid"
"""
# The candidate is what the judge does: this tests what happens to judges.
JUDGE = f"""
{HANG}
import os, pathlib, signal, time
from selfwright.bench.report import Report

here = pathlib.Path(__file__).parent

def cases(stage):
    return ["a", "b"]

def measure(candidate, case):
    return eval(candidate.read("what.py")) or {{"pid": os.getpid()}}
"""
Start = Callable[..., LocalEngine]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "problem.toml").write_text(PROBLEM)
    (tmp_path / "judge.py").write_text(JUDGE)
    (tmp_path / "what.py").write_text("None")
    return tmp_path


@pytest.fixture
def judges(folder: Path) -> Hanging:
    return Hanging(folder)


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    engines: list[LocalEngine] = []

    def make(
        *, workers: int = 1, wall_s: float = PATIENCE_S, start_s: float = PATIENCE_S, sandbox: str = "none",
        wait_s: float = PATIENCE_S,
    ) -> LocalEngine:  # fmt: skip
        command = [sys.executable, str(SERVING), str(folder), "", sandbox]
        engine = LocalEngine(command=command, workers=workers, wall_s_per_item=wall_s, start_s=start_s, wait_s=wait_s)
        engines.append(engine)
        return engine

    yield make
    for engine in engines:
        engine.close()
    assert psutil.Process().children() == []


def order(key: str, *programs: str) -> Order:
    """Return an order to do, one after the other, what these programs say."""
    files = {f"change {program}": {"what.py": program.encode()} for program in programs}
    items = tuple(Item(change=change, stage="full", case="a", seed=1) for change in files)
    return Order(key=key, block=Block(items=items), files=files)


def finish(engine: Engine, count: int = 1) -> list[Done]:
    done: list[Done] = []
    while len(done) < count:
        news = engine.wait(PATIENCE_S)
        assert news, f"nothing came in {PATIENCE_S} s"
        done += news
    return done


def only(done: Sequence[Done]) -> Outcome:
    [one] = done
    [outcome] = one.outcomes
    return outcome


def pid_of(outcome: Outcome) -> int:
    assert (outcome.status, outcome.reason) == (TrialStatus.OK, "")
    return int(outcome.readings[0].metrics["pid"][0])


class TestContract(EngineContract):
    """The contract of all engines."""

    def make(self, folder: Path) -> LocalEngine:
        for name, content in TOY.items():
            (folder / name).write_bytes(content.replace(b"number = {}", b'number = { better = "lower" }'))
        command = [sys.executable, str(SERVING), str(folder), "", "none"]
        return LocalEngine(command=command, workers=2, wall_s_per_item=PATIENCE_S)


def test_cases_that_can_not_be_listed_are_the_judges_fault(start: Start, folder: Path) -> None:
    (folder / "judge.py").write_text("1 / 0\n")
    with pytest.raises(JudgeFault, match=r"the judge raised ZeroDivisionError: division by zero at judge\.py:1"):
        start().cases()


def test_cases_survive_no_dying_judge(start: Start, folder: Path) -> None:
    (folder / "judge.py").write_text("import os\nos._exit(3)\n")
    with pytest.raises(JudgeFault, match="the judge's process ended with exit code 3"):
        start().cases()


def test_blocks_are_done_one_after_the_other_by_one_worker(start: Start) -> None:
    engine = start()
    for key in ("one", "two", "three"):
        engine.submit(order(key, "None"))
    done = finish(engine, 3)
    assert [one.key for one in done] == ["one", "two", "three"]
    assert len({pid_of(only([one])) for one in done}) == 1


def test_worker_is_kept_and_no_other_started_before_it_is_needed(start: Start) -> None:
    engine = start(workers=2)
    pids = set()
    for key in ("one", "two", "three"):
        engine.submit(order(key, "None"))
        pids.add(pid_of(only(finish(engine))))
    assert {child.pid for child in psutil.Process().children()} == pids
    assert len(pids) == 1


def test_outcomes_come_in_the_blocks_order_with_their_artifacts(start: Start) -> None:
    engine = start()
    engine.submit(order("k", "{'pid': 2}", "{'pid': 1}", "Report({'pid': 3}, 'well', {'a': b'bytes'})"))
    [done] = finish(engine)
    assert [pid_of(outcome) for outcome in done.outcomes] == [2, 1, 3]
    assert done.outcomes[2].feedback == "well"
    assert done.outcomes[2].artifacts == {"a": content_id(b"bytes")}
    assert done.artifacts == {content_id(b"bytes"): b"bytes"}


def test_as_many_blocks_as_workers_run_at_once(start: Start, folder: Path) -> None:
    engine = start(workers=2)
    os.mkfifo(folder / ".meeting")
    # Each end of a FIFO waits for the other: one worker alone would never finish.
    engine.submit(order("r", "(here / '.meeting').read_text() and None"))
    engine.submit(order("w", "(here / '.meeting').write_text('x') and None"))
    pids = {pid_of(only([done])) for done in finish(engine, 2)}
    assert len(pids) == 2


AFFINITY = "def answer(number):\n    import os\n    return sum(1 << core for core in os.sched_getaffinity(0))\n"


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system pins no process")
@pytest.mark.may_skip("only Linux pins processes")
@pytest.mark.parametrize("every", [1, 2])
def test_workers_share_the_cores_out_and_their_boxes_inherit_them(start: Start, folder: Path, every: int) -> None:
    call = "def evaluate(candidate, stage):\n    return {'pid': candidate.call('answer', 1).value}\n"
    meet = "import pathlib\nhere = pathlib.Path(__file__).parent\n"
    (folder / "judge.py").write_text(meet + call)
    cores = os.sched_getaffinity(0)
    workers = max(1, len(cores) // every)
    engine = start(workers=workers, sandbox="limits")
    for index in range(workers):
        engine.submit(order(str(index), AFFINITY + f"# {index}\n"))
    masks = [int(only([done]).readings[0].metrics["pid"][0]) for done in finish(engine, workers)]
    assert len(set(masks)) == workers
    assert {mask.bit_count() for mask in masks} == {len(cores) // workers}
    assert sum(masks) == sum(1 << core for core in cores if any(mask >> core & 1 for mask in masks))


HOLD = """
import sys
from selfwright.bench.machine import turn
with turn(alone=True, tell=lambda waits: None):
    print("in", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Somebody who is alone on the machine, until told to go."""
    monkeypatch.setenv("TMPDIR", str(tmp_path_factory.mktemp("locks")))
    command = [sys.executable, "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "in\n"
        yield lambda: (holder.communicate("\n"), None)[1]
        holder.kill()


def test_waiting_for_the_machine_is_no_time_of_the_block(start: Start, machine: Callable[[], None]) -> None:
    engine = start(wall_s=0.5)
    engine.submit(order("k", "None"))
    assert engine.wait(1.5) == []
    machine()
    [outcome] = [only(finish(engine))]
    assert outcome.status is TrialStatus.OK
    assert outcome.noise is not None


def test_waiting_for_the_machine_has_an_end(start: Start, machine: Callable[[], None]) -> None:
    engine = start(wait_s=0.2)
    engine.submit(order("k", "None"))
    reason = "the machine was not free within 0.2 s (evaluate.alone); end what else runs on it"
    assert only(finish(engine)).reason == reason
    machine()
    engine.submit(order("later", "None"))
    assert only(finish(engine)).status is TrialStatus.OK


def test_two_workers_with_items_that_are_to_be_alone_take_turns(start: Start, folder: Path) -> None:
    (folder / "problem.toml").write_text(PROBLEM.replace("[metrics]", "alone = true\n[metrics]"))
    engine = start(workers=2)
    alone = "(here / '.inside').touch(exist_ok=False) or time.sleep(0.02) or (here / '.inside').unlink() or None"
    for index in range(6):
        engine.submit(order(str(index), f"{alone} # {index}"))
    assert [only([done]).status for done in finish(engine, 6)] == [TrialStatus.OK] * 6


@pytest.mark.parametrize(
    ("does", "reason"),
    [
        ("os._exit(3)", "the judge's process ended with exit code 3"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "the judge's process was killed by SIGKILL"),
        (
            "os.write(2, b'free(): bad\\x1b[31m pointer\\n') and os.abort()",
            "the judge's process was killed by SIGABRT; it wrote last:\nfree(): bad pointer",
        ),
    ],
)
def test_dying_worker_is_replaced(start: Start, does: str, reason: str) -> None:
    engine = start()
    engine.submit(order("dies", does))
    engine.submit(order("lives", "None"))
    dead, alive = finish(engine, 2)
    assert (dead.key, only([dead])) == ("dies", Outcome(status=TrialStatus.UNJUDGED, reason=reason))
    assert alive.key == "lives"
    pid_of(only([alive]))


def test_dying_worker_leaves_no_member_of_its_group(start: Start, judges: Hanging) -> None:
    engine = start()
    child = "subprocess.Popen(['sleep', '600'], pass_fds=[fifo])"
    engine.submit(
        order("k", f"(fifo := os.open(here / '.alive', 1)) and {child} and os.write(fifo, b'1 1\\n') and os._exit(3)")
    )
    judges.wait()
    assert only(finish(engine)).reason == "the judge's process ended with exit code 3"
    judges.assert_gone()


def test_worker_killed_from_outside_costs_its_block_only(start: Start, judges: Hanging) -> None:
    engine = start(workers=2)
    engine.submit(order("hangs", "hang()"))
    [(worker, child)] = judges.wait()
    engine.submit(order("lives", "None"))
    pid_of(only(finish(engine)))
    os.kill(child, signal.SIGKILL)
    os.kill(worker, signal.SIGKILL)
    engine.submit(order("later", "None"))
    done = {one.key: only([one]) for one in finish(engine, 2)}
    assert done["hangs"].reason == "the judge's process was killed by SIGKILL"
    assert done["later"].status is TrialStatus.OK
    judges.assert_gone()


def test_worker_that_ended_while_idle_costs_no_block(start: Start) -> None:
    engine = start()
    engine.submit(order("first", "None"))
    idle = pid_of(only(finish(engine)))
    os.kill(idle, signal.SIGKILL)
    os.waitid(os.P_PID, idle, os.WEXITED | os.WNOWAIT)
    engine.submit(order("next", "None"))
    assert pid_of(only(finish(engine))) != idle


def test_judge_that_hangs_is_ended_with_what_it_started(start: Start, judges: Hanging) -> None:
    engine = start(wall_s=0.5)
    engine.submit(order("hangs", "hang()", "None"))
    judges.wait()
    [done] = finish(engine)
    reason = (
        "the judge did not answer within 1 s (evaluate.wall_s, 0.5 s for each of 2 items); make it faster, or raise "
        "evaluate.wall_s in problem.toml"
    )
    assert done.outcomes == (Outcome(status=TrialStatus.UNJUDGED, reason=reason),) * 2
    judges.assert_gone()


def test_judge_that_does_not_even_load_is_ended(start: Start, folder: Path) -> None:
    (folder / "judge.py").write_text("import time\ntime.sleep(600)\n")
    engine = start(start_s=0.5)
    engine.submit(order("k", "None"))
    assert only(finish(engine)).reason == ("the judge was not loaded within 0.5 s; let it do less when it is imported")


def test_judge_that_hears_no_signal_is_ended(start: Start, judges: Hanging) -> None:
    engine = start(wall_s=0.5)
    engine.submit(order("k", "signal.signal(signal.SIGTERM, signal.SIG_IGN) and hang()"))
    judges.wait()
    assert only(finish(engine)).reason.startswith("the judge did not answer within 0.5 s (evaluate.wall_s); ")
    judges.assert_gone()


def test_cancelled_blocks_are_never_reported(start: Start, folder: Path) -> None:
    engine = start()
    os.mkfifo(folder / ".go")
    engine.submit(order("running", "(here / '.go').read_text() and None"))
    engine.submit(order("queued", "None"))
    engine.submit(order("kept", "None"))
    with (folder / ".go").open("w") as go:  # opens once the first block runs
        for key in ("running", "queued", "unknown"):
            engine.cancel(key)
        go.write("go")
    assert [done.key for done in finish(engine)] == ["kept"]


def test_waiting_for_nothing_returns_nothing(start: Start) -> None:
    assert start().wait(0.0) == []


def test_large_programs_and_noisy_judges_block_nobody(start: Start) -> None:
    engine = start()
    flood = "[os.write(2, b'x' * 65536) for _ in range(16)] and None  #"
    engine.submit(order("k", flood + "x" * 3_000_000))
    pid_of(only(finish(engine)))


def test_close_ends_busy_and_idle_workers(start: Start, judges: Hanging) -> None:
    engine = start(workers=2)
    engine.submit(order("hangs", "hang()"))
    judges.wait()
    engine.submit(order("idle", "None"))
    idle = psutil.Process(pid_of(only(finish(engine))))
    engine.close()
    assert not idle.is_running()
    judges.assert_gone()
    engine.close()


def test_command_that_can_not_be_started_says_so() -> None:
    engine = LocalEngine(command=["/nowhere/python"], workers=1, wall_s_per_item=1)
    with pytest.raises(Unavailable, match="no worker could be started: /nowhere/python: No such file or directory"):
        engine.submit(order("k", "None"))
    engine.close()


PROGRAM = """
import os, time

def answer(number):
    print("thinking")
    return number + 1

def hang(path):
    fifo = os.open(path, os.O_WRONLY)
    os.write(fifo, f"{os.getppid()} {os.getpid()}\\n".encode())
    time.sleep(600)
"""


def test_candidate_is_called_in_its_sandbox(start: Start, folder: Path) -> None:
    call = "def evaluate(candidate, stage):\n    return {'pid': candidate.call('answer', 41).value}\n"
    (folder / "judge.py").write_text(call)
    engine = start(sandbox="limits")
    engine.submit(order("k", PROGRAM, "def answer(number):\n    raise ValueError('no')\n"))
    [done] = finish(engine)
    good, bad = done.outcomes
    assert pid_of(good) == 42
    assert good.log == "thinking\n"
    assert good.resources.cpu_s > 0
    assert bad.status is TrialStatus.CRASHED
    assert "ValueError: no" in bad.reason


ORCHESTRATOR = f"""
import sys
from tests.adapters.engines.test_local import PROGRAM, SERVING, LocalEngine, order

command = [sys.executable, str(SERVING), sys.argv[1], "", sys.argv[2]]
engine = LocalEngine(command=command, workers=3, wall_s_per_item=600)
engine.submit(order("idle", "pass"))
engine.wait({PATIENCE_S})
engine.submit(order("hangs", PROGRAM))
engine.submit(order("hangs too", PROGRAM))
engine.wait(600)
"""
HANGS_HIMSELF = f"""
{HANG}
def evaluate(candidate, stage):
    hang() if candidate.read("what.py") != b"pass" else None
"""
HANGS_IN_THE_CANDIDATE = """
import os, pathlib

def evaluate(candidate, stage):
    if candidate.read("what.py") != b"pass":
        path = pathlib.Path(__file__).with_name(".alive")
        os.open(path, os.O_WRONLY)  # and never closed: this process is watched too
        candidate.call("hang", str(path))
"""


@pytest.mark.parametrize(("judge", "sandbox"), [(HANGS_HIMSELF, "none"), (HANGS_IN_THE_CANDIDATE, "limits")])
def test_kill_9_of_the_orchestrator_leaves_nothing(
    folder: Path, judges: Hanging, tmp_path_factory: pytest.TempPathFactory, judge: str, sandbox: str
) -> None:
    (folder / "judge.py").write_text(judge)
    temporary = tmp_path_factory.mktemp("boxes")
    orchestrator = subprocess.Popen(
        [sys.executable, "-c", ORCHESTRATOR, str(folder), sandbox],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    try:
        assert len(set(judges.wait(2))) == 2
    finally:
        orchestrator.kill()
        orchestrator.wait()
    judges.assert_gone()
    locks = {f"selfwright-{os.getuid()}.{name}" for name in ("door", "room")}  # free, and for the next one
    assert {path.name for path in temporary.iterdir()} <= locks


@pytest.mark.bench
def test_overhead_of_a_block(start: Start) -> None:
    engine = start()
    engine.submit(order("warm", "{'pid': 1}"))
    finish(engine)
    blocks = 2000
    began = time.process_time()
    for number in range(blocks):
        engine.submit(order(str(number), "{'pid': 1}"))
        finish(engine)
    spent_ms = (time.process_time() - began) / blocks * 1000
    print(f"\nengine: {spent_ms:.3f} ms of CPU a block")  # noqa: T201 - a bench says what it measured
    assert spent_ms < 0.5
