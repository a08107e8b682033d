"""A message on trial against itself: what it says twice, in words and in trailers, and what it must say of its problem.

For a commit without its certificate. It shows that somebody edited one of two places; whoever edits both is found by
measuring, or with the certificate.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from selfwright.audit.exhibit import Exhibit
from selfwright.audit.message import (
    EVOLVED_BY,
    IMPROVEMENT,
    SUBJECT,
    author_of,
    flat,
    fresh_block,
    improved,
    sandboxed,
    seed_words,
    table,
    trailers,
)
from selfwright.bench.problem import Problem
from selfwright.core.metric import Metric
from selfwright.core.verdict import PairedGain
from selfwright.gate.evidence import GRID
from selfwright.gate.exact import broken_constraint, metric_named
from selfwright.gate.pairs import ALPHA, threshold

SEED_HAS = ("Change-Id", "Evaluation", "Evaluation-Tree", "Evaluator", "Sandbox", "Seed", "Journal")
VERSION_HAS = (*SEED_HAS, "Metrics", "Gate", "Certificate", "Proposer", "Co-authored-by")
_AT_TIMES = ("Parent-Change", "Judge", "Environment", "Fresh-Block")
_MOST = 500
_BODY = (
    rf"{SUBJECT}\d+", r".+", r"Performance Metrics:\n(?s:.+)",
    rf"Timestamp: \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\n{EVOLVED_BY}",
)  # fmt: skip
_GATE = re.compile(rf"paired, alpha {ALPHA:g}, ([0-9]{{1,9}}) pairs, e-value (\S+); adopt")
_IMPROVED = re.compile(r"(\S+?)(%| .*)? (better|worse) than v\d+")
_LEAST_FACTOR = math.log(2 / (1 + math.exp(-2 * max(GRID))))
"""Log of the most that one pair can multiply E by."""


def contradictions(exhibit: Exhibit, problem: Problem) -> list[str]:
    """Return where a message contradicts itself, or its problem."""
    message = exhibit.commit.message
    *paragraphs, last = message.removesuffix("\n").split("\n\n")
    wrong = [each for each in [_frame(exhibit, problem, paragraphs)] if each]
    wrong += [f"{line!r} is no trailer of a version" for line in last.splitlines() if not _is_known(line)]
    wrong += _record(exhibit, problem)
    if exhibit.commit.version:
        wrong += _Told.by(exhibit, problem).wrong()
    return wrong


def unverified(exhibit: Exhibit, problem: Problem) -> str:
    """Return what the proposer's words are, and which of their quantities no trailer says."""
    words = exhibit.commit.message.split("\n\n")[1]
    told = [
        (unit, value)
        for metric in problem.metrics for key in ("old", "new")
        if (unit := metric.unit) and (value := _number(exhibit.numbers().get(metric.name, {}).get(key))) is not None
    ]  # fmt: skip
    strange = []
    for unit in dict.fromkeys(unit for unit, _ in told):
        for number in re.findall(rf"(?<![\w.])(\d+(?:\.\d+)?) ?{re.escape(unit)}(?!\w)", words):
            if not any(each == unit and _near(number, repr(value)) for each, value in told):
                strange.append(f"{number} {unit}")
    more = f"; no trailer says {', '.join(dict.fromkeys(strange))}" if strange else ""
    return f"it is the proposer's alone, and nobody verifies it{more}"


def _frame(exhibit: Exhibit, problem: Problem, paragraphs: list[str]) -> str:
    """Return the first paragraph before the trailers that no message of ours has; empty where there is none."""
    wanted = _BODY if exhibit.commit.version else tuple(map(re.escape, seed_words(problem.name).split("\n\n")))
    for given, pattern in zip_longest(paragraphs, wanted):
        if given is None:
            return f"it has {len(paragraphs) + 1} paragraphs, not {len(wanted) + 1}"
        if pattern is None or not re.fullmatch(pattern, given):
            return f"{given[:90]!r} is not what stands there in such a message"
    return ""


def _is_known(line: str) -> bool:
    key, colon, _ = line.partition(": ")
    return bool(colon) and key in (*VERSION_HAS, *_AT_TIMES)


