"""``selfwright pause RUN``, from any other terminal."""

from typing import Annotated

import typer


def pause(run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")]) -> None:
    """Begin nothing new until `selfwright resume`; what is in flight is kept."""
    from selfwright import api

    typer.echo(api.pause(run))
