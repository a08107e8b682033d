"""Trying cheats: each planted program goes the way of a trial; something stops it, or the judge fell for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from selfwright.check.cheat import CONTROL, READ, Cheat, Rule, follows, has_negative, is_absurdly_better, is_worse
from selfwright.check.finding import Severity
from selfwright.check.measure import Measurer, Say
from selfwright.check.questions import pair_of
from selfwright.check.scene import Variant
from selfwright.core.change import Files
from selfwright.core.count import counted
from selfwright.core.metric import Effect
from selfwright.core.status import TrialStatus
from selfwright.core.trial import Outcome, Reading
from selfwright.gate.complete import complete
from selfwright.gate.exact import broken_constraint, describe_gain, metric_named
from selfwright.gate.holdout import objection
from selfwright.gate.pairs import REJECT_AT, Weighed, describe_paired
from selfwright.gate.summary import summarise

_SURE, _HOPELESS, _MOST_PAIRS = 400.0, 0.3, 24
"""An accusation by the clock needs E >= 400 in so many pairs: one of 400 programs that gain nothing has that."""
_LEAST_GAIN = 0.05
"""A cheat that gains less time is not worth an accusation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A cheat as it was planted."""

    cheat: Cheat
    variant: Variant


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of a trap.

    Attributes:
        severity: None where the judge did not fall for it.
        words: What stopped it, or what the judge made of it.
        fault: What the judge itself raised, where it did.
        decided: Whether it is known if the judge falls for it; the clock may not tell.
    """

    severity: Severity | None = None
    words: str = ""
    fault: str = ""
    decided: bool = True


@dataclass(slots=True, kw_only=True)
class _Run:
    trap: Trap
    readings: list[Reading] = field(default_factory=list)
    ending: Ending | None = None


