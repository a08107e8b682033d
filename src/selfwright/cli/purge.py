"""``selfwright purge RUN``."""

from typing import Annotated

import typer


def purge(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Delete a run for a fresh start; says what it will delete and did delete, with counts."""
    from selfwright import api

    plan = api.purge(run)
    typer.echo(f"will delete {plan.words}")
    if plan.stays:
        typer.echo(plan.stays)
    if not yes and not typer.confirm("Delete it?"):
        raise typer.Exit(1)
    typer.echo(f"deleted {plan.carry_out()}")
