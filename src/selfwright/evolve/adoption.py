"""Everything that a version's commit says, gathered from the state and from nothing else."""

from selfwright.bench.problem import Problem
from selfwright.core.change import Files
from selfwright.core.event import AdoptionIntended, Record
from selfwright.core.lifecycle import CONCLUDED
from selfwright.core.noise import worst
from selfwright.core.trial import Archive, Reading
from selfwright.gate.summary import per_case, summarise
from selfwright.ports.adopter import Adoption
from selfwright.views.comparison import fresh_gain, fresh_readings
from selfwright.views.run import Attempt, RunState, public_readings


def adoption_of(state: RunState, problem: Problem, record: Record, files: Files) -> Adoption:
    """Return the record from which commit and certificate are rendered.

    Args:
        record: The announced adoption; its journal position is part of the commit.
        files: The editable files that were measured.
    """
    intent = record.event
    if not isinstance(intent, AdoptionIntended):
        raise TypeError(f"record {record.seq} announces no adoption")
    attempt = state.last(intent.trial)
    readings, held = _after(state, attempt), _before(state, attempt)
    return Adoption(
        name=problem.name,
        description=problem.description,
        version=intent.version,
        parent=state.versions[-1].commit if state.versions else None,
        change=attempt.change(),
        files=files,
        verdict=attempt.verdict,
        metrics=problem.metrics,
        objective=problem.objective,
        before=summarise(problem.metrics, held),
        after=summarise(problem.metrics, readings),
        cases=_table(problem, readings),
        fresh=fresh_gain(state, attempt),
        runs=2,
        holdout=True if state.run.holdout and intent.trial else None,
        compared=sum(1 for each in state.attempts() if each.state in CONCLUDED and each.verdict),
        journal=f"{record.seq}:{record.hash}",
        time_s=intent.time_s,
        evaluator=problem.hash,
        sandbox=state.run.sandbox,
        limits=state.run.limits,
        noise=worst(outcome.noise for (purpose, _, _), outcome in attempt.measured.items() if _is_fresh(purpose)),
        built=_built(attempt),
    )


def _before(state: RunState, attempt: Attempt) -> list[Reading]:
    """Return what the version before measured: beside this one in the fresh block, where there are pairs."""
    if not state.versions:
        return []
    incumbent = state.last(state.versions[-1].trial)
    return fresh_readings(state, attempt, "incumbent") or public_readings(state, incumbent)


def _after(state: RunState, attempt: Attempt) -> list[Reading]:
    """Return what was measured after the decision: never the numbers that decided, which were chosen for being good."""
    if paired := fresh_readings(state, attempt, "candidate"):
        return paired
    stage = state.public_stages()[-1]
    purpose = "fresh" if attempt.proposed.trial else "proof"
    outcomes = attempt.outcomes(purpose, stage, state.run.cases[stage])
    if outcomes is not None:
        return [reading for outcome in outcomes for reading in outcome.readings]
    return public_readings(state, attempt)


def _is_fresh(purpose: str) -> bool:
    return purpose.startswith(("fresh", "proof"))


def _built(attempt: Attempt) -> tuple[Archive, ...]:
    """Return what was built for its own measurements; those of its rival in a pair are not its own."""
    own = [outcome for (purpose, _, _), outcome in attempt.measured.items() if not purpose.endswith(":incumbent")]
    return tuple(sorted({outcome.built for outcome in own if outcome.built}, key=lambda archive: archive.sha256))


def _table(problem: Problem, readings: list[Reading]) -> dict[str, dict[str, float]]:
    table: dict[str, dict[str, float]] = {reading.case: {} for reading in readings}
    for metric in problem.metrics:
        for case, value in per_case(metric, readings).items():
            table[case][metric.name] = value
    return table
