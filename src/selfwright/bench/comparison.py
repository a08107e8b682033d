"""Two programs side by side: run in pairs, in an order that a coin decides, until the gate has an answer."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

from selfwright.bench.machine import Meter, turn
from selfwright.bench.yardstick import Yardstick
from selfwright.core.count import counted
from selfwright.core.draw import coin
from selfwright.core.errors import BadInput
from selfwright.core.job import Reply
from selfwright.core.metric import Effect, Metric
from selfwright.core.noise import Noise
from selfwright.core.side import Side
from selfwright.core.status import CallStatus
from selfwright.core.verdict import PairedGain
from selfwright.gate.pairs import Pair, describe_paired
from selfwright.gate.two_sided import LEAST_PAIRS, NEEDED, Answer, TwoSided

_LINES = 12
"""Last lines of a program that failed which are shown."""

Run = Callable[[Path], Reply]
Watch = Callable[["Comparison"], None]


class Comparison:
    """What was measured of A and B, and what it means.

    Args:
        sides: A and B.
        effect: The least difference that matters; amounts are of the metric's unit.
        max_pairs: After so many it ends, decided or not.

    Attributes:
        pairs: In the order in which they were measured; A is the incumbent.
        b_first: Whether B ran first, for each pair.
        noise: Of the machine meanwhile; None before the end.
        waits: Whether it waits for the machine.
    """

    def __init__(self, sides: tuple[Side, Side], *, yardstick: Yardstick, effect: Effect, max_pairs: int) -> None:
        self.sides = sides
        self.yardstick = yardstick
        self.effect = effect
        self.max_pairs = max_pairs
        self.pairs: list[Pair] = []
        self.b_first: list[bool] = []
        self.noise: Noise | None = None
        self.waits = False
        self._gate = TwoSided(yardstick.metric, effect)

    def add(self, a: float, b: float, *, b_first: bool) -> None:
        """Take the next pair."""
        pair = Pair(incumbent=a, candidate=b)
        self.pairs.append(pair)
        self.b_first.append(b_first)
        self._gate.add(pair)

    @property
    def answer(self) -> Answer:
        """What is decided of B."""
        return self._gate.answer

    @property
    def evidence(self) -> tuple[float, float, float]:
        """E of better, worse and the same; each is an answer from ``NEEDED`` on."""
        return self._gate.better, self._gate.worse, self._gate.same

    def gain(self) -> PairedGain | None:
        """Return by how much B is better, with its interval; None before the first pair."""
        return self._gate.gain()

    def medians(self) -> tuple[float, float] | None:
        """Return the median of A and of B; None before the first pair."""
        if not self.pairs:
            return None
        return median(pair.incumbent for pair in self.pairs), median(pair.candidate for pair in self.pairs)

    def __str__(self) -> str:
        """Return the answer as a sentence."""
        gain = self.gain()
        if gain is None:
            return "undecided: no pair was measured"
        told = f"B is {describe_paired(self.yardstick.metric, gain, 'A')}, {counted(gain.pairs, 'pair')}"
        told += f", E = {max(self.evidence):.3g} against {NEEDED:g}"
        if self.answer is Answer.SAME:
            return f"no difference of {self._least()}: {told}"
        if self.answer is Answer.UNDECIDED:
            return f"undecided, a difference of {self._least()} is neither shown nor ruled out: {told}"
        return told

    def _least(self) -> str:
        unit = "" if self.effect.relative else self.yardstick.metric.unit
        return f"{self.effect} {unit}".strip()


def compare_sides(
    sides: tuple[Side, Side], *, run: Run, yardstick: Yardstick, effect: Effect, max_pairs: int, seed: int,
    observe: Watch,
) -> Comparison:  # fmt: skip
    """Run A and B in pairs until the gate has an answer, each once before, uncounted.

    The machine is held alone for each pair: no run of this user measures meanwhile.

    Args:
        run: Runs the program in the folder of a side.
        seed: The order in each pair follows from it.
        observe: Called before the first pair, after each, and where it waits for the machine.

    Raises:
        BadInput: A side failed, or its number is missing; the message says which, in which run, and its last lines.
    """
    comparison = Comparison(sides, yardstick=yardstick, effect=effect, max_pairs=max_pairs)

    def wait(waits: bool) -> None:
        comparison.waits = waits
        observe(comparison)

    def measure(side: Side, when: str) -> float:
        return _measure(side, run(side.folder), yardstick, by_ratio=effect.relative, when=when)

    observe(comparison)
    with turn(alone=True, tell=wait):
        for side in sides:
            measure(side, "in its first run")
    meter = Meter()
    try:
        while len(comparison.pairs) < max_pairs and comparison.answer is Answer.UNDECIDED:
            number = len(comparison.pairs) + 1
            b_first = coin(seed, "compare", pair=number)
            with turn(alone=True, tell=wait):
                ordered = sides[::-1] if b_first else sides
                values = {side.letter: measure(side, f"in pair {number}") for side in ordered}
            comparison.add(values["A"], values["B"], b_first=b_first)
            observe(comparison)
    finally:
        comparison.noise = meter.read()
    return comparison


def build_sides(sides: tuple[Side, Side], run: Run, announce: Callable[[str], None]) -> None:
    """Run a build in the folder of each side; where they share one, once.

    Raises:
        BadInput: It failed; the message says where, and its last lines.
    """
    for side in sides[:1] if sides[0].folder == sides[1].folder else sides:
        announce(f"building {side}")
        reply = run(side.folder)
        if reply.status is not CallStatus.OK:
            raise _failure(f"{side} could not be built", reply.reason, reply)


def least_effect(text: str, max_pairs: int, metric: Metric) -> Effect:
    """Return the least difference that matters; refuses what no comparison can end with.

    Raises:
        BadInput: It is no percentage below 100 and no amount in the metric's unit, or the pairs are too few for any
            answer.
    """
    try:
        effect = Effect.parse(text)
    except ValueError as error:
        raise BadInput(str(error)) from error
    if (unit := Effect.unit_in(text)) not in ("", "%", metric.unit):
        wanted = f"{metric.unit!r} or %" if metric.unit else "no unit or %"
        raise BadInput(f"a minimum effect of {text!r} is in {unit!r}, but {metric.name} has {wanted}")
    if effect.relative and effect.amount >= 1:
        raise BadInput(f"a minimum effect of {text!r} can not be reached; write a percentage below 100, such as '1 %'")
    if max_pairs < LEAST_PAIRS:
        raise BadInput(f"{counted(max_pairs, 'pair')} can decide nothing; allow {LEAST_PAIRS} at least")
    return effect


def _measure(side: Side, reply: Reply, yardstick: Yardstick, *, by_ratio: bool, when: str) -> float:
    if reply.status is not CallStatus.OK:
        raise _failure(f"{side} failed {when}", reply.reason, reply)
    try:
        return yardstick.value(reply, by_ratio=by_ratio)
    except ValueError as error:
        raise _failure(f"{side} has no {yardstick.metric.name} {when}", str(error), reply) from error


def _failure(what: str, why: str, reply: Reply) -> BadInput:
    shown = "".join(f"\n    {line}" for line in reply.log.splitlines()[-_LINES:])
    return BadInput(f"{what}: {why}" + (f"; it wrote last:{shown}" if shown else ""))
