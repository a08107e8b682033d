"""``selfwright problems``."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selfwright.bench.problem import Problem


def problems(as_json: Annotated[bool, typer.Option("--json", help="One JSON line a problem.")] = False) -> None:
    """List the bundled problems, with what each shows."""
    from selfwright import api

    for problem in api.problems():
        if as_json:
            facts = {"name": problem.name, "description": problem.description, "folder": str(problem.folder)}
            typer.echo(json.dumps({**facts, "shows": _shows(problem)}))
        else:
            typer.echo(f"{problem.name:16} {_shows(problem)} ({problem.folder / 'README.md'})")


def _shows(problem: "Problem") -> str:
    """Return the title of a problem's README, without its name."""
    title = (problem.folder / "README.md").read_text(encoding="utf-8").partition("\n")[0]
    return title.partition(": ")[2]
