"""The judgement of a trial, when its turn has come: what is still to be measured, or the verdict.

A pure function of the state, so that a resumed run goes on exactly where the killed one was: first the failures, then
the gate on the public evidence, then (only for a would-be adoption) a fresh block and the holdout.
"""

from collections.abc import Callable
from dataclasses import replace

from selfwright.bench.problem import Problem
from selfwright.core.change import Files, Tree
from selfwright.core.count import counted
from selfwright.core.trial import Outcome, Reading
from selfwright.core.verdict import Decision, Verdict
from selfwright.evolve.measuring import Need
from selfwright.evolve.twin import Twin, lines_run, measures_alike, twin_of
from selfwright.gate.exact import broken_constraint, judge_exact, metric_named
from selfwright.gate.holdout import FAILS, objection, objection_in_pairs
from selfwright.gate.pairs import REJECT_AT, Weighed, confirmed, judge_pairs
from selfwright.gate.race import goes_on, holds_on
from selfwright.gate.summary import disagreement, summarise
from selfwright.views.comparison import (
    FRESH_PAIRS,
    fresh_count,
    fresh_readings,
    needed,
    pair_spot,
    purpose_of,
    searched_readings,
    weigh,
    weighed_before,
)
from selfwright.views.run import Attempt, RunState, failure_of, first_failure, public_readings, readings_of

HELD = "holdpair"
"""The purpose of pairs on the holdout."""


def judge(state: RunState, problem: Problem, attempt: Attempt, *, load: Callable[[Tree], Files]) -> Need | Verdict:
    """Return what must be measured before the verdict, or the verdict.

    Args:
        load: Tree → files.
    """
    failed = failure_of(state, attempt)
    if failed is not None:
        where, outcome = failed
        return _reject(problem, f"{outcome.status.value} in {where}: {outcome.reason}")
    rival = state.last(state.versions[-1].trial)
    noisy = metric_named(problem.metrics, problem.objective.metric).noisy
    twin = twin_of(state, problem, attempt, load=load)
    if twin and twin.in_all:
        verdict: Need | Verdict = replace(_reject(problem, f"inert: {twin.words}"), inert=True)
    elif noisy:
        verdict = _compare_pairs(state, problem, attempt, rival)
    else:
        verdict = _compare(state, problem, attempt, rival)
    if isinstance(verdict, Verdict) and verdict.decision is Decision.ADOPT:
        return _confirm(state, problem, attempt, rival, verdict)
    if isinstance(verdict, Need) or twin is None or twin.by_source or noisy:
        return verdict
    return _advised(state, attempt, verdict, twin, load)


def _advised(
    state: RunState, attempt: Attempt, verdict: Verdict, twin: Twin, load: Callable[[Tree], Files]
) -> Need | Verdict:
    """Add to a rejection that it answers as before, and which of its changed lines ran."""
    advice = lines_run(state, attempt, twin, load=load)
    if isinstance(advice, Need):
        return advice
    words = filter(None, (verdict.sentence, "" if verdict.inert else twin.words, advice))
    return replace(verdict, sentence="; ".join(words))


def _compare(state: RunState, problem: Problem, attempt: Attempt, rival: Attempt) -> Verdict:
    return judge_exact(
        problem.metrics,
        problem.objective,
        candidate=summarise(problem.metrics, public_readings(state, attempt)),
        incumbent=summarise(problem.metrics, public_readings(state, rival)),
        name=f"v{state.incumbent}",
    )


def _confirm(state: RunState, problem: Problem, attempt: Attempt, rival: Attempt, verdict: Verdict) -> Need | Verdict:
    """Measure afresh and on the holdout; the evidence that adopted a candidate was chosen for being good."""
    if not metric_named(problem.metrics, problem.objective.metric).noisy:
        stage = state.public_stages()[-1]
        again = attempt.outcomes("fresh", stage, state.run.cases[stage])
        if again is None:
            return Need(purpose="fresh", stage=stage, cases=state.run.cases[stage])
        differs = _second_run(problem, public_readings(state, attempt), again)
        if differs:
            return _reject(problem, f"not the same in a second run: {differs}")
        broken = broken_constraint(problem.objective, summarise(problem.metrics, readings_of(again)))
        if broken:
            return _reject(problem, f"in a second run, {broken}")
    for stage in state.run.holdout:
        outcomes = attempt.outcomes("holdout", stage, state.run.cases[stage])
        if outcomes is None:
            return _look(state, problem, attempt, stage, verdict)
        objects = FAILS if first_failure(outcomes) else _objection(state, problem, attempt, rival, stage)
        if isinstance(objects, Need):
            return objects
        if objects:
            return _reject(problem, f"{verdict.sentence.removeprefix('adopted: ')}, but {objects}")
    return verdict


