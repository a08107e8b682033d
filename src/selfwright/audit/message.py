"""The message of a version's commit: the specification's text, then trailers.

Body and trailers are rendered from the certificate, whose hash is one of them. The only words of a proposer are its
reason and its name, each flattened to one line, so that neither can end a paragraph, and hence neither can forge a
trailer.
"""

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

from selfwright.audit.certificate import Certificate
from selfwright.core.adoption import Adoption
from selfwright.core.limits import Limits, Profile
from selfwright.core.machine import Machine
from selfwright.core.metric import Better, Metric
from selfwright.core.verdict import PairedGain
from selfwright.gate.pairs import ALPHA

SUBJECT = "🤖 Autonomous Code Evolution - v"
EVOLVED_BY = "Evolved by: LLM Autonomous System"
IMPROVEMENT = "Improvement: "
_MOST_REASON = 500
_MOST_NAME = 100
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SPELLED = {"bitrate_mbps": ("Bitrate", " Mbps"), "compression_ratio": ("Compression", "x")}
"""Metrics that the specification spells: name and what follows the number."""


def evolution_message(certificate: Certificate) -> str:
    """Return the message of version 1 and later."""
    body = [
        f"{SUBJECT}{certificate.version}",
        _description(certificate),
        table(certificate.metrics, certificate.after, improvement(certificate)),
        f"Timestamp: {certificate.time}\n{EVOLVED_BY}",
        _paragraph([*_origin(certificate), *_evidence(certificate), *_proposer(certificate)]),
    ]
    return "\n\n".join(body) + "\n"


def seed_message(adoption: Adoption, *, tree: str) -> str:
    """Return the message of version 0, which claims nothing.

    Args:
        tree: Id of the whole tree of the commit.
    """
    trailers = _paragraph([("Change-Id", adoption.change.id), *_record(adoption, tree, adoption.machines)])
    return f"{seed_words(adoption.name)}\n\n{trailers}\n"


def seed_words(name: str) -> str:
    """Return what stands before the trailers in the message of version 0 of a problem."""
    return f"Seed v0\n\n{flat(name, _MOST_NAME)}: the program before any change."


def table(metrics: Sequence[Metric], values: Mapping[str, float], improved: str) -> str:
    """Return ``Performance Metrics:`` and ``Name: value unit`` for every metric that has a value.

    Where the specification's two are there, for these only.

    Args:
        improved: What ``improvement`` returns.
    """
    measured = [metric for metric in metrics if metric.name in values]
    spelled = [metric for metric in measured if metric.name in _SPELLED]
    shown = spelled if len(spelled) == len(_SPELLED) else measured
    bullets = [*(_bullet(metric, values[metric.name]) for metric in shown), f"{IMPROVEMENT}{improved}"]
    return "\n".join(["Performance Metrics:", *(f"  • {bullet}" for bullet in bullets)])


def trailers(message: str) -> list[tuple[str, str]]:
    """Return the trailers of a message, as git reads those that were rendered here: its last paragraph."""
    lines = message.rstrip("\n").rpartition("\n\n")[2].splitlines()
    return [(key, value) for key, colon, value in (line.partition(": ") for line in lines) if colon]


def trailer(message: str, key: str) -> str | None:
    """Return the value of one trailer, or None."""
    return next((value for name, value in trailers(message) if name == key), None)


def improvement(certificate: Certificate) -> str:
    """Return ``34% better than v2``: the objective after, against before, by the fresh measurement.

    Where there are pairs, it is the median of their ratios.
    """
    name = certificate.objective.metric
    metric = next(metric for metric in certificate.metrics if metric.name == name)
    return improved(
        metric, certificate.after[name], certificate.before[name], certificate.version, paired=certificate.fresh
    )


def improved(metric: Metric, after: float, before: float, version: int, *, paired: PairedGain | None = None) -> str:
    """Return ``34% better than v2``, for version 3."""
    gain = metric.gain(after, before)
    relative = before > 0 and after > 0
    if paired is not None:
        relative = paired.relative
        gain = paired.gain * (before if relative else 1.0)
    word = "better" if gain >= 0 else "worse"
    if relative:
        shrank = (gain >= 0) is (metric.better is Better.LOWER)
        amount = _percent(abs(gain) / before * 100, most=100.0 if shrank else math.inf)
    else:  # no ratio where zero can be crossed
        amount = f"{abs(gain):.4g} {flat(metric.unit, _MOST_NAME)}".rstrip()
    return f"{amount} {word} than v{version - 1}"


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


def _description(certificate: Certificate) -> str:
    return (
        flat(certificate.reason, _MOST_REASON) or f"{flat(certificate.problem, _MOST_NAME)} as v{certificate.version}."
    )


