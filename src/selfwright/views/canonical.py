"""``canonical(journal)``: what two runs with one seed must have in common, whatever finished first.

Events in trial order, without seq, times, resources, hashes, logs, values of noisy metrics, commit ids (they carry a
time), what was measured for advice alone, and control events; and without the words of a verdict, because a candidate's
own failure speaks in them: an address in an exception, how often two of its runs disagreed. What was decided, and on
which numbers, stays.
"""

import json
from collections.abc import Iterable

from selfwright.core import event as ev
from selfwright.core.plain import Plain, to_plain

_RANK = {kind: rank for rank, kind in enumerate(
    (ev.RunOpened, ev.Proposed, ev.Measured, ev.Moved, ev.Judged, ev.AdoptionIntended, ev.Adopted)
)}  # fmt: skip
_DROPPED = {
    ev.RunOpened: ("problem", "target", "proposers", "budget", "machine"),
    ev.Proposed: ("submission", "transcript"),
    ev.Moved: ("reason",),
    ev.AdoptionIntended: ("time_s",),
    ev.Adopted: ("commit", "tree", "branch"),
}


def canonical(records: Iterable[ev.Record]) -> list[str]:
    """Return one JSON line an event, in trial order.

    Equality is promised for deterministic metrics, deterministic proposers and budgets in trials.
    """
    noisy: set[str] = set()
    keyed: list[tuple[tuple[object, ...], str]] = []
    for position, record in enumerate(records):
        event = record.event
        if isinstance(event, ev.RunOpened):
            noisy = {metric.name for metric in event.metrics if metric.noisy}
        if not isinstance(event, ev.CONTROL) and getattr(event, "purpose", "") != "coverage":
            keyed.append((_key(event, position), json.dumps(_plain(event, noisy), sort_keys=True)))
    return [line for _, line in sorted(keyed)]


def _key(event: ev.Event, position: int) -> tuple[object, ...]:
    trial = getattr(event, "trial", -1)
    attempt = getattr(event, "attempt", 0)
    if isinstance(event, ev.Measured):
        return trial, attempt, _RANK[type(event)], event.purpose, event.stage, event.case, 0
    return trial, attempt, _RANK[type(event)], "", "", "", position


def _plain(event: ev.Event, noisy: set[str]) -> dict[str, Plain]:
    data = to_plain(event)
    assert isinstance(data, dict)  # events are dataclasses
    for name in _DROPPED.get(type(event), ()):
        del data[name]
    if isinstance(event, ev.Judged) and isinstance(data["verdict"], dict):
        del data["verdict"]["sentence"]
    if isinstance(event, ev.Measured):
        readings = [
            {"case": reading.case, "metrics": to_plain({k: v for k, v in reading.metrics.items() if k not in noisy})}
            for reading in event.outcome.readings
        ]
        data["outcome"] = {"status": event.outcome.status.value, "readings": to_plain(readings)}
    return {"kind": type(event).__name__, **data}
