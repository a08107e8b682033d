"""``selfwright problems``."""

import json
from typing import Annotated

import typer


def problems(as_json: Annotated[bool, typer.Option("--json", help="One JSON line a problem.")] = False) -> None:
    """List the bundled problems, with what each shows."""
    from selfwright import api

    for problem in api.problems():
        if as_json:
            facts = {"name": problem.name, "description": problem.description, "folder": str(problem.folder)}
            typer.echo(json.dumps(facts))
        else:
            typer.echo(f"{problem.name:20} {problem.description}")