class Trying:
    """Tries traps against the seed's own measurements.

    Args:
        seed: The seed's files.
        known: (stage, case) → what the seed got there; holdouts too.
    """

    def __init__(self, measurer: Measurer, *, seed: Files, known: Mapping[tuple[str, str], Outcome]) -> None:
        self._measurer = measurer
        self._problem = measurer.problem
        self._metric = metric_named(self._problem.metrics, self._problem.objective.metric)
        self._seed = seed
        self._known = known

    def tried(self, traps: Sequence[Trap], *, tell: Say) -> list[tuple[Trap, Ending]]:
        """Return how each trap ended: through the public stages together, then what is left one by one.

        Raises:
            OutOfTime: The deadline passed.
        """
        runs = [_Run(trap=trap) for trap in traps]
        for stage in self._measurer.public:
            self._stage([run for run in runs if run.ending is None], stage, tell=tell)
        return [(run.trap, run.ending or self._judged(run, tell=tell)) for run in runs]

    def passes(self, files: Files, *, tell: Say) -> str:
        """Return nothing where a program ends well on every public case and is not worse than the seed, else why not.

        Raises:
            OutOfTime: The deadline passed.
        """
        run = _Run(trap=Trap(cheat=CONTROL, variant=Variant(files=files, where="")))
        for stage in self._measurer.public:
            if run.ending is None:
                self._stage([run], stage, tell=tell)
        return run.ending.words if run.ending else ""

    def _stage(self, runs: Sequence[_Run], stage: str, *, tell: Say) -> None:
        """Measure the first case of a stage for each run, and the others for those that it did not stop."""
        for run in runs:
            run.readings = []
        cases = self._measurer.cases[stage]
        for chosen in (cases[:1], cases[1:]):
            left = [run for run in runs if run.ending is None]
            shots = [
                shot
                for run in left
                for shot in self._measurer.shots(run.trap.variant.files, stage)
                if shot.case in chosen
            ]
            outcomes = iter(self._measurer.measure(shots, tell=lambda words: tell(f"{stage}: {words}")))
            for run in left:
                got = [
                    complete(next(outcomes), self._known.get((stage, case)), self._problem.metrics) for case in chosen
                ]
                run.readings += [reading for outcome in got for reading in outcome.readings]
                run.ending = _told(got, run.trap.cheat) if run.trap.cheat.rule is Rule.SAYS else _failed(got, stage)
        for run in runs:
            run.ending = run.ending or self._stopped(run, stage)

    def _seed_readings(self, stage: str) -> list[Reading]:
        cases = self._measurer.cases[stage]
        return [reading for case in cases for reading in self._known[stage, case].readings]

    def _values(self, stage: str) -> dict[str, float]:
        return summarise(self._problem.metrics, self._seed_readings(stage))

    def _stopped(self, run: _Run, stage: str) -> Ending | None:
        """Return how a trap ended that the judge measured well and did not fall for in this stage."""
        values, seed = summarise(self._problem.metrics, run.readings), self._values(stage)
        rule, name = run.trap.cheat.rule, self._metric.name
        broken = broken_constraint(self._problem.objective, values)
        if broken:
            return Ending(words=f"{stage}: {broken}")
        worse = is_worse(self._metric, values[name], seed[name], costs=run.trap.cheat.costs)
        if rule is Rule.SCORE and worse:
            return Ending(words=f"{stage}: {self._gain(values, seed)}")
        if rule is Rule.NEGATIVE and not has_negative(self._problem.metrics, values, seed):
            return Ending(words=f"{stage}: nothing below zero")
        if rule is Rule.FOLLOWS and not is_absurdly_better(self._metric, values[name], seed[name]):
            return Ending(words=f"{stage}: {self._gain(values, seed)}")
        return None

    def _judged(self, run: _Run, *, tell: Say) -> Ending:
        """Return the ending of a trap that passed all public stages."""
        stopped, cheat = self._stopped_by_holdout(run), run.trap.cheat
        if stopped is not None:
            return stopped
        unread = run.trap.variant.unread
        if unread is not None and not self.passes(unread, tell=tell):
            return Ending(words="nobody looks at what was spoiled")
        if run.trap.variant.twin is not None and not self._follows(run, run.trap.variant.twin):
            return Ending(words="the objective does not follow the number")
        stage = self._measurer.public[-1]
        values, seed = summarise(self._problem.metrics, run.readings), self._values(stage)
        held = ", on the holdout too" if self._measurer.holdout else ""
        words = f"the judge said ok: {self._gain(values, seed)}{held}"
        if cheat.rule is not Rule.SCORE or cheat.equal is cheat.better or (cheat.better is None and self._metric.noisy):
            return Ending(severity=cheat.better or cheat.equal, words=words)
        if not self._metric.noisy:
            gain = self._metric.gain(values[self._metric.name], seed[self._metric.name])
            better = self._problem.objective.minimum_effect.reached(gain, seed[self._metric.name])
            better = better or (cheat.better is None and gain != 0)
            return Ending(severity=cheat.better if better else cheat.equal, words=words)
        weighed = self._pairs(run.trap.variant.files, tell=tell)
        if weighed.better < _SURE or not weighed.enough():
            decided = weighed.better >= _SURE or _gains_nothing(weighed)
            pairs = counted(len(weighed.pairs), "pair")
            why = "" if decided else f"{pairs} with the seed do not decide: E {weighed.better:.3g} of {_SURE:g}"
            return Ending(severity=cheat.equal, words=words if decided or cheat.equal else why, decided=decided)
        return Ending(severity=cheat.better, words=f"the judge said ok{held}: {self._proof(weighed)}")

    def _follows(self, run: _Run, twin: Files) -> bool:
        outcomes = self._measurer.measure(self._measurer.shots(twin, self._measurer.public[-1]))
        readings = [reading for outcome in outcomes for reading in outcome.readings]
        values = [summarise(self._problem.metrics, each).get(self._metric.name) for each in (run.readings, readings)]
        return values[0] is not None and values[1] is not None and follows(values[0], values[1])

    def _stopped_by_holdout(self, run: _Run) -> Ending | None:
        for stage in self._measurer.holdout:
            outcomes = self._measurer.measure(self._measurer.shots(run.trap.variant.files, stage))
            failed = _failed(outcomes, stage)
            if failed is not None:
                return failed
            readings = [reading for outcome in outcomes for reading in outcome.readings]
            if self._metric.noisy:
                objects = broken_constraint(self._problem.objective, summarise(self._problem.metrics, readings))
            else:
                objects = objection(
                    self._problem.metrics, self._problem.objective, candidate=readings,
                    incumbent=self._seed_readings(stage), tolerance=self._problem.holdout_tolerance,
                )  # fmt: skip
            if objects:
                return Ending(words=f"{stage}: {objects}")
        return None

    def _pairs(self, files: Files, *, tell: Say) -> Weighed:
        """Return pairs of a planted program and the seed: as many as it takes to be sure, or to see no hope."""
        objective = self._problem.objective
        if objective.minimum_effect.relative:
            least = max(_LEAST_GAIN, objective.minimum_effect.amount)
            objective = replace(objective, minimum_effect=Effect(amount=least, relative=True))
        weighed = Weighed(self._metric, objective)
        for number in range(_MOST_PAIRS):
            weighed.add(next(iter(pair_of(self._measurer, files, self._seed, number)), None))
            tell(f"pair {number + 1}, E {weighed.better:.3g} of {_SURE:g}")
            if weighed.better >= _SURE or _gains_nothing(weighed) or len(weighed.pairs) <= number / 2:
                break
        return weighed

    def _proof(self, weighed: Weighed) -> str:
        """Return what the pairs say; what single measurements said beside them may be the opposite."""
        gain = weighed.gain()
        found = describe_paired(self._metric, gain, "the seed") if gain else "better than the seed"
        return f"{self._metric.name} {found} in {len(weighed.pairs)} pairs, E {weighed.better:.3g}"

    def _gain(self, values: Mapping[str, float], seed: Mapping[str, float]) -> str:
        name = self._metric.name
        unit = f" {self._metric.unit}" if self._metric.unit else ""
        if values[name] == seed[name]:
            return f"{name} {values[name]:.6g}{unit}, the same as the seed"
        return (
            f"{name} {values[name]:.6g}{unit}, {describe_gain(self._metric, values[name], seed[name])} than the seed "
            f"({seed[name]:.6g})"
        )


def _gains_nothing(weighed: Weighed) -> bool:
    """Whether the pairs tell that there is no gain that is worth an accusation."""
    return weighed.better < _HOPELESS or max(weighed.too_little, weighed.worse) >= REJECT_AT


def _failed(outcomes: Sequence[Outcome], stage: str) -> Ending | None:
    for outcome in outcomes:
        if outcome.status is TrialStatus.UNJUDGED:
            return Ending(words=f"{stage}: the judge failed", fault=outcome.reason.partition("\n")[0])
        if outcome.status is not TrialStatus.OK:
            return Ending(words=f"{stage}: {outcome.status.value}: {outcome.reason.partition(chr(10))[0]}")
    return None


def _told(outcomes: Sequence[Outcome], cheat: Cheat) -> Ending:
    paths = [line.removeprefix(READ).strip() for outcome in outcomes for line in outcome.log.splitlines()
             if line.startswith(READ)]  # fmt: skip
    if not paths:
        return Ending(words="could open none of them")
    return Ending(severity=cheat.better, words=f"a candidate opened {', '.join(dict.fromkeys(paths))}")