def _look(state: RunState, problem: Problem, attempt: Attempt, stage: str, verdict: Verdict) -> Need | Verdict:
    """Look at the holdout, unless this run has looked so often that the holdout has become one more public stage."""
    begun = any(measured in state.run.holdout for _, measured, _ in attempt.measured)
    if not begun and state.looks() >= problem.holdout_looks:
        words = f"the run has used its {problem.holdout_looks} looks at the held-out cases (objective.holdout_looks)"
        sentence = f"parked: {verdict.sentence.removeprefix('adopted: ')}, but {words}"
        return replace(verdict, decision=Decision.INDECISIVE, sentence=sentence)
    return Need(purpose="holdout", stage=stage, cases=state.run.cases[stage])


def _second_run(problem: Problem, first: list[Reading], again: list[Outcome]) -> str | None:
    failed = first_failure(again)
    if failed is not None:
        return f"{failed.status.value}: {failed.reason}"
    return disagreement(problem.metrics, first, readings_of(again))


def _objection(state: RunState, problem: Problem, attempt: Attempt, rival: Attempt, stage: str) -> Need | str | None:
    cases = state.run.cases[stage]
    new, old = (readings_of(each.outcomes("holdout", stage, cases) or []) for each in (attempt, rival))
    if not metric_named(problem.metrics, problem.objective.metric).noisy:
        return objection(
            problem.metrics, problem.objective, candidate=new, incumbent=old, tolerance=problem.holdout_tolerance
        )
    weighed = weigh(state, attempt, HELD, stage)
    if _failed_pair(attempt, held=True) or broken_constraint(problem.objective, summarise(problem.metrics, new)):
        return FAILS
    if weighed.tried < fresh_count(state, stage) and weighed.worse < REJECT_AT:
        return _pair(state, rival, HELD, weighed, stage)
    return objection_in_pairs(weighed, problem.holdout_tolerance)


def _compare_pairs(state: RunState, problem: Problem, attempt: Attempt, rival: Attempt) -> Need | Verdict:
    """Interleaved pairs, the cases in turn as strata, one pair at a time, for as long as there is promise in them."""
    failed = _failed_pair(attempt)
    if failed is not None:
        return _reject(problem, f"{failed.status.value} in a paired run: {failed.reason}")
    purpose, name = purpose_of(attempt, state.incumbent), f"v{state.incumbent}"
    weighed = weigh(state, attempt, purpose)
    if measures_alike(state, attempt, rival, weighed):
        words = (
            f"inert: it answers as {name} does in every case, and {counted(weighed.tried, 'pair')} measured the same"
        )
        return replace(_reject(problem, f"{words}, to the bit"), inert=True)
    going = goes_on(weighed, weighed_before(state, attempt)) or (state.resumed is not None and holds_on(weighed))
    most = problem.max_pairs if going else weighed.tried
    verdict = judge_pairs(weighed, needed=needed(state, attempt), max_pairs=most, name=name)
    settled = verdict is not None and verdict.decision is Decision.ADOPT
    broken = _broken(state, problem, attempt, noisy=settled or weighed.tried >= FRESH_PAIRS)
    if broken:
        return _reject(problem, broken)
    if verdict is None:
        return _pair(state, rival, purpose, weighed)
    if not settled:
        return verdict
    fresh = weigh(state, attempt, "freshpair")
    if fresh.tried < fresh_count(state):
        return _pair(state, rival, "freshpair", fresh)
    if fresh.worse >= REJECT_AT:
        return _reject(
            problem, f"the fresh block of {len(fresh.pairs)} pairs contradicts the decision ({verdict.sentence})"
        )
    readings = fresh_readings(state, attempt, "candidate")
    broken = broken_constraint(problem.objective, summarise(problem.metrics, readings)) if readings else None
    if broken:
        return _reject(problem, f"in the fresh block, {broken}")
    return confirmed(verdict, fresh, name)


def _broken(state: RunState, problem: Problem, attempt: Attempt, *, noisy: bool) -> str | None:
    """Return which constraint breaks; of noisy metrics the median of all samples decides, once there are a few."""
    steady = {metric.name for metric in problem.metrics if not metric.noisy}
    constraints = tuple(each for each in problem.objective.constraints if noisy or each.metric in steady)
    if not constraints:
        return None
    values = summarise(problem.metrics, searched_readings(state, attempt))
    return broken_constraint(replace(problem.objective, constraints=constraints), values)


def _failed_pair(attempt: Attempt, *, held: bool = False) -> Outcome | None:
    """Return how the candidate failed in a pair; those of the holdout are another matter, and nobody reads why."""
    return first_failure(
        outcome
        for (purpose, _, _), outcome in attempt.measured.items()
        if purpose.endswith(":candidate") and purpose.startswith(f"{HELD}:") is held
    )


def _pair(state: RunState, rival: Attempt, prefix: str, weighed: Weighed, stage: str = "") -> Need:
    stage, case = pair_spot(state, weighed.tried, stage)
    return Need(purpose=f"{prefix}:{weighed.tried}", stage=stage, cases=(case,), rival=rival)


def _reject(problem: Problem, reason: str) -> Verdict:
    return Verdict(decision=Decision.REJECT, sentence=f"rejected: {reason}", metric=problem.objective.metric)
