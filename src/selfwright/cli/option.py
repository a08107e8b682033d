"""Options that several commands share: bounds of a run, all its sittings together."""

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
