"""The judge of a generated problem: what differs from the original is found, what is the same is timed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from selfwright.adapters.sandboxes.limits import LimitsSandbox
from selfwright.bench.candidate import Candidate
from selfwright.bench.observation import Seen
from selfwright.bench.stopwatch import Samples
from selfwright.core.errors import CallFailed, InvalidCandidate
from selfwright.core.limits import Limits
from selfwright.oracle.answering import Oracle, is_timed
from selfwright.oracle.judging import Judging, Task, busy_s, call

SOURCE = """\
def f(items, factor):
    if not items:
        raise ValueError("empty")
    return [item * factor for item in items] + [sum(items)]
"""
TASK = Task(
    function="f", rows=(([1, 2, 3], 2), ([10, 20, 30, 40], 3), ([], 1)), timed=(([1, 2, 3], 2), ([10, 20, 30, 40], 3)),
    spread=100.0, types=(("list",), ()), tolerance=1e-9,
)  # fmt: skip


@dataclass(frozen=True)
class Stage:
    seed: int


def candidate(source: str = SOURCE, wall_s: float = 10) -> Candidate:
    def made(text: str) -> Candidate:
        return Candidate(
            files={"m.py": text.encode()}, program="m.py", sandbox=LimitsSandbox(), limits=Limits(wall_s=wall_s),
            seed=lambda: made(SOURCE),
        )  # fmt: skip

    return made(source)


@pytest.fixture
def judging(tmp_path: Path) -> Judging:
    (tmp_path / "task").write_bytes(TASK.pack())
    return Judging(tmp_path / "task")


def test_a_task_is_read_as_it_was_packed() -> None:
    assert Task.read(TASK.pack()) == TASK


def test_the_original_is_timed(judging: Judging) -> None:
    times = judging.evaluate(candidate(), Stage(seed=1))["time_us"]
    assert len(times) >= 1
    assert all(time_us > 0 for time_us in times)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("* factor", "* 2", r"f\(\[.*\], \d+\): \[.*\], expected \["),
        ("    if not items:\n        raise ValueError('empty')\n".replace("'", '"'), "", "expected raised ValueError"),
        ("ValueError", "KeyError", "raised KeyError, expected raised ValueError"),
        ("    return", "    items.append(1); items = items[:-1]\n    return", "arguments left as"),
        ("+ [sum(items)]", "+ [float(sum(items))]", "expected"),
        ("+ [sum(items)]", "+ [0 if sum(items) == -77 else sum(items)]", ""),
    ],
)
def test_what_differs_is_found(judging: Judging, old: str, new: str, message: str) -> None:
    assert old in SOURCE
    changed = candidate(SOURCE.replace(old, new))
    if not message:  # what no input shows can not be seen
        assert judging.evaluate(changed, Stage(seed=1))
        return
    with pytest.raises(InvalidCandidate, match=message):
        judging.evaluate(changed, Stage(seed=1))


def test_to_wait_for_a_core_is_no_time_of_the_function_and_to_use_two_gains() -> None:
    samples = Samples()
    samples += [9.0, 1.0]
    samples.cpu += [2.0, 1.9]
    assert busy_s(samples) == [2.0, 1.0]


CHEATS = {
    "frames": """\
import sys
def f(items, factor):
    if sys._getframe(1).f_code.co_name != "_observed":
        return items
    if not items:
        raise ValueError("empty")
    return [item * factor for item in items] + [sum(items)]
""",
    "remembered": """\
known = {}
def f(items, factor):
    key = factor
    if not items:
        raise ValueError("empty")
    if key not in known:
        known[key] = [item * factor for item in items] + [sum(items)]
    return list(known[key])
""",
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_what_is_computed_while_it_is_timed_is_verified_too(judging: Judging, cheat: str) -> None:
    with pytest.raises(InvalidCandidate, match="expected"):
        judging.evaluate(candidate(CHEATS[cheat]), Stage(seed=1))


def test_a_candidate_that_crashes_fails_by_itself(judging: Judging) -> None:
    with pytest.raises(CallFailed):
        judging.evaluate(candidate("import os\ndef f(items, factor):\n    os._exit(1)\n"), Stage(seed=1))


HANGING = """\
def f(n):
    while n == 13:
        pass
    return n
"""


def test_an_input_on_which_the_original_does_not_end_is_left_out() -> None:
    with Oracle(candidate(HANGING, wall_s=0.5), "f") as oracle:
        answers = oracle.ask([(number,) for number in range(10, 18)])
        assert [answer and answer.seen.result for answer in answers] == [10, 11, 12, None, 14, 15, 16, 17]
        with pytest.raises(CallFailed, match="f"):
            oracle.ask([(13,)] * 4)


def test_only_what_shows_in_its_result_is_timed() -> None:
    assert is_timed(([1],), Seen("returned", 1, ([1],), -1, ()))
    assert not is_timed(([1],), Seen("returned", 1, ([2],), -1, ()))
    assert not is_timed(([1],), Seen("raised", "KeyError", ([1],), -1, ()))


def test_a_long_call_is_shortened() -> None:
    assert call("f", (1, "a" * 500)) == f"f(1, '{'a' * 299}...)"
