"""``selfwright compare A B -- COMMAND``."""

import json
import math
import shlex
import time
from typing import TYPE_CHECKING, Annotated

import typer

from selfwright.cli.duration import parse_duration, show_duration
from selfwright.core.metric import Better

if TYPE_CHECKING:
    from selfwright.bench.comparison import Comparison

EXIT = {"better": 0, "worse": 1, "same": 3, "undecided": 3}


def compare(
    a: Annotated[str, typer.Argument(metavar="A", help="A commit (any name that git knows) or a folder.")],
    b: Annotated[str, typer.Argument(metavar="B", help="What is compared with it.")],
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="What is run in both, after --.")],
    build: Annotated[str, typer.Option(metavar="COMMAND", help="Run once in each before: 'make all'.")] = "",
    metric: Annotated[
        str,
        typer.Option(help="wall, cpu, peak_memory, or NAME of a number that COMMAND prints: NAME=1.5 or NAME: 1.5."),
    ] = "wall",
    better: Annotated[Better | None, typer.Option(help="Of a number that COMMAND prints.")] = None,
    minimum_effect: Annotated[
        str, typer.Option(metavar="PERCENT|AMOUNT", help="Smaller differences do not matter.")
    ] = "1 %",
    max_pairs: Annotated[int, typer.Option(metavar="N", help="After so many it ends undecided.")] = 200,
    timeout: Annotated[
        float, typer.Option(parser=parse_duration, metavar="TIME", help="Of one run: 90s, 10m, 2h.")
    ] = "5m",  # type: ignore[assignment]  # typer parses the default like what is given
    build_timeout: Annotated[float, typer.Option(parser=parse_duration, metavar="TIME", help="Of one build.")] = "30m",  # type: ignore[assignment]  # the same
    cores: Annotated[int, typer.Option(min=0, help="That COMMAND is kept on, always the same; 0: all.")] = 1,
    seed: Annotated[int, typer.Option(help="Which side goes first in each pair follows from it.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="One object; see docs/compare.md.")] = False,
) -> None:
    """Is B faster than A? Runs COMMAND in both by turns until that is decided: for two commits or two folders.

    A commit of the repository around you is written into a private folder of its own, and COMMAND runs in the same
    folder below it as you are in; your work tree, index and branches are not touched. A folder is used where it is.
    COMMAND runs as your own program: with your rights and environment, in no sandbox.

    Exits 0 where B is better, 1 where it is worse, 3 where there is no difference of the minimum effect or none is
    decided, 2 where a side failed or something given is wrong, 130 where it was interrupted (what was seen is printed).
    """
    from selfwright import api
    from selfwright.cli.progress import Progress

    seen: list[Comparison] = []
    began_s = time.monotonic()

    def observe(comparison: "Comparison") -> None:
        if not seen:
            seen.append(comparison)
        progress.show(lambda: _now(comparison, time.monotonic() - began_s))

    with Progress() as progress:
        try:
            api.compare(
                a, b, command, build=_words(build), metric=metric, better=better, minimum_effect=minimum_effect,
                max_pairs=max_pairs, timeout_s=timeout, build_timeout_s=build_timeout, cores=cores, seed=seed,
                observe=observe, announce=progress.say,
            )  # fmt: skip
        except KeyboardInterrupt:
            if not seen:
                raise
    found, code = seen[0], 130 if progress.interrupted else EXIT[seen[0].answer]
    typer.echo(json.dumps(_facts(found, command, seed, code)) if as_json else _page(found))
    if code == 130:
        typer.echo("selfwright: interrupted; this is what was seen so far", err=True)
    raise typer.Exit(code)


def _words(build: str) -> list[str]:
    try:
        return shlex.split(build)
    except ValueError as error:
        raise typer.BadParameter(f"--build {build!r}: {error}") from error


def _now(comparison: "Comparison", past_s: float) -> str:
    """Return how far it has come, and how long it can take at most."""
    from selfwright.gate.pairs import evidence_in_words
    from selfwright.gate.two_sided import NEEDED

    count = len(comparison.pairs)
    if comparison.waits:
        return "waits until nothing else is measured here"
    if not count:
        return "each side once, uncounted"
    left = show_duration(past_s / count * (comparison.max_pairs - count))
    at_most = f"pair {count} of at most {comparison.max_pairs}"
    return f"{at_most}, {evidence_in_words(max(comparison.evidence), NEEDED)}, at most {left} left"


def _page(comparison: "Comparison") -> str:
    medians, unit = comparison.medians(), comparison.yardstick.metric.unit
    lines = []
    for side, value in zip(comparison.sides, medians or (), strict=False):
        commit = f" = {side.commit[:12]}" if side.commit else ""
        lines.append(
            f"{side.letter}  {comparison.yardstick.metric.name} {value:.5g} {unit}".rstrip() + f"  {side.name}{commit}"
        )
    noise = [f"noise: {comparison.noise}"] if comparison.noise else []
    return "\n".join([*lines, str(comparison), *noise])


def _facts(comparison: "Comparison", command: list[str], seed: int, code: int) -> dict[str, object]:
    """Return what ``--json`` prints; docs/compare.md says what it means."""
    from dataclasses import asdict

    from selfwright.gate.two_sided import NEEDED

    metric, gain = comparison.yardstick.metric, comparison.gain()
    medians = comparison.medians() or (None, None)
    samples = [pair.incumbent for pair in comparison.pairs], [pair.candidate for pair in comparison.pairs]
    return {
        "answer": str(comparison.answer),
        "exit_code": code,
        "sentence": str(comparison),
        "metric": metric.name,
        "unit": metric.unit,
        "lower_is_better": metric.better is Better.LOWER,
        "minimum_effect": comparison.effect.amount,
        "relative": comparison.effect.relative,
        "gain": gain.gain if gain else None,
        "low": _finite(gain.low) if gain else None,
        "high": _finite(gain.high) if gain else None,
        "pairs": len(comparison.pairs),
        "max_pairs": comparison.max_pairs,
        "evidence": {**dict(zip(("better", "worse", "same"), comparison.evidence, strict=True)), "needed": NEEDED},
        "seed": seed,
        "command": command,
        "noise": asdict(comparison.noise) if comparison.noise else None,
        **{
            side.letter.lower(): {
                "name": side.name, "commit": side.commit, "folder": None if side.commit else str(side.folder),
                "median": value, "samples": values,
            }
            for side, value, values in zip(comparison.sides, medians, samples, strict=True)
        },
        "b_first": comparison.b_first,
    }  # fmt: skip


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
