"""From what a judge returned to readings: every number is looked at before it counts."""

import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from selfwright.bench.report import Report
from selfwright.core.errors import InvalidCandidate, JudgeFault
from selfwright.core.metric import Aggregate, Metric, Objective
from selfwright.core.printable import printable
from selfwright.core.trial import Reading, Samples

FEEDBACK = 4 * 1024
"""Bytes of feedback that are kept."""
ARTIFACT = 8 * 1024 * 1024
"""Bytes of the largest artifact that is kept."""
ARTIFACTS = 32 * 1024 * 1024
"""Bytes of all artifacts of one item that are kept."""

Table = dict[str, dict[str, Samples]]
"""Case → metric → samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the judge said, checked and capped.

    Attributes:
        readings: One a case, in the judge's order. What holds for all cases at once stands in one with an empty case.
        artifacts: File name → content.
    """

    readings: tuple[Reading, ...]
    feedback: str = ""
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    usd: float = 0.0


def read_report(returned: object, *, metrics: Sequence[Metric], objective: Objective, case: str | None) -> Said:
    """Return what a judge's function returned, as readings.

    Args:
        returned: A ``Report``, or a mapping of metrics.
        metrics: What the problem declares; all of them must be there.
        objective: By ratio, unless its minimum effect is absolute, it is compared where its metric is noisy.
        case: The case that was measured; None where ``evaluate`` measured all at once.

    Raises:
        JudgeFault: It is no measurement; names the metric, what is wrong and the mend.
        InvalidCandidate: A metric lacks a case that others have, and declares no ``worst_value``.
    """
    report = returned if isinstance(returned, Report) else Report(returned)  # type: ignore[arg-type]  # looked at below
    if not isinstance(report.metrics, Mapping):
        raise JudgeFault(
            f"the judge returned {_name(report.metrics)}; return a mapping metric → number, or a Report of one"
        )
    _check_names(report.metrics, metrics)
    table: Table = {}
    by_ratio = objective.minimum_effect.relative
    for metric in metrics:
        for name, samples in _by_case(metric, report.metrics, case).items():
            _check_positive(metric, samples, needed=by_ratio and metric.noisy and metric.name == objective.metric)
            table.setdefault(name, {})[metric.name] = samples
    _fill(table, metrics, [name for name in table if name] or [case or ""])
    readings = tuple(Reading(case=name, metrics=values) for name, values in table.items())
    kept, dropped = _artifacts(report.artifacts)
    feedback = "\n".join(part for part in (clean_text(_feedback(report.feedback), FEEDBACK), dropped) if part)
    return Said(readings=readings, feedback=feedback, artifacts=kept, usd=_number("usd", report.usd))


def clean_text(text: str, limit: int = FEEDBACK) -> str:
    """Return ``text`` made printable and cut to ``limit`` bytes of UTF-8."""
    encoded = printable(text).encode()
    if len(encoded) <= limit:
        return encoded.decode()
    return encoded[:limit].decode(errors="ignore") + f"\n... ({len(encoded) - limit} bytes more were cut)"


def _check_names(said: Mapping[str, object], metrics: Sequence[Metric]) -> None:
    declared = [metric.name for metric in metrics]
    for name in said:
        if name not in declared:
            raise JudgeFault(
                f"the judge returned {clean_text(repr(name), 100)}, which is no metric of problem.toml "
                f"({', '.join(declared)}); declare it under [metrics], or do not return it"
            )
    for metric in metrics:
        if metric.name not in said and metric.worst_value is None:
            raise JudgeFault(
                f"the judge did not return {metric.name}; return it, give it a worst_value, or remove it from [metrics]"
            )


def _by_case(metric: Metric, said: Mapping[str, object], case: str | None) -> Mapping[str, Samples]:
    """Return case → samples of one metric; empty where the judge left it out."""
    if metric.name not in said:
        return {}
    value = said[metric.name]
    if not isinstance(value, Mapping):
        return {case or "": _samples(metric.name, value)}
    if case is not None:
        raise JudgeFault(f"metric {metric.name} is a mapping; measure returns a number or a list for its one case")
    if not value or not all(isinstance(name, str) and name for name in value):
        raise JudgeFault(f"metric {metric.name}: cases must be names, at least one, none of them empty")
    return {name: (_number(f"metric {metric.name}, case {name}", number),) for name, number in value.items()}


def _samples(name: str, value: object) -> Samples:
    if not isinstance(value, list | tuple):
        return (_number(f"metric {name}", value),)
    if not value:
        raise JudgeFault(f"metric {name} is an empty list; return at least one sample")
    return tuple(_number(f"metric {name}, sample {index}", sample) for index, sample in enumerate(value))


def _number(where: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):  # numpy's scalars are registered there
        raise JudgeFault(f"{where} is {_name(value)}; return a number")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise JudgeFault(f"{where} is {number}; return a finite number, or raise InvalidCandidate where there is none")
    return number


def _check_positive(metric: Metric, samples: Samples, *, needed: bool) -> None:
    """Refuse what has no logarithm where one will be taken: a geometric mean, or the ratio of a pair."""
    if (needed or metric.aggregate is Aggregate.GEOMEAN) and min(samples) <= 0:
        why, mend = "geomean", "shift its scale"
        if needed:
            why = "a noisy objective with a minimum_effect in %"
            mend = f"shift its scale, or write that as an amount: {f'0.1 {metric.unit}'.rstrip()!r}"
        raise JudgeFault(f"metric {metric.name} is {min(samples):g}, but {why} needs positive numbers; {mend}")


def _fill(table: Table, metrics: Sequence[Metric], cases: Sequence[str]) -> None:
    """Give every case a value of every metric that has cases: the denominator never shrinks.

    A metric that was given as one number for all cases needs none of its own in each.
    """
    for metric in metrics:
        if metric.name in table.get("", {}):
            continue
        for case in cases:
            if metric.name in table.setdefault(case, {}):
                continue
            if metric.worst_value is None:
                raise InvalidCandidate(
                    f"{metric.name} is missing for case {case!r}, which other metrics have; it declares no worst_value"
                )
            table[case][metric.name] = (metric.worst_value,)


def _feedback(feedback: object) -> str:
    if not isinstance(feedback, str):
        raise JudgeFault(f"Report.feedback is {_name(feedback)}; give text")
    return feedback


def _artifacts(artifacts: object) -> tuple[dict[str, bytes], str]:
    """Return the artifacts that fit, and a line that names those that do not."""
    if not isinstance(artifacts, Mapping):
        raise JudgeFault(f"Report.artifacts is {_name(artifacts)}; give a mapping file name → bytes")
    kept: dict[str, bytes] = {}
    dropped = []
    for name, content in artifacts.items():
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise JudgeFault(f"Report.artifacts: {_name(name)} → {_name(content)}; give a mapping file name → bytes")
        if len(content) <= ARTIFACT and sum(map(len, kept.values())) + len(content) <= ARTIFACTS:
            kept[name] = content
        else:
            dropped.append(f"{name} ({len(content) / 2**20:.1f} MiB)")
    caps = f"more than {ARTIFACT >> 20} MiB, or {ARTIFACTS >> 20} MiB in all"
    return kept, clean_text(f"(dropped artifacts, {caps}: {', '.join(dropped)})", 1024) if dropped else ""


def _name(value: object) -> str:
    """Name a value by its type, and by itself where that is short."""
    shown = repr(value) if isinstance(value, str | bool | None) else ""
    return f"{type(value).__name__} {clean_text(shown, 100)}" if shown and value is not None else type(value).__name__
