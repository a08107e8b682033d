"""The arithmetic of timing, against a clock that the test owns."""

from __future__ import annotations

import pytest

from selfwright.bench.stopwatch import MOST_INPUTS, Arguments, Stopwatch
from selfwright.core.job import Reply
from selfwright.core.status import CallStatus

CARRYING_S = 0.002
START_S = 5.0


class Bench:
    """A function that doubles, in so many seconds; its first call compiles."""

    def __init__(self, call_s: float, result_bytes: int = 1) -> None:
        self.call_s = call_s
        self.result_bytes = result_bytes
        self.batches: list[list[Arguments]] = []

    def run(self, inputs: list[Arguments]) -> tuple[Reply, list[object]]:
        start_s = 0.0 if self.batches else START_S
        self.batches.append(inputs)
        outputs = [number * 2 for (number,) in inputs if isinstance(number, int)]
        payload = b"V" + b"r" * self.result_bytes * len(inputs)
        wall_s = start_s + (self.call_s + CARRYING_S) * len(inputs)
        return Reply(status=CallStatus.OK, payload=payload, wall_s=wall_s), list(outputs)

    def run_empty(self, inputs: list[Arguments], outputs: bytes) -> float:
        assert len(outputs) == self.result_bytes * len(inputs)  # the reply without its kind
        return CARRYING_S * len(inputs)

    def stopwatch(self) -> Stopwatch:
        return Stopwatch(run=self.run, run_empty=self.run_empty, make_input=lambda number: number)


def test_carrying_is_subtracted_and_the_rest_shared_by_the_calls() -> None:
    bench = Bench(call_s=0.003)
    samples = bench.stopwatch().measure(3)
    assert list(samples) == pytest.approx([0.003] * 3)
    assert samples.inputs == [(number,) for batch in bench.batches[-3:] for (number,) in batch]
    assert samples.outputs == [2 * number for (number,) in samples.inputs]


def test_a_batch_is_long_enough_and_no_longer_than_it_must() -> None:
    bench = Bench(call_s=0.003)
    bench.stopwatch().measure(1)
    assert 10 <= len(bench.batches[-1]) <= 40  # 5 ms each, at least 50 ms
    slow = Bench(call_s=1.0)
    slow.stopwatch().measure(1)
    assert len(slow.batches[-1]) == 1


def test_a_batch_has_a_largest_size() -> None:
    bench = Bench(call_s=-CARRYING_S + 1e-9)
    bench.stopwatch().measure(1)
    assert len(bench.batches[-1]) == MOST_INPUTS
    bulky = Bench(call_s=-CARRYING_S + 1e-9, result_bytes=1 << 20)
    bulky.stopwatch().measure(1)
    assert 16 <= len(bulky.batches[-1]) <= 64


def test_no_sample_is_below_what_can_be_told_apart() -> None:
    assert list(Bench(call_s=-0.001).stopwatch().measure(2)) == [1e-9, 1e-9]


def test_every_input_is_new() -> None:
    bench = Bench(call_s=0.003)
    bench.stopwatch().measure(3)
    assert [args for batch in bench.batches for args in batch] == [
        (number,) for number in range(sum(map(len, bench.batches)))
    ]
