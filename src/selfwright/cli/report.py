"""``selfwright report RUN``."""

from typing import Annotated

import typer


def report(run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")]) -> None:
    """Write the report: one HTML file that needs no network."""
    from selfwright import api

    typer.echo(api.report(api.look(run)))
