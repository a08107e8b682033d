"""``selfwright speed FILE:FUNCTION``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from selfwright.cli.duration import parse_duration

if TYPE_CHECKING:
    from selfwright.api import Speedup


def speed(
    function: Annotated[str, typer.Argument(metavar="FILE:FUNCTION", help="A function at the top of a module.")],
    tests: Annotated[
        str, typer.Option(metavar="COMMAND", help="What tests it: run here, with your rights; its calls are recorded.")
    ] = "pytest -q",
    proposer: Annotated[
        list[str] | None, typer.Option("--proposer", help="NAME[:ARG], as in `run`; default: mutate.")
    ] = None,
    patch: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a patch there, with its certificates, and no commit.")
    ] = None,
    tolerance: Annotated[float, typer.Option(help="By how much a float may differ, relative; 0: not at all.")] = 1e-9,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Stop after so many; default: 40 where nothing else bounds it.")
    ] = None,
    wall: Annotated[
        float | None, typer.Option(parser=parse_duration, metavar="TIME", help="Stop after this time: 90s, 10m, 2h.")
    ] = None,
    budget_usd: Annotated[float | None, typer.Option(min=0.0, help="Stop when so much is spent.")] = None,
    seed: Annotated[int, typer.Option(help="Every draw of the run follows from it.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Measurements at once; default: all cores.")] = None,
    sandbox: Annotated[str | None, typer.Option(help="As in `run`.")] = None,
    dir: Annotated[Path | None, typer.Option("--dir", help="The run's folder; it must not exist yet.")] = None,
    tests_timeout: Annotated[float, typer.Option(parser=parse_duration, metavar="TIME", help="Of the tests.")] = "10m",  # type: ignore[assignment]  # typer parses the default like what is given
    as_json: Annotated[bool, typer.Option("--json", help="One object; see docs/speed.md.")] = False,
) -> None:
    """Make a function faster that stays what it is: no evaluator, the original is the oracle.

    What your tests call it with is recorded, and inputs like that are made. A candidate must do the same on all of
    them: results, exceptions, changes of arguments. The gain is paired time on inputs no two of which are alike. It
    ends in a commit on a new branch selfwright/speed-FUNCTION, or in a patch; your work tree is not touched.

    Exits 0 where something faster was found, 3 where not, 2 where the function can not be compared (told why).
    """
    from selfwright import api
    from selfwright.cli.progress import Progress
    from selfwright.core.errors import Unfit

    try:
        with Progress() as progress:
            found = api.speed(
                function, tests=tests, proposer=proposer or (), patch=patch, tolerance=tolerance, trials=trials,
                wall_s=wall, budget_usd=budget_usd, seed=seed, workers=workers, sandbox=sandbox, dir=dir,
                tests_wall_s=tests_timeout, on_event=progress.observe, on_ready=progress.interruptible,
                announce=progress.say,
            )  # fmt: skip
    except Unfit as unfit:
        if as_json:
            typer.echo(json.dumps({"function": function, "outcome": "unfit", "why": unfit.why, "sentence": str(unfit)}))
        raise
    typer.echo(json.dumps(_facts(function, found)) if as_json else _words(found))
    if progress.interrupted:
        raise typer.Exit(130)
    raise typer.Exit(0 if found.outcome == "gained" else 3)


def _words(found: "Speedup") -> str:
    from selfwright.cli.command import command

    lines = [found.sentence]
    if found.branch:
        lines.append(
            f"commit {found.commit[:12]} on {found.branch}; your work tree is as it was: git diff HEAD {found.branch}"
        )
    if found.patch:
        lines.append(f"patch: {found.patch}, its certificates beside it; to apply: git apply {found.patch}")
    return "\n".join([*lines, f"all that was tried: {command('log', found.history.folder)}"])


def _facts(function: str, found: "Speedup") -> dict[str, object]:
    """Return what ``--json`` prints; docs/speed.md says what it means."""
    return {
        "function": function,
        "outcome": found.outcome,
        "sentence": found.sentence,
        "trials": found.history.state.verdicts,
        "branch": found.branch,
        "commit": found.commit,
        "patch": str(found.patch or ""),
        "run": str(found.history.folder),
    }
