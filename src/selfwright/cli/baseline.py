"""``selfwright baseline RUN``."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def baseline(
    run: Annotated[str, typer.Argument(help="A run's folder, or a prefix of its name.")],
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="best-of-n, tuning; default: what suits the run.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Measurements at once; default: all cores.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line each, the run first.")] = False,
) -> None:
    """Spend the run's trials again, by best-of-N and by tuning alone, and show them beside it; so does the report."""
    from selfwright import api
    from selfwright.cli.progress import Progress
    from selfwright.cli.table import standings_table

    with Progress() as progress:
        found = api.baseline(
            run, names or (), workers=workers, on_event=progress.observe, on_ready=progress.interruptible,
            announce=progress.say,
        )  # fmt: skip
    if as_json:
        for each in found:
            typer.echo(json.dumps(asdict(each)))
    else:
        typer.echo(standings_table(found))
