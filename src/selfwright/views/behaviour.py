"""How a program behaves, as one hash: what it answered and what was measured of it, wherever it was tried in public.

Two programs with one hash are told apart by a clock at most. Two hashes that differ prove nothing.
"""

import hashlib
import json

from selfwright.core.plain import to_plain
from selfwright.core.trial import Outcome
from selfwright.views.run import Attempt, RunState, first_failure


def behaviour_of(state: RunState, attempt: Attempt) -> str | None:
    """Return the hash of an attempt that ended well on every public case; values of noisy metrics are not in it.

    None where it can not tell: a case was not answered, or not in a way that can be compared; or the seed did not
    answer the same in its two runs.
    """
    if not _steady(state):
        return None
    spots = [(stage, case) for stage in state.public_stages() for case in state.run.cases[stage]]
    outcomes = [attempt.measured.get(("search", *spot)) for spot in spots]
    known = [outcome for outcome in outcomes if outcome is not None and outcome.behaviour]
    if len(known) < len(spots) or first_failure(known) is not None:
        return None
    noisy = {metric.name for metric in state.run.metrics if metric.noisy}
    said = [[*spot, *_said(outcome, noisy)] for spot, outcome in zip(spots, known, strict=True)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def tells_all(state: RunState) -> bool:
    """Whether two programs that behave alike measure alike: where a metric is noisy, one may be faster."""
    return not any(metric.noisy for metric in state.run.metrics)


def judged_blind(state: RunState) -> bool:
    """Whether the judge saw nothing of the seed's sources but what their functions answered."""
    return all(outcome.blind for outcome in state.last(0).measured.values())


def _steady(state: RunState) -> bool:
    """Whether the seed answered the same when it was measured twice."""
    seed = state.last(0)
    proofs = {spot: outcome for spot, outcome in seed.measured.items() if spot[0] == "proof"}
    return all(
        outcome.behaviour == seed.measured["search", stage, case].behaviour
        for (_, stage, case), outcome in proofs.items()
    )


def _said(outcome: Outcome, noisy: set[str]) -> list[object]:
    steady = [
        {name: samples for name, samples in reading.metrics.items() if name not in noisy}
        for reading in outcome.readings
    ]
    return [outcome.behaviour, [reading.case for reading in outcome.readings], to_plain(steady)]
