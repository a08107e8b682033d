"""The numbers of a version on trial: measured again beside those of the version before, and compared.

Deterministic metrics must be the same to the bit where the machine has the fingerprint of one that they were measured
on; elsewhere within ``ELSEWHERE``. What a clock measures is compared by interleaving both versions anew: it reproduces
unless the pairs show harm or no minimum effect, or its interval and the one that was said do not overlap. An interval
that overlaps everything proves nothing, and that is said.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from selfwright.audit.again import Again, Sides
from selfwright.audit.exhibit import Exhibit
from selfwright.audit.finding import Finding, beside, differs, holds, unchecked
from selfwright.audit.sample import readings_of
from selfwright.bench.problem import Problem
from selfwright.core.machine import Machine
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.core.verdict import PairedGain
from selfwright.gate.complete import complete
from selfwright.gate.exact import broken_constraint, describe_gain, metric_named
from selfwright.gate.holdout import FAILS, objection, objection_in_pairs
from selfwright.gate.pairs import REJECT_AT, Pair, Weighed, describe_paired
from selfwright.gate.summary import per_case, summarise
from selfwright.views.comparison import FRESH_PAIRS
from selfwright.views.run import first_failure

ELSEWHERE = 0.01
"""By so much of its value a deterministic metric may differ on another machine: another processor, kernel, Python or
library may round otherwise."""

MOST_PAIRS = 40
WIDE = 4.0
"""An interval that is so many times as wide as the one that is found overlaps whatever is true."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What is needed to measure a version again.

    Attributes:
        problem: As v0 has it.
        sides: The programs; of a seed the candidate alone.
        here: This machine.
        say: Told what is being measured.
    """

    exhibit: Exhibit
    problem: Problem
    again: Again
    sides: Sides
    here: Machine
    say: Say

    @property
    def stage(self) -> str:
        """The last stage that may be shown: what a version is known by."""
        return [stage.name for stage in self.problem.stages if not stage.holdout][-1]

    @property
    def noisy(self) -> bool:
        """Whether the objective is measured by a clock."""
        return metric_named(self.problem.metrics, self.problem.objective.metric).noisy

    @property
    def has_steady(self) -> bool:
        """Whether any metric is deterministic: without one, nothing can be the same to the bit."""
        return not all(metric.noisy for metric in self.problem.metrics)

    @property
    def exactly(self) -> bool:
        """Whether this machine is one of those that the version was measured on."""
        return self.here.fingerprint in self.exhibit.said("Environment").split(", ")


def measure_again(bench: Bench) -> list[Finding]:
    """Return what measuring a version again, beside the one before, says of its numbers."""
    cases = len(bench.again.cases(bench.stage))
    bench.say(f"{bench.exhibit.name}: measuring {' and '.join(bench.sides)} on {cases} cases of {bench.stage}")
    outcomes = bench.again.on_stage(bench.sides, bench.stage)
    for side, each in outcomes.items():
        if failed := first_failure(each):
            return [differs("measured", f"the {side} {_ending(failed)}")]
    readings = {side: _completed(bench, side, each) for side, each in outcomes.items()}
    steady = [_steady(bench, side, each) for side, each in readings.items()]
    found = [_machine(bench), *(each for each in steady if bench.has_steady or each.holds is False)]
    if "incumbent" not in bench.sides:
        return found
    if bench.noisy:
        found.append(_paired(bench))
    else:
        found.append(_gained(bench, {side: summarise(bench.problem.metrics, each) for side, each in readings.items()}))
    return [*found, _holdout(bench)]


def _machine(bench: Bench) -> Finding:
    if bench.exactly:
        words = f"{bench.here.fingerprint}, one that it was measured on"
        return holds("machine", f"{words}: deterministic to the bit" if bench.has_steady else words)
    certificate = bench.exhibit.certificate
    known = certificate.machines[-1:] if certificate else ()
    words = "; ".join(known[0].differences(bench.here)[:6]) if known else "nobody says which it was measured on"
    differ = f", so deterministic metrics may differ by {ELSEWHERE:.0%}" if bench.has_steady else ""
    return beside("machine", f"another one{differ}: {words}")


def _completed(bench: Bench, side: str, outcomes: Sequence[Outcome]) -> list[Reading]:
    """Return the readings; what the judge left out has the worst value, as it has in a run."""
    claimed = {reading.case: reading for reading in _claimed(bench, side)}
    found: list[Reading] = []
    for outcome in outcomes:
        said = tuple(claimed[each.case] for each in outcome.readings if each.case in claimed)
        reference = Outcome(status=TrialStatus.OK, readings=said) if len(said) == len(outcome.readings) else None
        found += complete(outcome, reference, bench.problem.metrics).readings or outcome.readings
    return found


def _claimed(bench: Bench, side: str) -> list[Reading]:
    """Return what the certificate says that a side measured on the stage, with the draws of the stage."""
    certificate = bench.exhibit.certificate
    known = (
        [each for each in certificate.samples if each.side == side and each.stage == bench.stage] if certificate else []
    )
    by_purpose = {purpose: [each for each in known if each.purpose == purpose] for purpose in ("fresh", "search")}
    return readings_of(by_purpose["fresh"] or by_purpose["search"])


def _steady(bench: Bench, side: str, readings: Sequence[Reading]) -> Finding:
    """Return whether the deterministic metrics of a side are what certificate and trailer say."""
    steady = [metric for metric in bench.problem.metrics if not metric.noisy]
    claimed, compared = {each.case: each.metrics for each in _claimed(bench, side)}, 0
    wrong = []
    for reading in readings:
        for metric in steady:
            said = claimed.get(reading.case, {}).get(metric.name)
            if said is None:
                continue
            compared += 1
            found = reading.metrics.get(metric.name, ())
            if len(said) != len(found) or not all(map(_same(bench), said, found)):
                where = f" of {reading.case}" if reading.case else ""
                wrong.append(f"{metric.name}{where} is {_show(found)} here, its certificate says {_show(said)}")
    if claimed and set(claimed) != {each.case for each in readings}:
        wrong.append(f"the judge has the cases {', '.join(each.case for each in readings)}, not {', '.join(claimed)}")
    numbers = {} if bench.noisy else bench.exhibit.numbers()
    for name, value in summarise(steady, readings).items():
        told = numbers.get(name, {}).get("new" if side == "candidate" else "old")
        if not isinstance(told, int | float):
            continue
        compared += 1
        if not _same(bench)(told, value):
            wrong.append(f"{name} is {value!r} here, its commit says {told!r}")
    for name, row in bench.exhibit.numbers().items() if side == "candidate" else ():
        if row.get("n") not in range(1, len(readings) + 1):
            wrong.append(f"its commit says {row.get('n')} cases of {name}, the judge has {len(readings)}")
    if wrong:
        return differs(side, "; ".join(wrong[:4]) + (f"; and {len(wrong) - 4} more" if wrong[4:] else ""))
    if not compared:
        which = unchecked if bench.exhibit.commit.version else beside  # a seed claims nothing
        return which(side, "nothing says what its deterministic metrics were")
    return holds(
        side, f"{compared} deterministic numbers {'to the bit' if bench.exactly else f'within {ELSEWHERE:.0%}'}"
    )


def _same(bench: Bench) -> Callable[[float, float], bool]:
    """Return how two values of a deterministic metric are compared on this machine."""
    if bench.exactly:
        return lambda one, other: one == other
    return lambda one, other: abs(one - other) <= ELSEWHERE * max(abs(one), abs(other))


def _gained(bench: Bench, values: Mapping[str, Mapping[str, float]]) -> Finding:
    """Return whether the version is better here, by the minimum effect, and within the constraints."""
    objective = bench.problem.objective
    metric = metric_named(bench.problem.metrics, objective.metric)
    new, old = values["candidate"], values["incumbent"]
    if broken := broken_constraint(objective, new):
        return differs("gain", broken)
    gain = metric.gain(new[metric.name], old[metric.name])
    words = f"{metric.name} {describe_gain(metric, new[metric.name], old[metric.name])} than the version before"
    enough = objective.minimum_effect.reached(gain, old[metric.name]) if bench.exactly else gain > 0
    return holds("gain", words) if enough else differs("gain", f"{words}, which is no reason to adopt it")


def _paired(bench: Bench) -> Finding:
    """Return whether interleaved pairs say of the objective what the fresh block said."""
    metric = metric_named(bench.problem.metrics, bench.problem.objective.metric)
    claimed = _claimed_gain(bench)
    wanted = max(FRESH_PAIRS, len(bench.again.cases(bench.stage)), min(MOST_PAIRS, claimed.pairs if claimed else 0))
    bench.say(f"{bench.exhibit.name}: {wanted} pairs of candidate and incumbent")
    weighed, failed = _weigh(bench, bench.stage, wanted)
    if failed is not None:
        return differs("gain", f"in pair {weighed.tried + 1} the candidate {_ending(failed)}")
    if weighed.worse >= REJECT_AT:
        return differs(
            "gain", f"after {weighed.tried} pairs it is worse than the version before, E = {weighed.worse:.3g}"
        )
    found = weighed.gain()
    if found is None:
        return differs("gain", "there was no pair in which both ran")
    words = describe_paired(metric, found, "the version before", what=f" in {found.pairs} pairs")
    if claimed is None:
        return unchecked("gain", f"{words}; neither commit nor certificate says an interval to compare with")
    said = describe_paired(metric, claimed, "it")
    overlap = found.low <= claimed.high and claimed.low <= found.high  # of no number nothing is true
    if not overlap or claimed.relative is not found.relative:
        which = "less" if found.gain < claimed.gain else "more"
        return differs("gain", f"{words}, said was {said}: the intervals do not overlap, it is {which} than was said")
    effect = bench.problem.objective.minimum_effect
    if found.high < effect.amount:
        return differs("gain", f"{words}, which is not the minimum effect of {effect}; said was {said}")
    if bench.exhibit.certificate is None:
        return unchecked("gain", f"{words}; said was {said}, by a trailer alone: the samples are in its certificate")
    if claimed.high - claimed.low > WIDE * (found.high - found.low) and not found.low <= claimed.gain <= found.high:
        return unchecked("gain", f"{words}; said was {said}: so wide an interval is not contradicted, nor is it shown")
    return holds("gain", f"{words}; said was {said}")


def _weigh(bench: Bench, stage: str, wanted: int) -> tuple[Weighed, Outcome | None]:
    """Return so many pairs of a stage, fewer where it is clearly worse or fails; and how it failed."""
    metric = metric_named(bench.problem.metrics, bench.problem.objective.metric)
    weighed, key = Weighed(metric, bench.problem.objective), int(bench.exhibit.commit.id[:15], 16)
    while weighed.tried < wanted and weighed.worse < REJECT_AT:
        case, both = bench.again.in_pair(bench.sides, stage, pair=weighed.tried, key=key)
        if both["candidate"].status is not TrialStatus.OK:
            return weighed, both["candidate"]
        if both["incumbent"].status is not TrialStatus.OK:
            weighed.add(None)
            continue
        new, old = (
            metric.combine(list(per_case(metric, both[side].readings).values())) for side in ("candidate", "incumbent")
        )
        weighed.add(Pair(candidate=new, incumbent=old, case=case))
    return weighed, None


def _claimed_gain(bench: Bench) -> PairedGain | None:
    """Return what the fresh block gave, by the certificate, else by the trailer."""
    if bench.exhibit.certificate and bench.exhibit.certificate.fresh:
        return bench.exhibit.certificate.fresh
    interval = bench.exhibit.numbers().get(bench.problem.objective.metric, {}).get("interval")
    if (
        not isinstance(interval, list)
        or len(interval) != 2
        or not all(isinstance(end, int | float) for end in interval)
    ):
        return None
    low, high = map(float, interval)
    relative = bench.problem.objective.minimum_effect.relative
    return PairedGain(pairs=0, gain=(low + high) / 2, low=low, high=high, relative=relative)


def _holdout(bench: Bench) -> Finding:
    """Return whether it passes the holdout again; its numbers are shown to nobody."""
    stages = [stage.name for stage in bench.problem.stages if stage.holdout]
    certificate = bench.exhibit.certificate
    if certificate and (certificate.holdout is not None) is not bool(stages):
        there = "has one" if stages else "has none"
        return differs("holdout", f"its certificate says {certificate.holdout or 'nothing'}, and the problem {there}")
    if not stages:
        return holds("holdout", "the problem has none")
    bench.say(f"{bench.exhibit.name}: the held-out cases")
    for stage in stages:
        outcomes = bench.again.on_stage(bench.sides, stage)
        objects = _objection(bench, stage, outcomes["candidate"], outcomes["incumbent"])
        if objects:
            return differs("holdout", f"it does not pass here: {objects}")
    look = f", look {certificate.look} of its run" if certificate else ""
    return holds("holdout", f"passed again{look}")


def _objection(bench: Bench, stage: str, candidate: Sequence[Outcome], incumbent: Sequence[Outcome]) -> str | None:
    metrics, objective = bench.problem.metrics, bench.problem.objective
    if first_failure(candidate) is not None:
        return FAILS
    new, old = ([reading for each in side for reading in each.readings] for side in (candidate, incumbent))
    tolerance = bench.problem.holdout_tolerance
    if bench.noisy:
        if broken_constraint(objective, summarise(metrics, new)):
            return FAILS
        weighed, failed = _weigh(bench, stage, max(FRESH_PAIRS, len(bench.again.cases(stage))))
        return FAILS if failed else objection_in_pairs(weighed, tolerance)
    return objection(metrics, objective, candidate=new, incumbent=old, tolerance=tolerance)


def _ending(outcome: Outcome) -> str:
    if outcome.status is TrialStatus.UNJUDGED:
        return f"could not be measured here: {outcome.reason}"
    return f"ended as {outcome.status.value}: {outcome.reason}"


def _show(samples: Sequence[float]) -> str:
    return ", ".join(map(repr, samples)) or "missing"
