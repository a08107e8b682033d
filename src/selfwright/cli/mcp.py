"""``selfwright mcp``."""

from typing import Annotated

import typer


def mcp(
    offered: Annotated[
        list[str] | None,
        typer.Argument(metavar="FOLDER", help="Problems that a client may start runs of, and runs elsewhere."),
    ] = None,
    http: Annotated[bool, typer.Option("--http", help="Streamable HTTP, behind a token; default: stdio.")] = False,
    host: Annotated[str, typer.Option(help="Where --http listens; default: for this machine alone.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Its port; 0 for a free one.")] = 8765,
    read_only: Annotated[bool, typer.Option("--read-only", help="Only look: nothing can be changed.")] = False,
    proposer: Annotated[
        list[str] | None,
        typer.Option("--proposer", help="NAME[:ARG] that a client may choose too, e.g. claude:MODEL. Repeatable."),
    ] = None,
    budget_usd: Annotated[
        float | None, typer.Option(min=0.0, help="The most that one run which a client starts may spend.")
    ] = None,
) -> None:
    """Serve runs to models, agents and editors by MCP: look, hand in changes, start and steer.

    A client sees the runs below .selfwright/runs, and can start the bundled problems and those that are named here. It
    never names a file of this machine. What it starts lives on when it goes away; `selfwright stop RUN` ends that.
    """
    import logging

    from selfwright import api

    logging.basicConfig(level="WARNING", format="%(name)s: %(message)s")  # else the library frames and colours it
    api.mcp(
        offered or (), http=http, host=host, port=port, read_only=read_only, proposers=proposer or (),
        budget_usd=budget_usd, announce=lambda words: typer.echo(words, err=True),
    )  # fmt: skip
