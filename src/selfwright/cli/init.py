"""``selfwright init --from ENGINE DIR``."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The folder of the problem.")] = Path(),
    source: Annotated[
        str | None, typer.Option("--from", metavar="ENGINE", help="Whose problem it is: openevolve or shinka.")
    ] = None,
    config: Annotated[
        str, typer.Option(metavar="FILE", help="Its configuration, if there are several; default: config.yaml.")
    ] = "",
    sandbox: Annotated[
        str | None, typer.Option(help="Where the program runs; default: the strongest here that contains hostile code.")
    ] = None,
) -> None:
    """Write a problem.toml for an evaluator of OpenEvolve or Shinka, which itself stays as it is."""
    from selfwright import api
    from selfwright.core.errors import BadInput

    if source is None:
        raise BadInput(
            "say whose problem it is: --from openevolve or --from shinka; docs/problem.md tells how to begin"
        )
    path = api.init(
        folder, source=source, config=config, sandbox=sandbox, announce=lambda words: typer.echo(words, err=True)
    )
    typer.echo(f"wrote {path}; next: `selfwright check {folder}`, `selfwright run {folder}`")
