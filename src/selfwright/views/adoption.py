"""Everything that a version's commit says, gathered from the state and from nothing else."""

from collections.abc import Sequence
from dataclasses import replace

from selfwright.core.adoption import Adoption, Sample
from selfwright.core.change import Files
from selfwright.core.draw import item_seed
from selfwright.core.event import AdoptionIntended, Record
from selfwright.core.lifecycle import CONCLUDED
from selfwright.core.metric import Metric
from selfwright.core.noise import worst
from selfwright.core.trial import Archive, Reading
from selfwright.gate.summary import per_case, summarise
from selfwright.views.comparison import fresh_gain, fresh_readings, purpose_of
from selfwright.views.run import Attempt, RunState, public_readings


def adoption_of(state: RunState, record: Record, files: Files) -> Adoption:
    """Return the record from which commit and certificate are rendered.

    Args:
        state: As it is after ``record``.
        record: The announced adoption; its journal position is part of the commit.
        files: The editable files that were measured.
    """
    intent = record.event
    if not isinstance(intent, AdoptionIntended):
        raise TypeError(f"record {record.seq} announces no adoption")
    run, attempt = state.run, state.last(intent.trial)
    readings, held = _after(state, attempt), _before(state, attempt)
    return Adoption(
        name=run.subject.removeprefix("problem:"),
        description=run.description,
        version=intent.version,
        parent=state.versions[-1].commit if state.versions else None,
        change=attempt.change(),
        files=files,
        verdict=attempt.verdict,
        metrics=run.metrics,
        objective=run.objective,
        before=summarise(run.metrics, held),
        after=summarise(run.metrics, readings),
        cases=table_of(run.metrics, readings),
        fresh=fresh_gain(state, attempt),
        runs=2,
        holdout=True if run.holdout and intent.trial else None,
        look=state.looks() if intent.trial else 0,
        compared=sum(1 for each in state.attempts() if each.state in CONCLUDED and each.verdict),
        journal=f"{record.seq}:{record.hash}",
        time_s=intent.time_s,
        evaluator=run.problem_hash,
        evaluator_files=run.problem_files,
        sandbox=run.sandbox,
        judged=run.judged,
        limits=run.limits,
        seed=run.seed,
        samples=_samples(state, attempt),
        machines=tuple(attempt.machines),
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


def _samples(state: RunState, attempt: Attempt) -> tuple[Sample, ...]:
    """Return all that was measured of an attempt and of its rival beside it, and what the rival was known by."""
    samples = _own_samples(state, attempt)
    if state.versions:
        rival = state.last(state.versions[-1].trial)
        known = [each for each in _own_samples(state, rival) if each.purpose == "search"]
        samples += [replace(each, side="incumbent") for each in known]
    return tuple(samples)


def _own_samples(state: RunState, attempt: Attempt) -> list[Sample]:
    said, samples = attempt.proposed, []
    earlier = {purpose_of(attempt, version) for version in attempt.rivals[:-1]}
    for (purpose, stage, case), outcome in attempt.measured.items():
        if stage in state.run.holdout:
            continue  # shown to nobody, before the run closes or after
        if purpose.partition(":")[0] in earlier:
            continue  # beside another version than the one before
        samples.append(
            Sample(
                side="incumbent" if purpose.endswith(":incumbent") else "candidate",
                purpose=purpose.removesuffix(":incumbent").removesuffix(":candidate"),
                stage=stage,
                case=case,
                seed=item_seed(state.run.seed, purpose, stage, said.trial, said.attempt),
                readings=outcome.readings,
            )
        )
    return sorted(samples, key=lambda each: (each.purpose.partition(":")[0], each.stage))


def table_of(metrics: Sequence[Metric], readings: Sequence[Reading]) -> dict[str, dict[str, float]]:
    """Return case → metric → the median of its samples."""
    table: dict[str, dict[str, float]] = {reading.case: {} for reading in readings}
    for metric in metrics:
        for case, value in per_case(metric, readings).items():
            table[case][metric.name] = value
    return table
