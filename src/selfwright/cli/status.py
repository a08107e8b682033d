"""``selfwright status [RUN]``."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selfwright.diagnose import Cluster
    from selfwright.evolve.history import History


def status(
    run: Annotated[
        str, typer.Argument(help="A run's folder, or a unique prefix of its name; default: the only run.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Say where a run stands: versions, phase, what waits for a person, who drives it."""
    from selfwright import api
    from selfwright.cli.bound import goes_on, used_words
    from selfwright.cli.table import milestones, versions, waiting_words
    from selfwright.core.count import counted
    from selfwright.core.lifecycle import State
    from selfwright.core.printable import indented, one_line

    history = api.look(run, briefly=True)
    state, holder = history.state, history.holder()
    waiting = [attempt for attempt in state.attempts() if attempt.state is State.NEEDS_PERSON]
    ended = state.control.ended
    standing = "paused" if holder and state.control.paused else "running" if holder else "not running"
    if as_json:
        typer.echo(json.dumps(_facts(history, standing)))
        return
    typer.echo(f"{history.folder}: {state.run.subject}, {standing}" + (f" ({holder})" if holder else ""))
    if not holder:
        why = (
            f"ended: {indented(ended.reason)}"
            if ended
            else "killed in flight; go on with: selfwright resume " + str(history.folder)
        )
        typer.echo(why)
        if ended and ended.why == "budget":
            typer.echo(goes_on(history))
    if state.submissions:
        typer.echo(waiting_words(history))
    again = f", {counted(len(state.again), 'parked comparison')} resumed" if state.again else ""
    typer.echo(
        f"{counted(state.verdicts, 'trial')}, {state.incumbent} adopted{again}, {state.spent.usd:.2f} USD, "
        f"sandbox {state.run.sandbox}"
    )
    if words := used_words(state):
        typer.echo(words)
    typer.echo("")
    typer.echo(versions(history))
    typer.echo(milestones(history))
    for cluster in _repeated(history):
        typer.echo(one_line(str(cluster)))
    for each in waiting:
        typer.echo(f"needs a person: {each.id}: {indented(each.reason)}")


def _repeated(history: "History") -> "list[Cluster]":
    """Return the causes of which several trials failed, the most frequent three.

    Of a very long run the trials that came to nothing are not read for a status: then it has none.
    """
    from selfwright.diagnose import clusters

    if len(history.state.trials) < history.state.asked:
        return []
    return [each for each in clusters(history.state) if len(each.trials) > 1][:3]


def _facts(history: "History", standing: str) -> dict[str, object]:
    from selfwright.cli.table import gained
    from selfwright.core.lifecycle import State
    from selfwright.core.plain import to_plain

    state, ended = history.state, history.state.control.ended
    waiting = [attempt for attempt in state.attempts() if attempt.state is State.NEEDS_PERSON]
    return {
        "run": str(history.folder), "standing": standing, "holder": history.holder(), "trials": state.verdicts,
        "resumed": len(state.again),
        "versions": len(state.versions), "best": dict(history.best.metrics), "usd": state.spent.usd,
        "used": asdict(state.used), "budget": asdict(state.budget), "bound": ended.bound if ended else "",
        "gained_by": {each.origin.value: each.gain.amount if each.gain else None for each in gained(history)},
        "wall_s": state.control.wall_s,
        "submissions": len(state.submissions),
        "needs_person": [{"id": each.id, "reason": each.reason} for each in waiting],
        "failing": [to_plain(each) for each in _repeated(history)],
        "ended": ended.why if ended else None, "sandbox": state.run.sandbox, "seed": state.run.seed,
    }  # fmt: skip
