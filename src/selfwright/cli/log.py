"""``selfwright log RUN``."""

import json
from typing import Annotated

import typer


def log(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON line a trial.")] = False,
) -> None:
    """List all trials, one line each, with the verdict in words."""
    from selfwright import api

    history = api.look(run)
    for attempt in history.state.attempts():
        said = attempt.proposed
        words = attempt.words
        state = attempt.state.value if attempt.state else ""
        if as_json:
            facts = {
                "id": attempt.id, "change": said.change, "state": state, "version": attempt.version, "words": words,
                "parents": list(said.parents), "proposer": said.proposer, "origin": said.origin.value,
                "reason": said.reason, "metrics": dict(history.metrics(attempt)), "usd": said.cost.usd,
            }  # fmt: skip
            typer.echo(json.dumps(facts))
        else:
            version = f"v{attempt.version}" if attempt.version is not None else ""
            reason = said.reason.splitlines()[0] if said.reason else ""
            typer.echo(f"{attempt.id:6} {said.change[:8]:8} {version:4} {state:12} {reason}")
            typer.echo(f"{'':33}{words.splitlines()[0] if words else ''}")
