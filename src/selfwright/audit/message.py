"""The message of a version's commit: the specification's text, then trailers.

Body and trailers are rendered from the stored record. The only words of a proposer are its reason and its name, each
flattened to one line, so that neither can end a paragraph, and hence neither can forge a trailer.
"""

import json
import math
import re
import unicodedata
from datetime import UTC, datetime

from selfwright.core.limits import Profile
from selfwright.core.metric import Better, Metric
from selfwright.core.verdict import PairedGain
from selfwright.ports.adopter import Adoption

_MOST_REASON = 500
_MOST_NAME = 100
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SPELLED = {"bitrate_mbps": ("Bitrate", " Mbps"), "compression_ratio": ("Compression", "x")}
"""Metrics that the specification spells: name and what follows the number."""


def evolution_message(adoption: Adoption, *, tree: str) -> str:
    """Return the message of version 1 and later.

    Args:
        tree: Id of the whole tree of the commit.
    """
    bullets = [*_bullets(adoption), f"Improvement: {improvement(adoption)}"]
    body = [
        f"🤖 Autonomous Code Evolution - v{adoption.version}",
        _description(adoption),
        "\n".join(["Performance Metrics:", *(f"  • {bullet}" for bullet in bullets)]),
        f"Timestamp: {timestamp(adoption.time_s)}\nEvolved by: LLM Autonomous System",
        _paragraph([*_origin(adoption), *_evidence(adoption, tree), *_proposer(adoption)]),
    ]
    return "\n\n".join(body) + "\n"


def seed_message(adoption: Adoption, *, tree: str) -> str:
    """Return the message of version 0, which claims nothing.

    Args:
        tree: Id of the whole tree of the commit.
    """
    trailers = _paragraph([("Change-Id", adoption.change.id), *_record(adoption, tree)])
    return f"Seed v0\n\n{flat(adoption.name, _MOST_NAME)}: the program before any change.\n\n{trailers}\n"


def improvement(adoption: Adoption) -> str:
    """Return ``34% better than v2``: the objective after, against before, by the fresh measurement.

    Where there are pairs, it is the median of their ratios.
    """
    name = adoption.objective.metric
    metric = next(metric for metric in adoption.metrics if metric.name == name)
    before, after = adoption.before[name], adoption.after[name]
    gain = metric.gain(after, before)
    relative = before > 0 and after > 0
    if adoption.fresh is not None:
        relative = adoption.fresh.relative
        gain = adoption.fresh.gain * (before if relative else 1.0)
    word = "better" if gain >= 0 else "worse"
    if relative:
        shrank = (gain >= 0) is (metric.better is Better.LOWER)
        amount = _percent(abs(gain) / before * 100, most=100.0 if shrank else math.inf)
    else:  # no ratio where zero can be crossed
        amount = f"{abs(gain):.4g} {flat(metric.unit, _MOST_NAME)}".rstrip()
    return f"{amount} {word} than v{adoption.version - 1}"


def timestamp(time_s: float) -> str:
    """Return ISO 8601 in UTC, with milliseconds and ``Z``."""
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flat(text: str, most: int) -> str:
    """Return ``text`` as one line of at most ``most`` characters that show what they are.

    Runs of dashes are shortened: git takes ``---``, and its scissors, for the end of a message.
    """
    seen = "".join(" " if unicodedata.category(sign) in _INVISIBLE else sign for sign in text)
    line = re.sub(r"-{3,}", "--", " ".join(seen.split()))
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def _percent(percent: float, *, most: float) -> str:
    """Return ``34%``; what comes near to 100 is cut off rather than rounded up to it.

    Args:
        most: Never reached, since what is left is above zero.
    """
    if 99 < percent < 100 or percent >= most:
        return f"{min(percent, 99.99):.4g}%"
    return f"{percent:.0f}%" if percent >= 10 else f"{percent:.2g}%"


def _description(adoption: Adoption) -> str:
    return flat(adoption.change.reason, _MOST_REASON) or f"{flat(adoption.name, _MOST_NAME)} as v{adoption.version}."


