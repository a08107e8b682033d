"""``selfwright best RUN``."""

import json
from pathlib import Path
from typing import Annotated

import typer


def best(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    to: Annotated[Path | None, typer.Option(help="Write its files into this folder.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print the best program, or write its files into a folder."""
    from selfwright import api

    program = api.look(run).best
    if to is not None:
        for path, content in program.files.items():
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            (to / path).write_bytes(content)
    if as_json:
        files = {path: content.decode("utf-8", "replace") for path, content in program.files.items()}
        typer.echo(json.dumps({"name": program.name, "metrics": dict(program.metrics), "files": files}))
    elif to is not None:
        typer.echo(f"{program.name}: {len(program.files)} files in {to}")
    else:
        for path, content in program.files.items():
            typer.echo(f"# {program.name}: {path}\n{content.decode('utf-8', 'replace')}")
