"""Pictures that the judge gave for people, as data URIs: the same cases of several versions, side by side."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from selfwright.core.metric import Metric
from selfwright.gate.summary import summarise
from selfwright.report.number import short
from selfwright.views.run import RunState

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FIRST = ("original.png", "decoded.png")
_MOST_CASES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture.

    Attributes:
        label: ``decoded``.
        uri: ``data:image/png;base64,...``.
    """

    label: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The pictures of one version and one case.

    Attributes:
        numbers: What was measured of this case: ``1.25 Mbps, 36.1 dB``.
    """

    version: int
    trial: int
    case: str
    numbers: str
    pictures: tuple[Picture, ...]


def strips(
    state: RunState, versions: Sequence[int], metrics: Sequence[Metric], load: Callable[[str], bytes]
) -> list[Strip]:
    """Return the pictures of the last public stage, case by case, and within a case version by version.

    Args:
        versions: N of the versions to show, in order.
        metrics: Whose values stand under the pictures.
        load: From sha256 to content.
    """
    stage = state.public_stages()[-1]
    found: list[Strip] = []
    pictured = [case for case in state.run.cases[stage] if any(_named(state, n, stage, case) for n in versions)]
    for case in pictured[:_MOST_CASES]:
        for version in versions:
            pictures = _load(_named(state, version, stage, case), load)
            if pictures:
                trial = state.versions[version].trial
                outcome = state.last(trial).measured["search", stage, case]
                values = summarise(metrics, outcome.readings)
                units = {metric.name: metric.unit for metric in metrics}
                numbers = ", ".join(f"{short(value)} {units[name]}".rstrip() for name, value in values.items())
                found.append(
                    Strip(version=version, trial=trial, case=case or stage, numbers=numbers, pictures=pictures)
                )
    return found


def _named(state: RunState, version: int, stage: str, case: str) -> dict[str, str]:
    """Return the names of PNG artifacts, in the order in which they are shown, and their sha256."""
    outcome = state.last(state.versions[version].trial).measured.get(("search", stage, case))
    names = [name for name in outcome.artifacts if name.lower().endswith(".png")] if outcome else []
    names.sort(key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))
    return {name: outcome.artifacts[name] for name in names} if outcome else {}


def _load(named: dict[str, str], load: Callable[[str], bytes]) -> tuple[Picture, ...]:
    contents = ((name, load(sha256)) for name, sha256 in named.items())
    return tuple(
        Picture(label=name[:-4], uri="data:image/png;base64," + base64.b64encode(content).decode())
        for name, content in contents
        if content.startswith(_SIGNATURE)
    )
