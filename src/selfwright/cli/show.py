"""``selfwright show RUN ID``."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from selfwright.core.count import counted
from selfwright.core.printable import indented, one_line

if TYPE_CHECKING:
    from selfwright.core.trial import Outcome
    from selfwright.views.run import Attempt


def show(
    run: Annotated[str, typer.Argument(help="A run's folder, or a unique prefix of its name.")],
    trial: Annotated[str, typer.Argument(help="t12, v3, or the beginning of a change id or commit.")] = "best",
    explain: Annotated[str, typer.Option(help="Ask a model why it failed: claude:MODEL, ollama:MODEL, ...")] = "",
    transcript: Annotated[bool, typer.Option("--transcript", help="What the agent said that proposed it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show one trial: verdict, numbers, its log, what the judge printed, cost."""
    from selfwright import api
    from selfwright.cli.measurements import measurements
    from selfwright.core.plain import to_plain
    from selfwright.diagnose import diagnosis_of

    history = api.look(run)
    attempt = history.find(trial)
    hidden = set(history.state.run.holdout)
    measured = {spot: outcome for spot, outcome in attempt.measured.items() if spot[1] not in hidden}
    diagnosis = diagnosis_of(history.state, attempt)
    advice = api.explain(history, trial, model=explain) if explain else None
    kept = attempt.proposed.transcript
    told = history.blobs.get(kept).decode() if kept else ""
    if as_json:
        facts = {
            "id": attempt.id, "state": attempt.state, "reason": attempt.reason, "version": attempt.version,
            "proposed": to_plain(attempt.proposed), "verdict": to_plain(attempt.verdict),
            "diagnosis": to_plain(diagnosis), "advice": to_plain(advice), "transcript": told,
            "measured": [
                {"purpose": purpose, "stage": stage, "case": case, "outcome": to_plain(outcome)}
                for (purpose, stage, case), outcome in measured.items()
            ],
        }  # fmt: skip
        typer.echo(json.dumps(facts))
        return
    said = attempt.proposed
    version = f" = v{attempt.version}" if attempt.version is not None else ""
    typer.echo(f"{attempt.id}{version}  {attempt.state or 'seed'}  {said.change[:12]}")
    typer.echo(
        f"proposed by {one_line(said.proposer)} ({said.origin.value}) from "
        f"{one_line(', '.join(said.parents)) or 'nothing'}: {indented(said.reason)}"
    )
    typer.echo(f"cost: {'unknown' if said.cost.usd is None else f'{said.cost.usd:.4f} USD'}, "
               f"{said.cost.tokens_in} tokens in, {said.cost.tokens_out} out")  # fmt: skip
    if told:
        lines = counted(told.count("\n"), "line")
        typer.echo(f"transcript: {indented(chr(10) + told) if transcript else f'{lines}, see --transcript'}")
    typer.echo(f"verdict: {_verdict(attempt, measured.values())}")
    if diagnosis:
        typer.echo(f"diagnosis: {one_line(str(diagnosis))}")
    if advice:
        typer.echo(one_line(str(advice)))
    for line in measurements(history.state, attempt, measured):
        typer.echo(line)


def _verdict(attempt: "Attempt", measured: "Iterable[Outcome]") -> str:
    """Return the last word on an attempt, without the lines that are shown with its measurements."""
    below = {line.strip() for outcome in measured for line in f"{outcome.reason}\n{outcome.log}".splitlines()}
    first, *more = attempt.ending.splitlines() or ["none yet" if attempt.proposed.trial else "none, it is the start"]
    return indented("\n".join([first, *(line for line in more if line.strip() not in below)]))
