"""What programs are worth: all of them measured again by one judge, in one sandbox, in turns."""

import math
import random
import statistics
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.outcome.task import PROGRAM, Task
from selfwright import bootstrap
from selfwright.api.confinement import choose_sandbox
from selfwright.bench.problem import load_problem
from selfwright.check.measure import Measurer
from selfwright.core.status import TrialStatus

ROUNDS = 60
"""Measurements of each program where the objective is noisy."""


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What was measured of one program, a value a round; empty where it fails by the judge.

    Attributes:
        reason: Why it fails.
    """

    values: tuple[float, ...]
    reason: str = ""

    @property
    def value(self) -> float | None:
        """The median, or None."""
        return statistics.median(self.values) if self.values else None


def measure(task: Task, problem: Path, programs: Sequence[str]) -> dict[str, Truth]:
    """Return text → truth. In each round all programs are measured with the same draw, in an order of its own."""
    found, different = load_problem(problem), list(dict.fromkeys(programs))
    values: dict[str, list[float]] = {text: [] for text in different}
    reasons: dict[str, str] = {}
    with closing(bootstrap.make_engine(found, choose_sandbox(None, trusted=True), 1)) as engine:
        measurer = Measurer(problem=found, engine=engine, cases=engine.cases(), until_s=math.inf, seed=77)
        for number in range(ROUNDS if task.noisy else 1):
            order = random.Random(number).sample(different, len(different))
            for text in order:
                if text in reasons:
                    continue
                shots = measurer.shots({PROGRAM: text.encode()}, measurer.public[-1], draw_number=number)
                outcomes = measurer.measure(shots)
                bad = next((each for each in outcomes if each.status is not TrialStatus.OK), None)
                if bad is not None:
                    reasons[text] = f"{bad.status.value}: {bad.reason.splitlines()[0]}"
                else:
                    medians = [statistics.median(each.readings[0].metrics["value"]) for each in outcomes]
                    values[text].append(statistics.fmean(medians))
    return {
        text: Truth(values=() if text in reasons else tuple(values[text]), reason=reasons.get(text, ""))
        for text in different
    }


def compare(task: Task, ours: str, theirs: str, truths: Mapping[str, Truth]) -> str:
    """Return ``better``, ``same`` or ``worse``: our program beside theirs.

    Noisy values are compared round by round, by the 95 % interval of the median log ratio. What differs by less than
    the minimum effect of the task is the same.
    """
    own, other = truths[ours], truths[theirs]
    if ours == theirs or (not own.values and not other.values):
        return "same"
    if not own.values or not other.values:
        return "better" if own.values else "worse"
    sign = 1.0 if task.better == "higher" else -1.0
    ratios = sorted(sign * math.log(a / b) for a, b in zip(own.values, other.values, strict=True))
    low, high = _interval(len(ratios))
    least = math.log1p(float(task.effect.removesuffix(" %")) / 100)
    if ratios[low] > 0 and statistics.median(ratios) > least:
        return "better"
    return "worse" if ratios[high] < 0 and statistics.median(ratios) < -least else "same"


def _interval(count: int) -> tuple[int, int]:
    """Return the ranks between which the median lies in 95 % of cases (sign test)."""
    below, low = 0.0, 0
    for rank in range(count):
        below += math.comb(count, rank) / 2**count
        if below > 0.025:
            low = rank
            break
    return low, count - 1 - low
