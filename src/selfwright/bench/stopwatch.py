"""The time of one call of a function, by a clock outside.

A batch of inputs is one exchange: the guest reads them, calls the function for each and writes the outputs. The program
shares the guest's process, so it may have changed everything in it. What it can not change is the order of things:

- no input is known before its batch is sent: each is made from a random number, and none comes twice, so nothing can
  have been computed before, neither at import nor for an earlier call;
- the clock stops at the last byte of the outputs, which the judge verifies, so nothing can be put off;
- batches follow each other without a pause and the clock runs on, so nothing can be done in between;
- subtracted is only what no program can avoid: the bytes themselves, in and out of a process that never met the
  program, and at most the CPU time that this takes, because a program that is busy in the background would prolong it.

Making objects of the arguments and bytes of the results therefore belongs to the call: below 0.1 us a number, and for
arrays about their copy. A function with several threads has the time that passes on the wall; it may use the cores of
its trial and no more.

One thing a program can do: the inputs of a batch lie in its memory together, and it may find them and compute many
calls at once. So calls are also made alone, one input an exchange, and as many of a process whose function does
nothing and that answers with as many bytes, in turns. What the box's processes compute in one of them can be neither
shared nor put off, and is counted by the kernel; it is CPU time, because waiting for a core says nothing of the
program. With q(p) the quantile of the rounds, which a program that is slow at times can only raise,

    d = q(1/4) of the program's - q(1/2) of the process's that does nothing,      least = max(d / COLD, d - REFILL_S)

and no sample is below ``least``. An honest function's is not raised by it: alone it finds the core's caches as the
other processes left them, and takes longer than in a batch, at most by what it takes to fill them again.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain

from selfwright.bench import wire
from selfwright.core.draw import draw

BATCH_S = 0.05
"""How long a batch should last, where nobody says so."""

MOST_INPUTS = 10_000
_MOST_BYTES = 16 << 20
_LONG_S = 1.0
"""A batch that lasts longer is not thrown away only because it was the first of its size."""
_LEAST_SHARE = 0.01
"""A call has at least this share of the time of its batch: less can not be told from the subtracted."""

COLD, REFILL_S = 5.0, 300e-6
"""An honest call alone takes at most so many times its time in a batch, and at most so much longer: a cache of 1 MiB is
16,384 lines, and each comes from the next one in 20 ns. Measured: 1.0 to 1.3 times for Python's own arithmetic, 2 times
for 200 look-ups in a large dict, 3 times for a product with 700 KB of matrix, 3.6 for
gathering 8192 numbers from 1 MiB."""
_ROUNDS, _LEAST_ROUNDS, _PLAIN_ROUNDS = 16, 4, 8
"""After so many plain ones no more are made where the least is not half of a sample: no round of a program that shares
or puts off can be short, so that more of them only tell the least more closely."""
_ROUND_S, _ALONE_S = 0.015, 0.25

Arguments = tuple[object, ...]


class Samples(list[float]):
    """Seconds a call, one sample a batch, with everything needed to verify what was computed.

    Attributes:
        inputs: The arguments of every call, in order: batch after batch, then the calls alone.
        outputs: What each returned.
        cpu: CPU seconds a call, one a batch, of all processes of its box: what other programs on the machine hardly
            change, and what says nothing of waiting. What the bytes need is in it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cpu: list[float] = []
        self.inputs: list[Arguments] = []
        self.outputs: list[object] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """One batch that was run.

    Attributes:
        wall_s: From the end of the lap before (the first: from its start) to the last byte of its outputs.
        cpu_s: CPU time of the box over the same time.
        outputs: What the calls returned.
        request: The bytes that were sent.
        answer: The bytes that came.
    """

    wall_s: float
    cpu_s: float
    inputs: list[Arguments]
    outputs: list[object]
    request: bytes
    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Some calls alone, in turn with as many of a function that does nothing.

    Attributes:
        wall_s: Of all of them.
        call_s: CPU time of one exchange on each core that it may use.
        blank_s: That of one with the function that does nothing and answers with as many bytes.
        outputs: What the calls returned.
    """

    wall_s: float
    call_s: float
    blank_s: float
    outputs: list[object]


class Stopwatch:
    """Calibrates the size of a batch, then measures.

    Args:
        run: Runs batches of inputs, one right after the other.
        carry: Seconds that the bytes of a lap need in and out.
        alone: Calls with one input an exchange.
        make_inputs: Numbers → arguments of each.
        secret: What the numbers are drawn from; the program must not know it.
        batch_s: How long a batch should last; at least half of it.
        calls: So many calls a batch, whatever it lasts, so that both sides of a pair have the same batches; 0: by
            ``batch_s``.
        most_s: What all calls together may take. Where the batches do not fit, fewer are taken; at least one.
    """

    def __init__(
        self,
        *,
        run: Callable[[Sequence[list[Arguments]]], list[Lap]],
        carry: Callable[[Lap], float],
        alone: Callable[[Sequence[Arguments]], Round],
        make_inputs: Callable[[Sequence[int]], Sequence[object]],
        secret: int,
        most_s: float,
        batch_s: float = BATCH_S,
        calls: int = 0,
    ) -> None:
        self._run = run
        self._carry = carry
        self._alone = alone
        self._make_inputs = make_inputs
        self._secret = secret
        self._left_s = most_s
        self._batch_s = batch_s
        self._calls = calls
        self._drawn: dict[str, int] = {}
        self._numbers: set[int] = set()
        self._seen: set[bytes] = set()
        self._arity = 0

    def measure(self, batches: int) -> Samples:
        """Return one sample a batch.

        Raises:
            ValueError: ``make_input`` gave something twice.
        """
        first = self._laps("calibration", 1, 1)  # imports and compiles; it counts only where nothing else can
        if first[0].wall_s > self._left_s:
            return self._samples(first, 1)
        size = self._calls or 1
        while True:
            laps = self._laps("calibration", size, 1)
            if self._grown(size, laps) == size:
                kept = laps if laps[0].wall_s >= _LONG_S else []
                fitting = int(self._left_s / laps[0].wall_s)
                laps = kept + self._laps("sample", size, max(1 - len(kept), min(batches - len(kept), fitting)))
                if self._grown(size, laps) == size:  # else it was slower while it was calibrated
                    return self._samples(laps, size)
            size = self._grown(size, laps)

    def _laps(self, purpose: str, size: int, count: int) -> list[Lap]:
        laps = self._run([self._inputs(purpose, size) for _ in range(count)]) if count else []
        self._left_s -= sum(lap.wall_s for lap in laps)
        return laps

    def _samples(self, laps: list[Lap], size: int) -> Samples:
        samples = Samples()
        for lap in laps:
            samples.append(max(lap.wall_s - self._carry(lap), lap.wall_s * _LEAST_SHARE) / size)
            samples.cpu.append(lap.cpu_s / size)
            samples.inputs += lap.inputs
            samples.outputs += lap.outputs
        if size > 1:
            least_s = self._least_s(samples)
            samples[:] = [max(sample, least_s) for sample in samples]
            samples.cpu = [max(sample, least_s) for sample in samples.cpu]
        return samples

    def _least_s(self, samples: Samples) -> float:
        """Return what a call takes at least, by calls alone, which are added to what can be verified."""
        rounds: list[Round] = []
        count, spent_s = 1, 0.0
        while len(rounds) < _LEAST_ROUNDS or (len(rounds) < _ROUNDS and spent_s < _ALONE_S):
            inputs = self._inputs("alone", count)
            rounds.append(self._alone(inputs))
            samples.inputs += inputs
            samples.outputs += rounds[-1].outputs
            spent_s += rounds[-1].wall_s
            count = max(1, min(4 * count, round(count * _ROUND_S / rounds[-1].wall_s)))
            if len(rounds) >= _PLAIN_ROUNDS and 2 * _least_s(rounds) < min(chain(samples, samples.cpu)):
                break
        return _least_s(rounds)

    def _grown(self, size: int, laps: list[Lap]) -> int:
        """Return the size that a batch should have, by what the shortest of these took: ``size`` where it is enough."""
        if self._calls:
            return size
        lap = min(laps, key=lambda lap: lap.wall_s)
        largest = size >= MOST_INPUTS or len(lap.request) + len(lap.answer) >= _MOST_BYTES
        if lap.wall_s >= self._batch_s / 2 or largest:
            return size
        return min(MOST_INPUTS, 4 * size, max(2 * size, math.ceil(size * self._batch_s / lap.wall_s)))

    def _inputs(self, purpose: str, count: int) -> list[Arguments]:
        """Return new arguments. Those of a purpose are the same ones wherever the secret is the same."""
        numbers = [self._number(purpose) for _ in range(count)]
        return [self._input(number, made) for number, made in zip(numbers, self._make_inputs(numbers), strict=True)]

    def _number(self, purpose: str) -> int:
        before = len(self._numbers)
        while len(self._numbers) == before:
            self._drawn[purpose] = self._drawn.get(purpose, 0) + 1
            number = draw(self._secret, purpose, self._drawn[purpose]) & 0xFFFF_FFFF
            self._numbers.add(number)
        return number

    def _input(self, number: int, made: object) -> Arguments:
        arguments = as_arguments(made)
        self._arity = self._arity or len(arguments)
        if len(arguments) != self._arity:
            raise ValueError(f"make_input({number}) gave {len(arguments)} arguments, before it gave {self._arity}")
        before = len(self._seen)
        self._seen.add(blake2b(wire.encode(arguments, max_bytes=1 << 40, name="arguments"), digest_size=16).digest())
        if len(self._seen) == before or not arguments:
            raise ValueError(
                f"make_input({number}) gave arguments that an earlier number gave too, or none, and a program could "
                "remember its result; draw them from the number, e.g. with numpy.random.default_rng(number)"
            )
        return arguments


def _least_s(rounds: Sequence[Round]) -> float:
    call_s, blank_s = sorted(each.call_s for each in rounds), sorted(each.blank_s for each in rounds)
    more_s = call_s[len(rounds) // 4] - blank_s[len(rounds) // 2]
    return max(more_s / COLD, more_s - REFILL_S)


def as_arguments(value: object) -> Arguments:
    """Return a tuple as it is, anything else as the only argument."""
    return value if isinstance(value, tuple) else (value,)
