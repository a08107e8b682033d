"""The contract of engines, and one that runs blocks in process by calling a function."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from selfwright.core.change import Files, content_id
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Block, Item, Outcome, Reading
from selfwright.ports.engine import Done, Engine, Order

Function = Callable[[Files, Item], Outcome]
"""Measures one item. What it raises makes the item ``unjudged``."""


class FunctionEngine:
    """Calls a function for each item, one block a ``wait``; satisfies ``ports.engine.Engine``.

    Args:
        cases: Stage → case ids.
        finish: Which of the blocks on workers finishes next, as an index; by default the one that came first.

    Attributes:
        measured: Every block that was run, in the order in which they finished.
    """

    def __init__(
        self, function: Function, *, cases: Mapping[str, tuple[str, ...]], workers: int = 2,
        finish: Callable[[Sequence[Order]], int] = lambda running: 0,
    ) -> None:  # fmt: skip
        self.workers = workers
        self.measured: list[Block] = []
        self._function = function
        self._cases = cases
        self._finish = finish
        self._queue: list[Order] = []

    def cases(self) -> Mapping[str, tuple[str, ...]]:
        return self._cases

    def submit(self, order: Order) -> None:
        self._queue.append(order)

    def wait(self, timeout_s: float) -> Sequence[Done]:
        running = self._queue[: self.workers]
        if not running:
            return ()
        order = self._queue.pop(self._finish(running))
        self.measured.append(order.block)
        outcomes = tuple(self._measure(order.files[item.change], item) for item in order.block.items)
        return (Done(key=order.key, outcomes=outcomes, artifacts={}),)

    def cancel(self, key: str) -> None:
        self._queue = [order for order in self._queue if order.key != key]

    def withdraw(self) -> Sequence[str]:
        waiting = self._queue[self.workers :]
        del self._queue[self.workers :]
        return [order.key for order in waiting]

    def close(self) -> None:
        self._queue.clear()

    def _measure(self, files: Files, item: Item) -> Outcome:
        try:
            return self._function(files, item)
        except Exception as error:  # noqa: BLE001 - the judge's boundary: whatever it raises is its own fault
            return Outcome(status=TrialStatus.UNJUDGED, reason=f"{type(error).__name__}: {error}")


def finish_last_first(running: Sequence[Order]) -> int:
    """Let the block that came last finish first."""
    return len(running) - 1


TOY: Mapping[str, bytes] = {
    "problem.toml": b"""\
name = "toy"
description = "Say a small number."
editable = ["toy.py"]
[evaluate]
judge = "judge.py"
[metrics]
number = { better = "lower" }
[objective]
metric = "number"
[[stages]]
name = "full"
""",
    "toy.py": b"# say 3\n",
    "judge.py": b'''\
"""Does what the program's only comment tells it."""

import os

import selfwright


def cases(stage):
    """List two."""
    return ["a", "b"]


def measure(candidate, case):
    """Read, never run."""
    _, verb, number = candidate.read("toy.py").split()
    if verb == b"say":
        return {"number": float(number)}
    if verb == b"fail":
        raise selfwright.InvalidCandidate("the number is missing")
    if verb == b"raise":
        raise RuntimeError("the judge stumbled")
    os._exit(3)
