"""``selfwright stop RUN``, from any other terminal."""

from typing import Annotated

import typer


def stop(run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")]) -> None:
    """End after the current trials; given twice, end at once."""
    from selfwright import api

    typer.echo(api.stop(run))
