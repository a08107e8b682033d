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
    from selfwright.cli.table import waiting_words
    from selfwright.core.printable import one_line

    history = api.look(run)
    for attempt in history.state.attempts():
        said = attempt.proposed
        if as_json:
            facts = {
                "id": attempt.id, "change": said.change, "state": attempt.state.value if attempt.state else "",
                "version": attempt.version, "words": attempt.words, "parents": list(said.parents),
                "proposer": said.proposer, "origin": said.origin.value,
                "reason": said.reason, "metrics": dict(history.metrics(attempt)), "usd": said.cost.usd,
            }  # fmt: skip
            typer.echo(json.dumps(facts))
        else:
            version = f"v{attempt.version}" if attempt.version is not None else ""
            ending, reason = one_line(attempt.ending), one_line(said.reason)
            typer.echo(f"{attempt.id:6} {version:4} {said.change[:8]:8} {ending}" + (f"  [{reason}]" if reason else ""))
    if history.state.submissions and not as_json:
        typer.echo(waiting_words(history))