''',
}
"""A problem folder whose judge does what the program tells it: ``say 3``, ``fail 0``, ``raise 0`` or ``die 0``."""


def judge_toy(files: Files, item: Item) -> Outcome:
    """Measure as the judge of ``TOY`` does, in process; what would end the process is raised."""
    _, verb, number = files["toy.py"].split()
    if verb == b"say":
        reading = Reading(case=item.case, metrics={"number": (float(number),)})
        return Outcome(status=TrialStatus.OK, readings=(reading,))
    if verb == b"fail":
        return Outcome(status=TrialStatus.INVALID, reason="the number is missing")
    raise RuntimeError("the judge stumbled")


class EngineContract:
    """What every engine must do, tried on the problem ``TOY``. Inherit, and say how one is made."""

    def make(self, folder: Path) -> Engine:
        """Return an engine of two workers on the problem ``TOY``, which may be written into ``folder``."""
        raise NotImplementedError

    def test_cases_are_the_judges(self, tmp_path: Path) -> None:
        """Stage by stage, in the judge's order."""
        engine = self.make(tmp_path)
        assert {stage: tuple(cases) for stage, cases in engine.cases().items()} == {"full": ("a", "b")}
        engine.close()

    def test_a_block_has_an_outcome_an_item_in_its_order(self, tmp_path: Path) -> None:
        """Also where the program fails half way through."""
        engine = self.make(tmp_path)
        engine.submit(toy_order("mixed", "say 1", "fail 0", "say 3", "say 1"))
        done = _all(engine, 1)["mixed"]
        assert [outcome.status.value for outcome in done.outcomes] == ["ok", "invalid", "ok", "ok"]
        assert [number_of(outcome) for outcome in done.outcomes] == [1.0, None, 3.0, 1.0]
        assert "the number is missing" in done.outcomes[1].reason
        engine.close()

    def test_every_block_is_reported_once(self, tmp_path: Path) -> None:
        """More blocks than workers, each under its own key; then there is nothing to wait for."""
        engine = self.make(tmp_path)
        for number in range(7):
            engine.submit(toy_order(f"block {number}", f"say {number}"))
        found = _all(engine, 7)
        assert {key: number_of(done.outcomes[0]) for key, done in found.items()} == {
            f"block {number}": float(number) for number in range(7)
        }
        assert list(engine.wait(0)) == []
        engine.close()

    def test_a_cancelled_block_is_not_reported(self, tmp_path: Path) -> None:
        """Whether it waits or runs; a key that nobody knows is ignored."""
        engine = self.make(tmp_path)
        for number in range(6):
            engine.submit(toy_order(f"block {number}", f"say {number}"))
        for key in ("block 0", "block 5", "never submitted"):
            engine.cancel(key)
        assert sorted(_all(engine, 4)) == [f"block {number}" for number in range(1, 5)]
        assert list(engine.wait(0)) == []
        engine.close()

    def test_what_is_withdrawn_is_not_measured_and_what_has_begun_is(self, tmp_path: Path) -> None:
        """Workers finish what they are at; all other keys come back, and may be submitted again."""
        engine = self.make(tmp_path)
        keys = [f"block {number}" for number in range(6)]
        for key in keys:
            engine.submit(toy_order(key, "say 1"))
        withdrawn = list(engine.withdraw())
        assert withdrawn == keys[engine.workers :]
        assert sorted(_all(engine, engine.workers)) == keys[: engine.workers]
        assert not engine.wait(0)
        assert not engine.withdraw()
        engine.submit(toy_order(withdrawn[0], "say 4"))
        assert number_of(_all(engine, 1)[withdrawn[0]].outcomes[0]) == 4.0
        engine.close()

    def test_a_judge_that_raises_or_dies_costs_its_block(self, tmp_path: Path) -> None:
        """What it was measuring is ``unjudged``, with a reason; the next block finds a judge that works."""
        engine = self.make(tmp_path)
        for verb in ("raise", "die"):
            engine.submit(toy_order(verb, f"{verb} 0"))
            (outcome,) = _all(engine, 1)[verb].outcomes
            assert (outcome.status, outcome.readings) == (TrialStatus.UNJUDGED, ()), verb
            assert outcome.reason, verb
            engine.submit(toy_order("after", "say 4"))
            assert number_of(_all(engine, 1)["after"].outcomes[0]) == 4.0, verb
        engine.close()


def toy_order(key: str, *lines: str) -> Order:
    """Return a block that measures, on case ``a`` of ``TOY``, one program a line."""
    programs = [f"# {line}\n".encode() for line in lines]
    items = tuple(Item(change=content_id(program), stage="full", case="a", seed=7) for program in programs)
    files = {content_id(program): {"toy.py": program} for program in programs}
    return Order(key=key, block=Block(items=items), files=files)


def number_of(outcome: Outcome) -> float | None:
    """Return what a program of ``TOY`` said, or None where it failed."""
    return outcome.readings[0].metrics["number"][0] if outcome.readings else None


def _all(engine: Engine, count: int) -> dict[str, Done]:
    """Return the next ``count`` blocks by key."""
    found: deque[Done] = deque()
    while len(found) < count:
        finished = engine.wait(60)
        assert finished, f"only {len(found)} of {count} blocks came back"
        found.extend(finished)
    by_key = {done.key: done for done in found}
    assert len(by_key) == len(found) == count, f"reported twice: {[done.key for done in found]}"
    return by_key
