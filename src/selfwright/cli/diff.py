"""``selfwright diff RUN [ID]``."""

import difflib
from typing import Annotated

import typer


def diff(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    trial: Annotated[str, typer.Argument(help="t12, v3, or the beginning of a change id or commit.")] = "best",
    against: Annotated[str | None, typer.Option(help="What to compare with; default: its parent.")] = None,
) -> None:
    """Show what a trial changed, as a unified diff."""
    from selfwright import api

    history = api.look(run)
    parents = history.find(trial).proposed.parents
    old, new = history.program(against or (parents[0] if parents else "seed")), history.program(trial)
    for path in sorted(old.files.keys() | new.files.keys()):
        before, after = (
            files.get(path, b"").decode("utf-8", "replace").splitlines(keepends=True)
            for files in (old.files, new.files)
        )
        for line in difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"):
            typer.echo(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n", nl=False)