def _record(exhibit: Exhibit, problem: Problem) -> Iterator[str]:
    """Yield what is wrong in the trailers that a seed has too."""
    said = dict(trailers(exhibit.commit.message))
    seq, _, hash_ = said.get("Journal", "").partition(":")
    if not re.fullmatch("[0-9a-f]{64}", hash_) or said.get("Evaluation") != seq:
        yield f"Evaluation is {said.get('Evaluation')}, Journal {said.get('Journal', '')[:20]}"
    name = said.get("Sandbox", "").partition(";")[0]
    if said.get("Sandbox") != sandboxed(name, problem.limits):
        yield f"Sandbox is {said.get('Sandbox')!r}, its problem gives {sandboxed(name, problem.limits)!r}"
    if said.get("Judge", "outside") != flat(problem.judged, _MOST):
        yield f"Judge is {said.get('Judge', 'outside')!r}, its problem gives {problem.judged!r}"
    proposer = said.get("Proposer", "")
    if exhibit.commit.version and said.get("Co-authored-by") != author_of(proposer):
        yield f"Proposer is {proposer!r}, Co-authored-by {said.get('Co-authored-by')!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """The numbers of a version's message.

    Attributes:
        shown: The paragraph of the metrics.
        rows: What the trailer ``Metrics`` says of each.
        gate: The trailer.
        fresh: The trailer; empty where there is none.
    """

    problem: Problem
    version: int
    shown: str
    rows: Mapping[str, Mapping[str, object]]
    gate: str
    fresh: str

    @classmethod
    def by(cls, exhibit: Exhibit, problem: Problem) -> "_Told":
        shown = next((each for each in exhibit.commit.message.split("\n\n") if each.startswith("Performance")), "")
        return cls(
            problem=problem, version=exhibit.commit.version or 0, shown=shown, rows=exhibit.numbers(),
            gate=exhibit.said("Gate"), fresh=exhibit.said("Fresh-Block"),
        )  # fmt: skip

    @property
    def metric(self) -> Metric:
        return metric_named(self.problem.metrics, self.problem.objective.metric)

    def values(self, key: str) -> dict[str, float]:
        numbers = {name: _number(row.get(key)) for name, row in self.rows.items()}
        return {name: number for name, number in numbers.items() if number is not None}

    def wrong(self) -> list[str]:
        """Return what is wrong; of the gain nothing where the numbers themselves are."""
        new, old = self.values("new"), self.values("old")
        found = list(self._rows(new))
        if found or self.metric.name not in new or self.metric.name not in old:
            return found or [f"Metrics says nothing of {self.metric.name}, the objective"]
        held, given = old[self.metric.name], new[self.metric.name]
        if self.metric.noisy and self.problem.objective.minimum_effect.relative and min(held, given) <= 0:
            return [f"Metrics has {held:g} and {given:g} of {self.metric.name}, which are compared by their ratio"]
        return [*self._words(new, old), *(self._paired() if self.metric.noisy else self._exact(new, old))]

    def _rows(self, new: Mapping[str, float]) -> Iterator[str]:
        units = {metric.name: metric.unit for metric in self.problem.metrics}
        for name, row in self.rows.items():
            if name not in units:
                yield f"Metrics has {name!r}, which is none of its problem"
            elif name not in new or not (row.get("old") is None or _number(row["old"]) is not None):
                yield f"Metrics says {row.get('old')} and {row.get('new')} of {name}, which are no numbers"
            elif row.get("unit") != units[name]:
                yield f"Metrics has the unit {row.get('unit')!r} for {name}, its problem {units[name]!r}"

    def _words(self, new: Mapping[str, float], old: Mapping[str, float]) -> Iterator[str]:
        """Yield the lines of the body that are not what the trailers give."""
        name = self.metric.name
        gained = improved(self.metric, new[name], old[name], self.version)
        if self.metric.noisy:
            gained = self.shown.rpartition(IMPROVEMENT)[2]  # by the fresh block, below
        ours, theirs = self.shown.splitlines(), table(self.problem.metrics, new, gained).splitlines()
        for line in range(max(len(ours), len(theirs))):
            said, given = (each[line].strip() if line < len(each) else "nothing" for each in (ours, theirs))
            if said != given:
                yield f"it says {said!r}, its trailers give {given!r}"
                return

    def _exact(self, new: Mapping[str, float], old: Mapping[str, float]) -> Iterator[str]:
        if self.fresh or self.gate != "exact; adopt":
            yield f"Gate is {self.gate!r}: {self.metric.name} is not noisy, and is compared exactly"
        name, objective = self.metric.name, self.problem.objective
        if not objective.minimum_effect.reached(self.metric.gain(new[name], old[name]), old[name]):
            yield f"{name} went from {old[name]:g} to {new[name]:g}, which is no reason to adopt it"
        elif broken := broken_constraint(objective, new):
            yield broken

    def _paired(self) -> Iterator[str]:
        gate = _GATE.fullmatch(self.gate)
        e = _real(gate[2]) if gate else None
        if gate is None or e is None:
            yield f"Gate is {self.gate!r}: {self.metric.name} is noisy, and is decided by pairs"
        elif e < threshold(1, self.version - 1) * (1 - 1e-3):
            yield f"Gate: an E of {gate[2]} adopts nothing, {threshold(1, self.version - 1):,.0f} is the least"
        elif math.log(e) > int(gate[1]) * _LEAST_FACTOR + 1e-3:
            yield f"Gate: {gate[1]} pairs can not give an E of {gate[2]}"
        fresh, interval = self._fresh(), self.rows[self.metric.name].get("interval")
        said = self.shown.rpartition(IMPROVEMENT)[2]
        if fresh is None:
            yield f"Fresh-Block is {self.fresh!r}, Metrics has the interval {interval}"
        elif not _improved_by(said, fresh, self.metric, self.version):
            yield f"it says {said!r}, Fresh-Block {self.fresh!r}"

    def _fresh(self) -> PairedGain | None:
        """Return the fresh block, where its trailer and the interval of ``Metrics`` say the same."""
        interval = self.rows[self.metric.name].get("interval")
        ends = [_number(end) for end in interval] if isinstance(interval, list) else []
        relative = self.problem.objective.minimum_effect.relative
        unit = "%" if relative else flat(self.metric.unit, 100)
        found = re.fullmatch(
            rf"([1-9]\d{{0,8}}) pairs, (\S+){re.escape(f' {unit}'.rstrip())} (better|worse), .*", self.fresh
        )
        amount = _real(found[2]) if found else None
        if len(ends) != 2 or ends[0] is None or ends[1] is None or found is None or amount is None:
            return None
        gain = amount * (1 if found[3] == "better" else -1) / (100 if relative else 1)
        fresh = PairedGain(pairs=int(found[1]), gain=gain, low=ends[0], high=ends[1], relative=relative)
        slack = 1e-2 * abs(gain)  # it is told with three digits
        within = fresh.low - slack <= gain <= fresh.high + slack
        return fresh if within and fresh_block(fresh, self.metric) == self.fresh else None


def _improved_by(said: str, fresh: PairedGain, metric: Metric, version: int) -> bool:
    """Whether the words of a gain are those of a fresh block, which tells it with other digits."""
    given = improved(metric, 1.0, 1.0, version, paired=fresh)
    one, other = _IMPROVED.fullmatch(said), _IMPROVED.fullmatch(given)
    if one is None or other is None or said[one.end(1) :] != given[other.end(1) :]:
        return False
    return _near(one[1], f"{abs(fresh.gain) * (100 if fresh.relative else 1):.3g}")


def _near(one: str, other: str) -> bool:
    """Whether two decimals may be the same number, each rounded to its own digits."""
    try:
        first, second = Decimal(one), Decimal(other)
        room = sum(Decimal(1).scaleb(int(each.as_tuple().exponent)) for each in (first, second))
        return abs(first - second) * 2 <= room
    except (ArithmeticError, ValueError):
        return False


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _real(str(value))


def _real(text: str) -> float | None:
    try:
        value = float(text)
    except (OverflowError, ValueError):
        return None
    return value if math.isfinite(value) else None
