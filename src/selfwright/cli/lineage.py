"""``selfwright lineage RUN [ID]``."""

import json
from typing import Annotated

import typer


def lineage(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    trial: Annotated[str, typer.Argument(help="t12, v3, or the beginning of a change id or commit.")] = "best",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line an ancestor.")] = False,
) -> None:
    """List the ancestors of a trial, from itself back to the seed."""
    from selfwright import api
    from selfwright.core.printable import one_line

    history = api.look(run)
    attempt = history.find(trial)
    while True:
        said = attempt.proposed
        name = f"v{attempt.version}" if attempt.version is not None else attempt.id
        if as_json:
            typer.echo(json.dumps({"id": attempt.id, "name": name, "proposer": said.proposer, "reason": said.reason}))
        else:
            typer.echo(f"{name:5} {attempt.id:6} {said.change[:8]}  {one_line(said.proposer)}: {one_line(said.reason)}")
        if not said.parents:
            return
        attempt = history.find(said.parents[0])
