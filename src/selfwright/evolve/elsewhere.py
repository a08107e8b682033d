"""A run that goes on on another machine: what was measured there must be the same here to the bit, or nothing compares.

That a metric is deterministic is proven once per environment: where the run opens, by two runs of the seed
(``evolve.opening``); where it goes on, here.
"""

from collections.abc import Callable

from selfwright.core.errors import BadInput
from selfwright.core.trial import Outcome
from selfwright.evolve.measuring import Measuring, Need
from selfwright.gate.exact import metric_named
from selfwright.gate.summary import disagreement
from selfwright.views.run import RunState, first_failure, public_readings, readings_of


def check_elsewhere(state: RunState, measuring: Measuring, *, stopping: Callable[[], bool]) -> None:
    """Measure the incumbent again where this sitting is on a machine that it was never measured on.

    A noisy objective needs none of it: both sides of a pair are measured here. Nothing of it is kept.

    Raises:
        BadInput: It gives other numbers here; the message says which, and what differs between the machines.
    """
    held, here = state.last(state.versions[-1].trial), state.control.started.machine if state.control.started else None
    known = {machine.fingerprint for machine in held.machines}
    if here is None or not known or here.fingerprint in known:
        return
    if metric_named(state.run.metrics, state.run.objective.metric).noisy:
        return
    stage = state.public_stages()[-1]
    cases = state.run.cases[stage]
    measuring.want(held, Need(purpose="elsewhere", stage=stage, cases=cases))
    found: dict[str, Outcome] = {}
    while len(measuring):
        if stopping():
            measuring.cancel()
            return
        found |= {event.case: event.outcome for event in measuring.finished(0.2)}
    if any(case not in found for case in cases):
        return  # no budget is left to measure it, so there is none for anything else
    outcomes = [found[case] for case in cases]
    failed = first_failure(outcomes)
    differs = disagreement(state.run.metrics, public_readings(state, held), readings_of(outcomes))
    if failed or differs:
        what = f"it ends {failed.status.value}: {failed.reason}" if failed else differs
        other = "; ".join(held.machines[-1].differences(here)[:5])
        raise BadInput(
            f"v{state.versions[-1].version} was measured on another machine, and is not the same here: {what}. Nothing "
            f"measured here would compare. Resume the run where it was, or open a new one here. There / here: {other}"
        )
