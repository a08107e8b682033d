"""``selfwright diff RUN [ID]``."""

import difflib
import json
from collections.abc import Iterator
from typing import Annotated

import typer


def diff(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    trial: Annotated[str, typer.Argument(help="t12, v3, or the beginning of a change id or commit.")] = "best",
    against: Annotated[str | None, typer.Option(help="What to compare with; default: its parent.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object: two names, and path → unified diff of what differs.")
    ] = False,
) -> None:
    """Show what a trial changed, as a unified diff."""
    from selfwright import api

    history = api.look(run)
    parents = history.find(trial).proposed.parents
    old, new = history.program(against or (parents[0] if parents else "seed")), history.program(trial)
    texts = {
        path: "".join(_unified(path, old.files.get(path, b""), new.files.get(path, b"")))
        for path in sorted(old.files.keys() | new.files.keys())
    }
    if as_json:
        differing = {path: text for path, text in texts.items() if text}
        typer.echo(json.dumps({"old": old.name, "new": new.name, "files": differing}))
    else:
        typer.echo("".join(texts.values()), nl=False)


def _unified(path: str, old: bytes, new: bytes) -> Iterator[str]:
    before, after = (content.decode("utf-8", "replace").splitlines(keepends=True) for content in (old, new))
    for line in difflib.unified_diff(before, after, f"a/{path}", f"b/{path}"):
        yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
