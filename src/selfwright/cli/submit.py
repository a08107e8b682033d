"""``selfwright submit RUN PATH``."""

from typing import Annotated

import typer


def submit(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    path: Annotated[
        str, typer.Argument(help="A folder, an editable file, a .patch, or - for a patch on standard input.")
    ],
    reason: Annotated[str, typer.Option(help="Why it should be better.")] = "",
    parent: Annotated[
        str, typer.Option(help="What a patch applies to, and what unnamed files are taken from.")
    ] = "best",
    name: Annotated[str, typer.Option("--as", help="Who proposes it.")] = "person",
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the verdict.")] = False,
) -> None:
    """Hand in a change; it is measured and judged like any other, in a running or a finished run.

    Exits 1 where the verdict is known and it is not adopted.
    """
    from selfwright import api
    from selfwright.cli.progress import Progress
    from selfwright.core.printable import indented

    with Progress(answering=True) as progress:
        said = api.submit(
            run, path, reason=reason, parent=parent, proposer=name, wait=wait, on_event=progress.observe,
            on_ready=progress.interruptible, announce=progress.say,
        )  # fmt: skip
    typer.echo(indented(said.words))
    if said.adopted is False:
        raise typer.Exit(130 if progress.interrupted else 1)
