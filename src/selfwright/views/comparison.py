"""A comparison by pairs, as far as it has come: the pairs measured, and the evidence in them."""

from dataclasses import dataclass

from selfwright.core.trial import Reading
from selfwright.core.verdict import PairedGain
from selfwright.gate.exact import metric_named
from selfwright.gate.pairs import Pair, evidence_of, paired_gain, threshold
from selfwright.gate.summary import per_case
from selfwright.views.run import Attempt, RunState

SIDES = ("candidate", "incumbent")
FRESH_PAIRS = 12
"""Least number of pairs of the fresh block, which tells what was gained: each case is in one of them at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Where a candidate stands against the incumbent.

    Attributes:
        pairs: How many are measured.
        most: After so many it is parked.
        evidence: E of "the candidate is better".
        needed: E at which it is adopted.
    """

    pairs: int
    most: int
    evidence: float
    needed: float

    def __str__(self) -> str:
        """Return ``pair 61 of at most 200, E 3.1 of 20 needed``."""
        return f"pair {self.pairs} of at most {self.most}, E {self.evidence:.3g} of {self.needed:.4g} needed"


def comparison(state: RunState, attempt: Attempt) -> Comparison:
    """Return where the comparison of an attempt with the incumbent stands."""
    pairs, missing = measured_pairs(state, attempt, "pair", state.run.max_pairs)
    return Comparison(
        pairs=state.run.max_pairs if missing is None else missing,
        most=state.run.max_pairs,
        evidence=evidence_of(metric_named(state.run.metrics, state.run.objective.metric), pairs),
        needed=needed(state),
    )


def needed(state: RunState) -> float:
    """Return the E at which the comparison that is open, or the next one, adopts."""
    before = sum(1 for each in state.attempts() if each.verdict and each.verdict.pairs)
    return threshold(before + 1, len(state.versions) - 1)


def measured_pairs(state: RunState, attempt: Attempt, prefix: str, wanted: int) -> tuple[list[Pair], int | None]:
    """Return the pairs measured so far, and the number of the next one to measure unless ``wanted`` are there.

    A pair in which the incumbent failed is no evidence for either; it counts towards ``wanted`` and nothing else.

    Args:
        prefix: ``pair``, or ``freshpair`` for those of the fresh block.
    """
    metric = metric_named(state.run.metrics, state.run.objective.metric)
    pairs: list[Pair] = []
    for index in range(wanted):
        stage, case = pair_spot(state, index)
        sides = [attempt.measured.get((f"{prefix}:{index}:{side}", stage, case)) for side in SIDES]
        if sides[0] is None or sides[1] is None:
            return pairs, index
        values = [
            metric.combine(list(per_case(metric, side.readings).values())) for side in sides if side and side.readings
        ]
        if len(values) == 2 and min(values) > 0:
            pairs.append(Pair(candidate=values[0], incumbent=values[1]))
    return pairs, None


def pair_spot(state: RunState, index: int) -> tuple[str, str]:
    """Return the stage and the case of a pair: the cases of the last public stage in turn, as strata."""
    stage = state.public_stages()[-1]
    cases = state.run.cases[stage]
    return stage, cases[index % len(cases)]


def fresh_count(state: RunState) -> int:
    """Return how many pairs the fresh block of a noisy objective has."""
    return max(FRESH_PAIRS, len(state.run.cases[state.public_stages()[-1]]))


def fresh_gain(state: RunState, attempt: Attempt) -> PairedGain | None:
    """Return what the fresh block says of an attempt; None where there is none, and for the seed."""
    pairs, _ = measured_pairs(state, attempt, "freshpair", fresh_count(state))
    return paired_gain(metric_named(state.run.metrics, state.run.objective.metric), pairs)


def fresh_readings(state: RunState, attempt: Attempt, side: str) -> list[Reading]:
    """Return what one side of the fresh block measured, a reading a case, of the pairs in which both sides ran.

    Args:
        side: ``candidate`` or ``incumbent``.
    """
    merged: dict[str, dict[str, tuple[float, ...]]] = {}
    for index in range(fresh_count(state)):
        sides = {name: attempt.measured.get((f"freshpair:{index}:{name}", *pair_spot(state, index))) for name in SIDES}
        both = all(outcome and outcome.readings for outcome in sides.values())
        outcome = sides[side]
        for reading in outcome.readings if both and outcome else ():
            known = merged.setdefault(reading.case, {})
            for name, samples in reading.metrics.items():
                known[name] = (*known.get(name, ()), *samples)
    return [Reading(case=case, metrics=metrics) for case, metrics in merged.items()]
