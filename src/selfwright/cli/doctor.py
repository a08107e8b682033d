"""``selfwright doctor``."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def doctor(
    run: Annotated[
        str | None, typer.Argument(help="A run: is its journal whole, and the one its commits name?")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="One object; of a run, a JSON line a finding."),
    ] = False,
) -> None:
    """Show what this machine offers, what is missing, and the mend; of a RUN, whether its journal was tampered with.

    Exits 1 where nothing contains hostile code, or something in the run differs.
    """
    from selfwright import api

    if run is not None:
        findings = api.examine(run)
        for finding in findings:
            typer.echo(json.dumps(asdict(finding)) if as_json else str(finding))
        raise typer.Exit(1 if any(finding.holds is False for finding in findings) else 0)
    facts, offers, models, agents = api.machine(), api.doctor(), api.models(), api.agents()
    usable = [offer for offer in offers if offer.works and offer.contains]
    if as_json:
        said = {
            name: [asdict(each) for each in found]
            for name, found in (("sandboxes", offers), ("models", models), ("agents", agents))
        }
        typer.echo(json.dumps({"machine": facts, **said}))
    else:
        for name, value in facts.items():
            typer.echo(f"{name:12} {value}")
        typer.echo()
        for offer in offers:
            typer.echo(_line(offer.name, offer.works, offer.contains, offer.start_s, offer.call_s))
            for lack in offer.lacks:
                typer.echo(f"{'':12} - {lack}")
        typer.echo()
        for model in models:
            typer.echo(f"{model.name:12} {model.lacks or 'ready'}; key: {'yes' if model.key else 'no'}; {model.where}")
        for agent in agents:
            there = f"agent-online:{agent.name} runs {agent.path}" if agent.path else f"not here: {agent.mend}"
            typer.echo(f"{agent.name:12} {there}")
        typer.echo()
        if usable:
            typer.echo(f"`selfwright run` takes {usable[0].name}; --sandbox chooses another.")
        else:
            typer.echo(
                "Nothing here contains hostile code: `selfwright run` needs --sandbox limits, for code you trust."
            )
    raise typer.Exit(0 if usable else 1)


def _line(name: str, works: bool, contains: bool, start_s: float, call_s: float) -> str:
    if not works:
        return f"{name:12} does not work here"
    held = "contains hostile code" if contains else "does NOT contain hostile code"
    return f"{name:12} works, {held}; first call {start_s * 1000:.0f} ms, then {call_s * 1000:.0f} ms"
