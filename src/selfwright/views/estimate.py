"""An estimate before the run: what the seed's measurements say that its budget will take."""

from dataclasses import dataclass

from selfwright.core.budget import Use
from selfwright.gate.exact import metric_named
from selfwright.gate.race import FEW
from selfwright.views.run import RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one trial takes that passes every public stage and is not adopted, were it as fast as the seed.

    Attributes:
        trial: Of its measurements: with a noisy objective, also the pairs that every comparison gets. Its wall time
            is with all workers busy.
        trials: So many the budget allows, the seed paid; None where nothing that is known now bounds them.
        kind: Which bound that is.
    """

    trial: Use
    trials: int | None
    kind: str


def estimate(state: RunState) -> Estimate:
    """Return what a run will take that has measured its seed and nothing else.

    What proposals cost, their time included, is known to nobody then, and left out.
    """
    workers = state.control.started.workers if state.control.started else 1
    taken = [
        state.last(0).measured["search", stage, case].resources
        for stage in state.public_stages() for case in state.run.cases[stage]
    ]  # fmt: skip
    trial = Use(
        trials=1, wall_s=sum(each.wall_s for each in taken) / workers, cpu_s=sum(each.cpu_s for each in taken),
        usd=sum(each.usd for each in taken),
    )  # fmt: skip
    if metric_named(state.run.metrics, state.run.objective.metric).noisy:
        last = taken[-len(state.run.cases[state.public_stages()[-1]]) :]
        sides = 2 * FEW / len(last)  # pairs come one at a time, a case each
        trial += Use(
            pairs=FEW, wall_s=sides * sum(each.wall_s for each in last), cpu_s=sides * sum(each.cpu_s for each in last),
            usd=sides * sum(each.usd for each in last),
        )  # fmt: skip
    allowed = {
        kind: max(0, int((bound - getattr(state.used, kind)) / getattr(trial, kind)))
        for kind, bound in state.budget.bounds().items() if getattr(trial, kind)
    }  # fmt: skip
    kind = min(allowed, key=lambda each: allowed[each], default="")
    return Estimate(trial=trial, trials=allowed.get(kind), kind=kind)
