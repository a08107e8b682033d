"""A comparison by pairs, as far as it has come: the pairs measured, and the evidence in them."""

from collections.abc import Iterable
from dataclasses import dataclass

from selfwright.core.trial import Outcome, Reading
from selfwright.core.verdict import PairedGain
from selfwright.gate.exact import metric_named
from selfwright.gate.pairs import Pair, Weighed, evidence_in_words, threshold
from selfwright.gate.race import MEMORY
from selfwright.gate.summary import per_case
from selfwright.views.run import Attempt, RunState, public_readings

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
        """Return ``pair 61 of at most 200, E = 3.1 against 8,000``."""
        return f"pair {self.pairs} of at most {self.most}, {evidence_in_words(self.evidence, self.needed)}"


def comparison(state: RunState, attempt: Attempt) -> Comparison:
    """Return where the comparison of an attempt with the incumbent stands."""
    weighed = weigh(state, attempt, purpose_of(attempt, state.incumbent))
    return Comparison(
        pairs=weighed.tried, most=state.run.max_pairs, evidence=weighed.better, needed=needed(state, attempt)
    )  # fmt: skip


def purpose_of(attempt: Attempt, version: int) -> str:
    """Return the purpose of the pairs with a version: ``pair``; of the second that it is compared with ``pair2``.

    A new incumbent means a new comparison, from empty evidence.
    """
    rivals = attempt.rivals
    number = 1 + (rivals.index(version) if version in rivals else len(rivals))
    return f"pair{number}" if number > 1 else "pair"


def needed(state: RunState, attempt: Attempt) -> float:
    """Return the E at which a comparison with the incumbent adopts.

    Each that begins has its own share of alpha, however it ends; one that is resumed keeps it.
    """
    return threshold(_number(state, attempt), state.incumbent)


def _number(state: RunState, attempt: Attempt) -> int:
    said = attempt.proposed
    return state.compared.get((said.trial, said.attempt, state.incumbent), len(state.compared) + 1)


def weigh(state: RunState, attempt: Attempt, prefix: str, stage: str = "") -> Weighed:
    """Return the pairs measured so far, and their evidence. Only those since the last call are looked at.

    A pair in which the incumbent failed is no evidence for either.

    Args:
        prefix: What ``purpose_of`` says, or ``freshpair`` for those of the fresh block, ``holdpair`` of the holdout.
        stage: Whose cases they measure; the last public one if none is named.
    """
    objective = state.run.objective
    metric = metric_named(state.run.metrics, objective.metric)
    weighed = attempt.weighed.setdefault(f"{prefix} {stage}".strip(), Weighed(metric, objective))
    while (sides := _sides(state, attempt, prefix, weighed.tried, stage)) is not None:
        values = [metric.combine(list(per_case(metric, side.readings).values())) for side in sides if side.readings]
        comparable = len(values) == 2 and (min(values) > 0 or not weighed.by_ratio)
        case = pair_spot(state, weighed.tried, stage)[1]
        weighed.add(Pair(candidate=values[0], incumbent=values[1], case=case) if comparable else None)
    return weighed


def weighed_before(state: RunState, attempt: Attempt) -> list[Weighed]:
    """Return the few comparisons that began before that of an attempt: they tell how noisy the machine is."""
    began, number = list(state.compared), _number(state, attempt)
    found = []
    for trial, attempt_no, version in began[max(0, number - MEMORY) : number - 1]:
        other = state.trials[trial][attempt_no]
        found.append(weigh(state, other, purpose_of(other, version)))
    return found


def pairs_spent(attempt: Attempt) -> int:
    """Return how many pairs were measured to decide, whatever ended them: a verdict, a crash, the end of a budget.

    With all incumbents that it was compared with.
    """
    return sum(purpose.startswith("pair") and purpose.endswith(":candidate") for purpose, _, _ in attempt.measured)


def _sides(
    state: RunState, attempt: Attempt, prefix: str, index: int, stage: str = ""
) -> tuple[Outcome, Outcome] | None:
    """Return what candidate and incumbent gave in a pair, or None while one is missing."""
    candidate, incumbent = (
        attempt.measured.get((f"{prefix}:{index}:{side}", *pair_spot(state, index, stage))) for side in SIDES
    )
    return (candidate, incumbent) if candidate and incumbent else None


def pair_spot(state: RunState, index: int, stage: str = "") -> tuple[str, str]:
    """Return the stage and the case of a pair: the cases of a stage (the last public one) in turn, as strata."""
    stage = stage or state.public_stages()[-1]
    cases = state.run.cases[stage]
    return stage, cases[index % len(cases)]


def fresh_count(state: RunState, stage: str = "") -> int:
    """Return how many pairs the fresh block of a noisy objective has, or a look at a stage of the holdout."""
    return max(FRESH_PAIRS, len(state.run.cases[stage or state.public_stages()[-1]]))


def fresh_gain(state: RunState, attempt: Attempt) -> PairedGain | None:
    """Return what the fresh block says of an attempt; None where there is none, and for the seed."""
    return weigh(state, attempt, "freshpair").gain()


def fresh_readings(state: RunState, attempt: Attempt, side: str) -> list[Reading]:
    """Return what one side of the fresh block measured, a reading a case, of the pairs in which both sides ran.

    Args:
        side: ``candidate`` or ``incumbent``.
    """
    pairs = [_sides(state, attempt, "freshpair", index) for index in range(fresh_count(state))]
    both = [pair for pair in pairs if pair and pair[0].readings and pair[1].readings]
    return _merged(pair[SIDES.index(side)] for pair in both)


def version_readings(state: RunState, number: int) -> list[Reading]:
    """Return what is shown of a version: where the objective is noisy, what was measured in the pairs of its gain.

    v0 has no such pairs: it is shown as it was beside v1. Where there are none, it is what the search measured.
    """
    first = number == 0 and len(state.versions) > 1
    paired = state.last(state.versions[1 if first else number].trial)
    readings = fresh_readings(state, paired, "incumbent" if first else "candidate")
    return readings or public_readings(state, state.last(state.versions[number].trial))


def searched_readings(state: RunState, attempt: Attempt) -> list[Reading]:
    """Return what a candidate measured in the search and in all pairs so far, a reading a case."""
    purposes = [purpose_of(attempt, version) for version in attempt.rivals]
    paired = [
        _sides(state, attempt, purpose, index)
        for purpose in purposes for index in range(weigh(state, attempt, purpose).tried)
    ]  # fmt: skip
    stage = state.public_stages()[-1]
    alone = attempt.outcomes("search", stage, state.run.cases[stage]) or []
    return _merged([*alone, *(pair[0] for pair in paired if pair)])


def _merged(outcomes: Iterable[Outcome]) -> list[Reading]:
    merged: dict[str, dict[str, tuple[float, ...]]] = {}
    for outcome in outcomes:
        for reading in outcome.readings:
            known = merged.setdefault(reading.case, {})
            for name, samples in reading.metrics.items():
                known[name] = (*known.get(name, ()), *samples)
    return [Reading(case=case, metrics=metrics) for case, metrics in merged.items()]
