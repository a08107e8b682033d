"""One program against another, as a Python call: the gate alone, without a problem, a run or a journal."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.core.errors import BadInput

if TYPE_CHECKING:
    from selfwright.bench.comparison import Comparison, Watch


def _unwatched(comparison: "Comparison") -> None:
    """Nobody looks at it while it goes on."""


def _quiet(words: str) -> None:
    """Say nothing."""


def compare(
    a: str | Path,
    b: str | Path,
    command: Sequence[str],
    *,
    build: Sequence[str] = (),
    metric: str = "wall",
    better: str | None = None,
    minimum_effect: str = "1 %",
    max_pairs: int = 200,
    timeout_s: float = 300.0,
    build_timeout_s: float = 1800.0,
    cores: int = 1,
    seed: int = 0,
    observe: "Watch" = _unwatched,
    announce: Callable[[str], None] = _quiet,
) -> "Comparison":
    """Say whether B is better than A, worse or not different, by running ``command`` in both: the gate alone.

    It runs as a program of the caller's own, not in a sandbox. A commit of the repository around the working directory
    is written into a private folder; a folder is used as it is.

    Args:
        command: Program and arguments; runs in the folder of each side.
        build: Runs once in each folder before.
        metric: ``wall``, ``cpu``, ``peak_memory``, or the name of a number that the command prints.
        better: ``lower`` or ``higher``: when a number that the command prints is better.
        minimum_effect: Smaller differences do not matter: a percentage, or an amount where zero can be crossed.
        max_pairs: After so many it ends undecided.
        timeout_s: Deadline of one run.
        build_timeout_s: Deadline of one build.
        cores: On how many, always the same, the command runs; 0 for all.
        seed: Which side goes first in each pair follows from it.
        observe: Called before the first pair, after each, and where it waits for others that measure.
        announce: Told, in a line, what goes on.

    Raises:
        BadInput: Something given is wrong, or a side failed; the message says which.
    """
    from selfwright.bench.comparison import build_sides, compare_sides, least_effect
    from selfwright.bench.yardstick import yardstick

    if not command:
        raise BadInput("there is no command to run; write it after --, as in: compare HEAD~1 HEAD -- make bench")
    measure = yardstick(metric, better)
    effect = least_effect(minimum_effect, max_pairs, measure.metric)
    with bootstrap.two_sides(str(a), str(b)) as sides:
        for side in sides:
            announce(f"{side}: {f'commit {side.commit[:12]}' if side.commit else f'the folder {side.folder}'}")
        if build:
            build_sides(sides, lambda folder: bootstrap.run_program(build, folder, timeout_s=build_timeout_s), announce)
        return compare_sides(
            sides, run=lambda folder: bootstrap.run_program(command, folder, timeout_s=timeout_s, cores=cores),
            yardstick=measure, effect=effect, max_pairs=max_pairs, seed=seed, observe=observe,
        )  # fmt: skip
