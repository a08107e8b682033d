"""``selfwright resume RUN``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selfwright.cli.option import Cpu, Pairs, Tokens, Wall
from selfwright.core.count import counted
from selfwright.core.errors import BadInput

if TYPE_CHECKING:
    from selfwright.views.run import RunState


def resume(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    proposer: Annotated[
        list[str] | None, typer.Option("--proposer", help="Other proposers than those that the run was opened with.")
    ] = None,
    trials: Annotated[int | None, typer.Option(min=1, help="Stop after so many trials, earlier ones counted.")] = None,
    pairs: Pairs = None,
    wall: Wall = None,
    cpu: Cpu = None,
    tokens: Tokens = None,
    budget_usd: Annotated[float | None, typer.Option(min=0.0, help="Stop when so much is spent.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Measurements at once; default: all cores.")] = None,
    submissions: Annotated[
        bool, typer.Option("--submissions", help="Measure what was handed in and waits, and propose nothing new.")
    ] = False,
    record: Annotated[Path | None, typer.Option(help="Write the proposals of this run as a recorded session.")] = None,
) -> None:
    """Go on with a run that was paused, interrupted, stopped or killed; a finished one just says so."""
    from selfwright import api
    from selfwright.cli.bound import goes_on
    from selfwright.cli.farewell import farewell
    from selfwright.cli.progress import Progress
    from selfwright.evolve.recording import check_record

    if submissions:
        if given := [
            each for each in (proposer, trials, pairs, wall, cpu, tokens, budget_usd, workers, record) if each
        ]:
            raise BadInput(f"--submissions measures what was handed in and nothing else: leave {given[0]!r} out")
        with Progress() as progress:
            history = api.measure(
                run, on_event=progress.observe, on_ready=progress.interruptible, announce=progress.say
            )  # fmt: skip
        farewell(history)
        return
    if record:
        check_record(record)
    before = api.look(run).state
    with Progress() as progress:
        history = api.resume(
            run, proposer=proposer or (), trials=trials, pairs=pairs, wall_s=wall, cpu_s=cpu, tokens=tokens,
            budget_usd=budget_usd, workers=workers, on_event=progress.observe, on_ready=progress.interruptible,
            announce=progress.say,
        )  # fmt: skip
    if record:
        typer.echo(f"recorded {counted(api.record(history, record), 'proposal')} in {record}")
    ended = history.state.control.ended
    if ended and ended.why in ("budget", "exhausted") and not before.begun and _same(before, history.state):
        typer.echo(f"nothing was done, the run has ended: {ended.reason}; {goes_on(history)}")
        return
    farewell(history)


def _same(before: "RunState", after: "RunState") -> bool:
    then, now = ((state.verdicts, len(state.versions), len(state.again)) for state in (before, after))
    return then == now