def _bullets(adoption: Adoption) -> list[str]:
    """Return ``Name: value unit`` for every metric; where the specification's two are there, for these only."""
    metrics = [metric for metric in adoption.metrics if metric.name in adoption.after]
    spelled = [metric for metric in metrics if metric.name in _SPELLED]
    shown = spelled if len(spelled) == len(_SPELLED) else metrics
    return [_bullet(metric, adoption.after[metric.name]) for metric in shown]


def _bullet(metric: Metric, value: float) -> str:
    if metric.name in _SPELLED:
        name, unit = _SPELLED[metric.name]
        return f"{name}: {value:.2f}{unit}"
    unit = flat(metric.unit, _MOST_NAME)
    words = flat(metric.name.removesuffix(f"_{unit.lower()}").replace("_", " "), _MOST_NAME)
    number = f"{value:.2f}" if value == 0 or abs(value) >= 1 else f"{value:.3g}"
    return f"{words[:1].upper()}{words[1:]}: {number} {unit}".rstrip()


def _origin(adoption: Adoption) -> list[tuple[str, str]]:
    parents = [("Parent-Change", flat(parent, _MOST_NAME)) for parent in adoption.change.parents]
    return [("Change-Id", adoption.change.id), *parents]


def _record(adoption: Adoption, tree: str) -> list[tuple[str, str]]:
    """Return where the measurements are: what even the seed can say."""
    return [
        ("Evaluation", adoption.journal.partition(":")[0]),
        ("Evaluation-Tree", tree),
        ("Evaluator", adoption.evaluator),
        ("Sandbox", _sandbox(adoption)),
        ("Journal", adoption.journal),
    ]


def _sandbox(adoption: Adoption) -> str:
    """Return the adapter, and what was more than usual: ``zygote; profile native; allow exec``."""
    limits = adoption.limits
    more = [f"profile {limits.profile.value}"] if limits.profile is not Profile.PYTHON else []
    more += [f"allow {', '.join(limits.allow)}"] if limits.allow else []
    return "; ".join([flat(adoption.sandbox, _MOST_NAME), *more])


def _evidence(adoption: Adoption, tree: str) -> list[tuple[str, str]]:
    verdict = adoption.verdict
    gate = []
    if verdict is not None:
        test = f"paired, {verdict.pairs} pairs, e-value {verdict.evidence:.4g}" if verdict.pairs else "exact"
        gate = [("Gate", f"{test}; {verdict.decision}")]
    if fresh := adoption.fresh:
        gate += [
            ("Fresh-Block", _fresh(fresh, next(m for m in adoption.metrics if m.name == adoption.objective.metric)))
        ]
    return [*_record(adoption, tree), ("Metrics", _metrics(adoption)), *gate]


def _fresh(fresh: PairedGain, metric: Metric) -> str:
    """Return ``12 pairs, 34 % better, 95 % interval 31 % to 36 %``; in the metric's unit where zero can be crossed."""
    scale, unit = (100.0, "%") if fresh.relative else (1.0, flat(metric.unit, _MOST_NAME))
    amount, low, high = (f"{value * scale:.3g} {unit}".rstrip() for value in (abs(fresh.gain), fresh.low, fresh.high))
    return f"{fresh.pairs} pairs, {amount} {'better' if fresh.gain >= 0 else 'worse'}, 95 % interval {low} to {high}"


def _metrics(adoption: Adoption) -> str:
    """Return metric → old, new, unit and n (cases of the fresh measurement) as one line of JSON."""
    table = {
        metric.name: {
            "old": adoption.before.get(metric.name),
            "new": adoption.after[metric.name],
            "unit": metric.unit,
            "n": sum(metric.name in case for case in adoption.cases.values()),
        }
        for metric in adoption.metrics
        if metric.name in adoption.after
    }
    return json.dumps(table, separators=(",", ":"), allow_nan=False)


def _proposer(adoption: Adoption) -> list[tuple[str, str]]:
    name = flat(adoption.change.proposer.translate({ord("<"): None, ord(">"): None}), _MOST_NAME) or "unknown"
    address = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "unknown"
    return [("Proposer", name), ("Co-authored-by", f"{name} <{address}@selfwright.invalid>")]


def _paragraph(trailers: list[tuple[str, str]]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in trailers)
