"""The arithmetic of timing, against a clock that the test owns."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from selfwright.bench.stopwatch import (
    BATCH_S,
    COLD,
    MOST_INPUTS,
    REFILL_S,
    Arguments,
    Lap,
    Round,
    Stopwatch,
    as_arguments,
)

CARRYING_S = 0.002
START_S = 5.0
EXCHANGE_S = 0.0002


class Bench:
    """A function that doubles, in so many seconds; its first call compiles. Carrying costs as much for each input.

    Args:
        alone_s: CPU time of a call alone; that of a call in a batch if not given.
    """

    def __init__(
        self, call_s: float, *, start_s: float = START_S, result_bytes: int = 1, alone_s: float | None = None
    ) -> None:
        self.call_s = call_s
        self.alone_s = alone_s
        self.rounds: list[Round] = []
        self.start_s = start_s
        self.result_bytes = result_bytes
        self.batches: list[list[Arguments]] = []

    def run(self, batches: Sequence[list[Arguments]]) -> list[Lap]:
        return [self.lap(inputs) for inputs in batches]

    def lap(self, inputs: list[Arguments]) -> Lap:
        start_s = 0.0 if self.batches else self.start_s
        self.batches.append(inputs)
        outputs: list[object] = [number * 2 for (number,) in inputs if isinstance(number, int)]
        wall_s = start_s + (self.call_s + CARRYING_S) * len(inputs)
        answer = b"V" + b"r" * self.result_bytes * len(inputs)
        return Lap(wall_s=wall_s, cpu_s=wall_s, inputs=inputs, outputs=outputs, request=b"", answer=answer)

    def carry(self, lap: Lap) -> float:
        return CARRYING_S * len(lap.inputs)

    def alone(self, inputs: Sequence[Arguments]) -> Round:
        call_s = EXCHANGE_S + (self.call_s if self.alone_s is None else self.alone_s)
        outputs: list[object] = [number * 2 for (number,) in inputs if isinstance(number, int)]
        wall_s = (call_s + EXCHANGE_S) * len(inputs)
        self.rounds.append(Round(wall_s=wall_s, call_s=call_s, blank_s=EXCHANGE_S, outputs=outputs))
        return self.rounds[-1]

    def stopwatch(self, *, secret: int = 1, most_s: float = 1e6, calls: int = 0) -> Stopwatch:
        return Stopwatch(
            run=self.run, carry=self.carry, alone=self.alone, make_inputs=list, secret=secret,
            most_s=most_s, calls=calls,
        )  # fmt: skip


def test_carrying_is_subtracted_and_the_rest_shared_by_the_calls() -> None:
    bench = Bench(call_s=0.003)
    samples = bench.stopwatch().measure(3)
    assert list(samples) == pytest.approx([0.003] * 3)
    in_batches = [args for batch in bench.batches[-3:] for args in batch]
    assert samples.inputs[: len(in_batches)] == in_batches
    assert len(samples.inputs) == len(in_batches) + sum(len(each.outputs) for each in bench.rounds)
    assert samples.outputs == [2 * args[0] for args in samples.inputs if isinstance(args[0], int)]


def test_a_batch_is_long_enough_and_no_longer_than_it_must() -> None:
    bench = Bench(call_s=0.003)
    bench.stopwatch().measure(1)
    assert BATCH_S / 2 <= 0.005 * len(bench.batches[-1]) <= 4 * BATCH_S
    slow = Bench(call_s=0.1)
    slow.stopwatch().measure(1)
    assert len(slow.batches[-1]) == 1


def test_both_sides_of_a_pair_have_the_same_batches_where_their_size_is_given() -> None:
    quick, slow = Bench(call_s=1e-4), Bench(call_s=1e-2)
    for bench in (quick, slow):
        bench.stopwatch(calls=7).measure(3)
        assert [len(batch) for batch in bench.batches] == [1, 7, 7, 7, 7]
    assert quick.batches == slow.batches


def test_the_time_of_a_core_is_told_beside_that_on_the_wall() -> None:
    samples = Bench(call_s=0.003).stopwatch().measure(3)
    assert samples.cpu == pytest.approx([0.003 + CARRYING_S] * 3)
    shared = Bench(call_s=1e-5, alone_s=0.5).stopwatch().measure(3)
    assert min(shared.cpu) >= 0.5 - REFILL_S


def test_a_batch_has_a_largest_size() -> None:
    bench = Bench(call_s=-CARRYING_S + 1e-9)
    bench.stopwatch().measure(1)
    assert len(bench.batches[-1]) == MOST_INPUTS
    bulky = Bench(call_s=-CARRYING_S + 1e-9, result_bytes=1 << 20)
    bulky.stopwatch().measure(1)
    assert 16 <= len(bulky.batches[-1]) <= 64


def test_no_sample_is_below_what_can_be_told_apart() -> None:
    samples = Bench(call_s=-0.001).stopwatch().measure(2)
    assert list(samples) == pytest.approx([0.01 * 0.001] * 2)


def test_every_input_is_new_and_nobody_knows_it_who_does_not_know_the_secret() -> None:
    series = []
    for secret in (1, 1, 2):
        bench = Bench(call_s=0.003)
        bench.stopwatch(secret=secret).measure(3)
        series.append([args for batch in bench.batches for args in batch])
    assert series[0] == series[1]
    assert len(set(series[0] + series[2])) == len(series[0]) + len(series[2])


def test_samples_have_the_same_inputs_whatever_was_needed_to_calibrate() -> None:
    quick, slow = (Bench(call_s=call_s).stopwatch().measure(2) for call_s in (0.001, 0.01))
    common = 2 * round(BATCH_S / 0.012)
    assert len(quick.inputs) > len(slow.inputs) > common
    assert quick.inputs[:common] == slow.inputs[:common]


@pytest.mark.parametrize(
    ("call_s", "start_s", "calls", "samples"),
    [
        (2.0, 0.0, 4, 3),  # all fit: one that warms up, and as many as were asked for
        (20.0, 0.0, 4, 3),
        (30.0, 0.0, 3, 2),
        (49.0, 0.0, 2, 1),
        (60.0, 0.0, 1, 1),  # a second one would not fit
        (20.0, 20.0, 4, 3),
        (20.0, 30.0, 3, 2),
        (20.0, 60.0, 1, 1),
        (20.0, 90.0, 1, 1),
    ],
)
def test_a_long_function_is_not_called_more_often_than_there_is_time(
    call_s: float, start_s: float, calls: int, samples: int
) -> None:
    bench = Bench(call_s=call_s - CARRYING_S, start_s=start_s)
    assert len(bench.stopwatch(most_s=100.0).measure(3)) == samples
    assert [len(batch) for batch in bench.batches] == [1] * calls


def test_what_was_slow_only_while_it_was_calibrated_is_calibrated_again() -> None:
    class Warming(Bench):
        def lap(self, inputs: list[Arguments]) -> Lap:
            self.call_s = 0.2 if len(self.batches) < 3 else 0.0001
            return super().lap(inputs)

    bench = Warming(call_s=0.2)
    samples = bench.stopwatch().measure(3)
    assert list(samples) == pytest.approx([0.0001] * 3)
    assert all(len(batch) * 0.0021 >= BATCH_S / 2 for batch in bench.batches[-3:])


@pytest.mark.parametrize(
    ("call_s", "alone_s", "told_s"),
    [
        (1e-4, 1e-4, 1e-4),
        (7e-5, COLD * 6.9e-5, 7e-5),  # caches that are empty
        (2e-3, 2e-3 + 0.99 * REFILL_S, 2e-3),
        (3e-5, 3e-4, 3e-4 / COLD),  # a batch that was computed at once
        (3e-5, 1e-2, 1e-2 - REFILL_S),
        (3e-5, -1e-3, 3e-5),  # noise
    ],
)
def test_no_sample_is_below_what_a_call_alone_takes(call_s: float, alone_s: float, told_s: float) -> None:
    samples = Bench(call_s=call_s, alone_s=alone_s).stopwatch().measure(3)
    assert list(samples) == pytest.approx([told_s] * 3)


def test_a_program_that_is_slow_at_times_does_not_lower_what_its_calls_take() -> None:
    class Unsteady(Bench):
        def alone(self, inputs: Sequence[Arguments]) -> Round:
            self.alone_s = (0.5, 0.01)[len(self.rounds) % 2]
            return super().alone(inputs)

    assert min(Unsteady(call_s=1e-5).stopwatch().measure(3)) >= 0.01 - REFILL_S


@pytest.mark.parametrize(("alone_s", "rounds", "most_s"), [(1e-6, 8, 0.2), (0.002, 16, 0.4), (0.1, 4, 0.5)])
def test_calls_alone_cost_little(alone_s: float, rounds: int, most_s: float) -> None:
    bench = Bench(call_s=1e-6, alone_s=alone_s)
    bench.stopwatch().measure(3)
    assert len(bench.rounds) == rounds
    assert sum(each.wall_s for each in bench.rounds) < most_s


def test_a_batch_of_one_call_is_alone_already() -> None:
    bench = Bench(call_s=0.1)
    bench.stopwatch().measure(3)
    assert bench.rounds == []


def test_a_list_is_one_argument_and_a_tuple_is_all_of_them() -> None:
    assert as_arguments([1, 2]) == ([1, 2],)
    assert as_arguments((1, 2)) == (1, 2)
