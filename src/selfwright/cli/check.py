"""``selfwright check PROBLEM``."""

import json
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from selfwright.cli.duration import parse_duration, show_duration
from selfwright.core.count import counted

if TYPE_CHECKING:
    from selfwright.check import Examination

_EVERY_S = 30.0


def check(
    problem: Annotated[str, typer.Argument(help="A problem's folder, or the name of a bundled one.")],
    workers: Annotated[int | None, typer.Option(min=1, help="Measurements at once; default: all cores.")] = None,
    sandbox: Annotated[str | None, typer.Option(help="Where programs run; default: what a run would take.")] = None,
    wall: Annotated[
        float | None,
        typer.Option(parser=parse_duration, metavar="TIME", help="Stop after this time: 90s, 10m, 2h; default: 15m."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Put an evaluator on trial before money is spent: determinism, noise, planted cheats.

    Exits 0 where nothing or only advice was found, 1 where results would mean nothing, 2 where there is nothing to try.
    """
    from selfwright import api

    with _Live() as live:
        found = api.check(
            problem, workers=workers, sandbox=sandbox, wall_s=wall or api.CHECK_WALL_S, announce=live.say,
            tell=live.tell,
        )  # fmt: skip
    typer.echo(json.dumps(asdict(found) | {"trustworthy": found.is_trustworthy}) if as_json else _words(found))
    raise typer.Exit(130 if found.interrupted else 0 if found.is_trustworthy else 1)


def _words(found: "Examination") -> str:
    return "\n".join(_lines(found))


def _lines(found: "Examination") -> Iterator[str]:
    for finding in found.findings:
        yield f"{finding.severity.value}: {finding.name}: {finding.says}"
        yield f"    seen: {finding.seen}"
        yield f"    mend: {finding.mend}"
    if found.findings:
        yield ""
    for name, words in found.facts.items():
        yield f"{name}: {words}"
    if found.caught:
        yield f"caught ({len(found.caught)}): {', '.join(found.caught)}"
    if found.undecided:
        yield f"not decided ({len(found.undecided)}), neither accepted nor caught:"
        yield from (f"    {name}: {why}" for name, why in found.undecided.items())
    if found.not_tried:
        yield "not tried:"
        for why in dict.fromkeys(found.not_tried.values()):
            names = ", ".join(name for name, each in found.not_tried.items() if each == why)
            yield f"    {names}: {why}"
    worst = "no finding" if not found.findings else f"{counted(len(found.findings), 'finding')}, the worst first above"
    worst += f", {len(found.undecided)} not decided" if found.undecided else ""
    verdict = "interrupted" if found.interrupted else worst if found.is_trustworthy else f"not to be trusted: {worst}"
    yield (
        f"{found.problem}: {verdict} ({counted(found.measurements, 'measurement')}, {show_duration(found.wall_s)}, "
        f"{found.usd:.2f} USD)"
    )


class _Live:
    """One line on a terminal that is written over; elsewhere a line now and then."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._said_s = time.monotonic()

    def __enter__(self) -> "_Live":
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl-C does
        return self

    def __exit__(self, *exc: object) -> None:
        self._line("")

    def say(self, words: str) -> None:
        """Print a line above the live one."""
        self._line("")
        typer.echo(words, err=True)
        self._said_s = time.monotonic()

    def tell(self, words: str) -> None:
        """Show what is going on."""
        self._line(words)
        if not self._live and time.monotonic() - self._said_s >= _EVERY_S:
            self.say(words)

    def _line(self, text: str) -> None:
        if self._live:
            sys.stderr.write(f"\r\x1b[2K{text[:110]}")
            sys.stderr.flush()
