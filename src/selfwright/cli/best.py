"""``selfwright best RUN``."""

import json
from pathlib import Path
from typing import Annotated

import typer

from selfwright.core.count import counted
from selfwright.core.errors import BadInput


def best(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    to: Annotated[Path | None, typer.Option(help="Write its files into this folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files there that differ.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print the best program, or write its files into a folder."""
    from selfwright import api

    program = api.look(run, briefly=True).best
    if to is not None:
        differing = [path for path, content in program.files.items() if _differs(to / path, content)]
        if differing and not force:
            raise BadInput(f"{to / differing[0]} is there and differs: choose another folder, or --force overwrites it")
        for path, content in program.files.items():
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            (to / path).write_bytes(content)
    if as_json:
        files = {path: content.decode("utf-8", "replace") for path, content in program.files.items()}
        typer.echo(json.dumps({"name": program.name, "metrics": dict(program.metrics), "files": files}))
    elif to is not None:
        typer.echo(f"{program.name}: {counted(len(program.files), 'file')} in {to}")
    else:
        for path, content in program.files.items():
            typer.echo(f"# {program.name}: {path}\n{content.decode('utf-8', 'replace')}")


def _differs(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() != content