def _bullet(metric: Metric, value: float) -> str:
    if metric.name in _SPELLED:
        name, unit = _SPELLED[metric.name]
        return f"{name}: {value:.2f}{unit}"
    unit = flat(metric.unit, _MOST_NAME)
    words = flat(metric.name.removesuffix(f"_{unit.lower()}").replace("_", " "), _MOST_NAME)
    number = f"{value:.2f}" if value == 0 or abs(value) >= 1 else f"{value:.3g}"
    return f"{words[:1].upper()}{words[1:]}: {number} {unit}".rstrip()


def _origin(certificate: Certificate) -> list[tuple[str, str]]:
    parents = [("Parent-Change", flat(parent, _MOST_NAME)) for parent in certificate.parents]
    return [("Change-Id", certificate.change), *parents]


def _record(said: Adoption | Certificate, tree: str, machines: Sequence[Machine]) -> list[tuple[str, str]]:
    """Return where the measurements are, and what they depend on: what even the seed can say."""
    where = ", ".join(machine.fingerprint for machine in machines)
    return [
        ("Evaluation", said.journal.partition(":")[0]),
        ("Evaluation-Tree", tree),
        ("Evaluator", said.evaluator),
        ("Sandbox", sandboxed(said.sandbox, said.limits)),
        *([("Judge", flat(said.judged, _MOST_REASON))] if said.judged != "outside" else []),
        *([("Environment", where)] if where else []),
        ("Seed", str(said.seed)),
        ("Journal", said.journal),
    ]


def sandboxed(name: str, limits: Limits) -> str:
    """Return the adapter, and what was more than usual: ``zygote; profile native; allow exec``."""
    more = [f"profile {limits.profile.value}"] if limits.profile is not Profile.PYTHON else []
    more += [f"allow {', '.join(limits.allow)}"] if limits.allow else []
    return "; ".join([flat(name, _MOST_NAME), *more])


def _evidence(certificate: Certificate) -> list[tuple[str, str]]:
    verdict = certificate.verdict
    gate = []
    if verdict is not None:
        paired = f"paired, alpha {ALPHA:g}, {verdict.pairs} pairs, e-value {verdict.evidence:.4g}"
        gate = [("Gate", f"{paired if verdict.pairs else 'exact'}; {verdict.decision}")]
    if fresh := certificate.fresh:
        metric = next(each for each in certificate.metrics if each.name == certificate.objective.metric)
        gate += [("Fresh-Block", fresh_block(fresh, metric))]
    record = _record(certificate, certificate.tree, certificate.machines)
    return [*record, ("Metrics", _metrics(certificate)), *gate, ("Certificate", certificate.sha256)]


def fresh_block(fresh: PairedGain, metric: Metric) -> str:
    """Return ``12 pairs, 34 % better, 95 % interval 31 % to 36 %``; in the metric's unit where zero can be crossed."""
    scale, unit = (100.0, "%") if fresh.relative else (1.0, flat(metric.unit, _MOST_NAME))
    amount, low, high = (f"{value * scale:.3g} {unit}".rstrip() for value in (abs(fresh.gain), fresh.low, fresh.high))
    return f"{fresh.pairs} pairs, {amount} {'better' if fresh.gain >= 0 else 'worse'}, 95 % interval {low} to {high}"


def _metrics(certificate: Certificate) -> str:
    """Return metric → old, new, unit and n (cases of the fresh measurement) as one line of JSON.

    Of a noisy objective also the interval of the gain, on the scale of ``PairedGain``.
    """
    table: dict[str, dict[str, object]] = {
        metric.name: {
            "old": certificate.before.get(metric.name),
            "new": certificate.after[metric.name],
            "unit": metric.unit,
            "n": sum(metric.name in case for case in certificate.cases.values()),
        }
        for metric in certificate.metrics
        if metric.name in certificate.after
    }
    if fresh := certificate.fresh:
        table[certificate.objective.metric]["interval"] = [fresh.low, fresh.high]
    return json.dumps(table, separators=(",", ":"), allow_nan=False)


def _proposer(certificate: Certificate) -> list[tuple[str, str]]:
    name = flat(certificate.proposer.translate({ord("<"): None, ord(">"): None}), _MOST_NAME) or "unknown"
    return [("Proposer", name), ("Co-authored-by", author_of(name))]


def author_of(proposer: str) -> str:
    """Return the name and address of a proposer, by which forges of code count its commits."""
    return f"{proposer} <{re.sub(r'[^a-z0-9]+', '-', proposer.lower()).strip('-') or 'unknown'}@selfwright.invalid>"


def _paragraph(trailers: list[tuple[str, str]]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in trailers)
