"""Parked comparisons: which is resumed when nothing else is left to measure.

A pure function of the state, so that a killed run goes on with the same one. Each is resumed at most once against one
incumbent: it is then decided, at its bound, or has lost what made it promising. So a run still ends.
"""

import math

from selfwright.bench.problem import Problem
from selfwright.core.lifecycle import State
from selfwright.gate.exact import metric_named
from selfwright.gate.race import hope
from selfwright.views.comparison import purpose_of, weigh
from selfwright.views.run import Attempt, RunState


def most_promising(state: RunState, problem: Problem) -> Attempt | None:
    """Return the parked attempt that is worth more pairs than the others, or None where none is worth any."""
    if not metric_named(problem.metrics, problem.objective.metric).noisy:
        return None
    if state.run.holdout and state.looks() >= problem.holdout_looks:
        return None  # nothing can be adopted any more
    parked = [attempt for attempt in state.attempts() if attempt.state is State.PARKED]
    best = max(parked, key=lambda attempt: _hope(state, problem, attempt), default=None)
    return best if best is not None and _hope(state, problem, best) >= 0 else None


def _hope(state: RunState, problem: Problem, attempt: Attempt) -> float:
    """Return what an attempt promises against the incumbent, from its pairs with whom it was compared last.

    Beside a new incumbent it starts anew, with empty evidence and its own share of alpha: worth it only where it showed
    more than what the versions since have gained.
    """
    rival = attempt.rivals[-1] if attempt.rivals else state.incumbent
    weighed = weigh(state, attempt, purpose_of(attempt, rival))
    if rival == state.incumbent and weighed.tried >= problem.max_pairs:
        return -math.inf
    return hope(weighed, math.fsum(_gained(state, version) for version in range(rival + 1, len(state.versions))))


def _gained(state: RunState, version: int) -> float:
    """Return what a version gained over the one before, as a difference, by its fresh pairs."""
    return weigh(state, state.last(state.versions[version].trial), "freshpair").typical() or 0.0
