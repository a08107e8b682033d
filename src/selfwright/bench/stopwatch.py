"""The time of one call of a short function, by a clock outside.

A batch of distinct inputs is one exchange: the guest reads the inputs, calls the function for each and writes the
outputs. What reading and writing take is measured beside it, on the same inputs and outputs, in a process that never
met the program (which could otherwise slow the empty batch down), and subtracted. Nothing of a call can be put off,
because the outputs are written before the clock stops, and nothing can be known before, because no input comes twice.
"""

import math
from collections.abc import Callable

from selfwright.core.job import Reply

BATCH_S = 0.05
"""How long a batch should last at least."""

EMPTY_BATCHES = 3
"""The shortest of so many is subtracted: what disturbs one must not shorten the calls."""

MOST_INPUTS = 10_000
_MOST_BYTES = 16 << 20
_LEAST_S = 1e-9
"""Shorter calls can not be told apart from empty ones; a difference may even come out negative."""

Arguments = tuple[object, ...]


class Samples(list[float]):
    """Seconds a call, one sample a batch, with everything needed to verify what was computed.

    Attributes:
        inputs: The arguments of every call, in order; batch after batch.
        outputs: What each returned.
    """

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[Arguments] = []
        self.outputs: list[object] = []


class Stopwatch:
    """Calibrates the size of a batch, then measures.

    Args:
        run: Runs a batch: inputs → reply and outputs.
        run_empty: Seconds that reading these inputs and writing these outputs (encoded) takes without a call.
        make_input: Number → arguments.
    """

    def __init__(
        self,
        *,
        run: Callable[[list[Arguments]], tuple[Reply, list[object]]],
        run_empty: Callable[[list[Arguments], bytes], float],
        make_input: Callable[[int], object],
    ) -> None:
        self._run = run
        self._run_empty = run_empty
        self._make_input = make_input
        self._next = 0

    def measure(self, batches: int) -> Samples:
        """Return one sample a batch."""
        size = self._calibrate()
        samples = Samples()
        for _ in range(batches):
            inputs = self._inputs(size)
            reply, outputs = self._run(inputs)
            spent_s = reply.wall_s - self._run_empty(inputs, reply.payload[1:])
            samples.append(max(spent_s / size, _LEAST_S))
            samples.inputs += inputs
            samples.outputs += outputs
        return samples

    def _calibrate(self) -> int:
        """Return how many inputs make a batch. The first calls, which import and compile, are not counted."""
        size = 1
        self._run(self._inputs(size))
        while True:
            inputs = self._inputs(size)
            reply, _ = self._run(inputs)
            self._run_empty(inputs, reply.payload[1:])
            if reply.wall_s >= BATCH_S or size >= MOST_INPUTS or len(reply.payload) >= _MOST_BYTES:
                return size
            size = min(MOST_INPUTS, 4 * size, max(size + 1, math.ceil(1.2 * size * BATCH_S / reply.wall_s)))

    def _inputs(self, count: int) -> list[Arguments]:
        numbers = range(self._next, self._next + count)
        self._next += count
        return [as_arguments(self._make_input(number)) for number in numbers]


def as_arguments(value: object) -> Arguments:
    """Return a tuple as it is, anything else as the only argument."""
    return value if isinstance(value, tuple) else (value,)
