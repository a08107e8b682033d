"""The last words of a sitting."""

import typer

from selfwright.cli.bound import goes_on
from selfwright.cli.command import command
from selfwright.core.count import counted
from selfwright.core.lifecycle import State
from selfwright.core.printable import indented, one_line
from selfwright.evolve.history import History


def farewell(history: History) -> None:
    """Print how a sitting ended: the table, the commits, where everything lies and what to do next.

    Raises:
        typer.Exit: With 130 where it was interrupted.
    """
    from selfwright import api
    from selfwright.cli.table import versions

    state, folder = history.state, history.folder
    ended = state.control.ended
    if ended is None:  # another process drives it
        typer.echo(f"it goes on there; to see it:\n  {command('status', folder)}")
        return
    typer.echo(f"\n{versions(history)}\n")
    typer.echo(api.commits(history))
    for attempt in state.attempts():
        if attempt.state is State.NEEDS_PERSON:
            typer.echo(f"needs a person: {attempt.id}: {one_line(attempt.reason)}")
    trials = counted(state.verdicts, "trial")
    if ended.why == "interrupted":
        more = f" and {state.begun} more that had begun" if state.begun else ""
        typer.echo(f"interrupted after {trials}{more}; go on with:\n  {command('resume', folder)}", err=True)
        raise typer.Exit(130)
    begun = f", {state.begun} more begun" if state.begun else ""
    typer.echo(f"ended: {indented(ended.reason)} ({trials}{begun})")
    if ended.why == "budget":
        typer.echo(goes_on(history))
    typer.echo(f"report: {api.report(history)}")
    typer.echo("your turn: take the best program, edit what is in the folder `mine`, have it measured and judged")
    typer.echo(f"  {command('best', folder, '--to', 'mine')}")
    typer.echo(f"  {command('submit', folder, 'mine', '--wait')}")
