"""Options of a run: its bounds, all its sittings together, and how much of it goes on at once."""

from typing import Annotated

import typer

from selfwright.cli.duration import parse_duration

Wall = Annotated[
    float | None,
    typer.Option(parser=parse_duration, metavar="TIME", help="Stop after this time in all: 90s, 10m, 2h."),
]
Cpu = Annotated[
    float | None,
    typer.Option(parser=parse_duration, metavar="TIME", help="Stop after this CPU time of candidates in all."),
]
Pairs = Annotated[int | None, typer.Option(min=1, help="Stop after so many pairs of measurements, fresh ones counted.")]
Tokens = Annotated[int | None, typer.Option(min=1, help="Stop when models have read and written so many.")]
InFlight = Annotated[
    int | None,
    typer.Option(min=1, max=256, help="Proposals in the making at once; default: what the proposer needs, else 8."),
]
