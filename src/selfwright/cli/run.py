"""``selfwright run PROBLEM``."""

from pathlib import Path
from typing import Annotated

import typer

from selfwright.cli.option import Cpu, InFlight, Pairs, Tokens, Wall
from selfwright.core.count import counted


def run(
    problem: Annotated[str, typer.Argument(help="A problem's folder, or the name of a bundled one.")],
    proposer: Annotated[
        list[str] | None,
        typer.Option(
            "--proposer",
            help="NAME[:ARG], e.g. recorded:FILE or numeric. A+B: each as often as it pays; 3*A+B: in these shares. "
            "Repeated: the next is asked when one is exhausted.",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(min=1, help="Stop after so many trials in all; default: 100 where nothing else bounds the run."),
    ] = None,
    pairs: Pairs = None,
    wall: Wall = None,
    cpu: Cpu = None,
    tokens: Tokens = None,
    budget_usd: Annotated[float | None, typer.Option(min=0.0, help="Stop when so much is spent.")] = None,
    seed: Annotated[int, typer.Option(help="Every draw of the run follows from it.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Measurements at once; default: all cores.")] = None,
    in_flight: InFlight = None,
    sandbox: Annotated[
        str | None,
        typer.Option(help="Where candidates run: zygote, bubblewrap, landlock, limits; default: the strongest here."),
    ] = None,
    select: Annotated[
        str,
        typer.Option(help="What a change starts from: incumbent, elite, islands, grid, best-of-n; adaptive learns it."),
    ] = "adaptive",
    dir: Annotated[Path | None, typer.Option("--dir", help="The run's folder; it must not exist yet.")] = None,
    record: Annotated[Path | None, typer.Option(help="Write the proposals of this run as a recorded session.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Improve a program: propose, try, judge, adopt; every adopted version becomes a commit."""
    from selfwright import api
    from selfwright.cli.farewell import farewell
    from selfwright.cli.progress import Progress
    from selfwright.evolve.recording import check_record

    if record:
        check_record(record, problem=problem)
    with Progress() as progress:
        history = api.run(
            problem, proposer=proposer or (), trials=trials, pairs=pairs, wall_s=wall, cpu_s=cpu, tokens=tokens,
            budget_usd=budget_usd, seed=seed, workers=workers, in_flight=in_flight, sandbox=sandbox, select=select,
            dir=dir, on_event=progress.observe, on_ready=progress.interruptible, announce=progress.say,
        )  # fmt: skip
    if record:
        typer.echo(f"recorded {counted(api.record(history, record), 'proposal')} in {record}")
    farewell(history)
