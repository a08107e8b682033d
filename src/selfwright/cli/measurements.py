"""What was measured of a trial, as text: a line a measurement; of pairs a line a case, with both medians."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from selfwright.core.count import counted
from selfwright.core.metric import Metric
from selfwright.core.noise import worst
from selfwright.core.printable import indented
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome
from selfwright.gate.exact import metric_named
from selfwright.gate.pairs import describe_paired
from selfwright.report.number import decimals, number
from selfwright.views.comparison import SIDES, weigh
from selfwright.views.run import Attempt, RunState, Spot

_Sides = dict[str, list[Outcome]]


def measurements(state: RunState, attempt: Attempt, measured: Mapping[Spot, Outcome]) -> list[str]:
    """Return the lines on everything in ``measured``; the machine, and what was built, are said once at the end."""
    lines: list[str] = []
    told: set[str] = set()
    groups = _groups(measured)
    for (purpose, stage, case), sides in groups.items():
        where = f"  {purpose:9} {stage}/{case}:"
        if paired := len(sides) > 1 or "incumbent" in sides:
            lines += [f"{where} {_medians(state.run.metrics, sides, case)}", *_failures(sides)]
        else:
            lines += [f"{where} {_single(outcome)}".rstrip() for outcome in sides["candidate"]]
        lines += _texts([outcome for side in sides.values() for outcome in side], told, paired)
    metric = metric_named(state.run.metrics, state.run.objective.metric)
    for purpose in dict.fromkeys(spot[0].partition(":")[0] for spot in measured if ":" in spot[0]):
        if gain := weigh(state, attempt, purpose).gain():
            told_gain = describe_paired(metric, gain, "the incumbent")
            lines.append(f"  {purpose:9} in all: {metric.name} {told_gain}, {counted(gain.pairs, 'pair')}")
    if noise := worst(outcome.noise for outcome in measured.values()):
        lines.append(f"  machine, at worst: {noise}")
    return [*lines, *_builds(groups.values())]


def _groups(measured: Mapping[Spot, Outcome]) -> dict[Spot, _Sides]:
    """Return (purpose, stage, case) → side → what it measured, all pairs of a purpose together."""
    groups: dict[Spot, _Sides] = {}
    for (purpose, stage, case), outcome in measured.items():
        side = SIDES[purpose.endswith(f":{SIDES[1]}")]
        groups.setdefault((purpose.partition(":")[0], stage, case), {}).setdefault(side, []).append(outcome)
    return groups


def _single(outcome: Outcome) -> str:
    numbers = "; ".join(
        f"{name} {', '.join(f'{value:.6g}' for value in samples)}"
        for reading in outcome.readings for name, samples in reading.metrics.items()
    )  # fmt: skip
    return f"{outcome.status.value} {indented(outcome.news)} {numbers}"


def _medians(metrics: Sequence[Metric], sides: _Sides, case: str) -> str:
    """Return ``54 measurements; seconds 0.479 s, the incumbent 0.943 s``; of a stage without cases, by reading."""
    samples: dict[tuple[str, str], dict[str, list[float]]] = {}
    for side, outcomes in sides.items():
        for reading in (reading for outcome in outcomes for reading in outcome.readings):
            for name, values in reading.metrics.items():
                samples.setdefault((reading.case, name), {}).setdefault(side, []).extend(values)
    words = [counted(sum(len(outcomes) for outcomes in sides.values()), "measurement")]
    for (of, name), by in samples.items():
        unit, typical = metric_named(metrics, name).unit, {side: median(values) for side, values in by.items()}
        places = decimals(typical.values(), 3)
        shown = {side: f"{number(value, places)} {unit}".rstrip() for side, value in typical.items()}
        new, old = (shown.get(side, "nothing") for side in SIDES)
        words.append(f"{f'{of}: ' if of != case else ''}{name} {new}, the incumbent {old}")
    return "; ".join(words)


def _failures(sides: _Sides) -> Iterator[str]:
    """Yield each way in which a side failed, with how often it did."""
    for side, outcomes in sides.items():
        failed = [each for each in outcomes if each.status is not TrialStatus.OK]
        for (status, news), count in Counter((each.status.value, each.news) for each in failed).items():
            yield f"    the {side} {status}, {counted(count, 'time')}: {indented(news)}".rstrip(": ")


def _texts(outcomes: Sequence[Outcome], told: set[str], paired: bool) -> Iterator[str]:
    """Yield what was logged and printed, each text once in all; of pairs the first that is new."""
    for title, texts in (
        ("its log", [each.log for each in outcomes if each.log]),
        ("the judge printed", [each.printed for each in outcomes if each.printed]),
    ):
        new = [text for text in dict.fromkeys(texts) if text not in told]
        told.update(new)
        if new:
            others = f"\n    and {counted(len(new) - 1, 'other text')}, see --json" if len(new) > 1 else ""
            yield f"    {title}:\n      {indented(new[0])}{others}"
        elif texts and not paired:
            yield f"    {title}: the same"


def _builds(groups: Iterable[_Sides]) -> Iterator[str]:
    """Yield each archive that was built, once a side."""
    found = [(side, each.built) for sides in groups for side, outcomes in sides.items() for each in outcomes]
    for side, built in dict.fromkeys(found):
        if built:
            whose = "" if side == SIDES[0] else "for the incumbent "
            yield f"  built {whose}{built.name}, {built.size_bytes} bytes, {built.sha256[:12]}"
