"""Other engines' gains, measured again: what ``audit --from`` does."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from selfwright import bootstrap
from selfwright.api.life import Ready, run, unattended
from selfwright.api.looking import Run
from selfwright.core.errors import BadInput
from selfwright.evolve.story import Observer, ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What became of one claimed gain.

    Attributes:
        name: As its engine calls the program.
        claimed: The score that it claims; None where its engine wrote none.
        holds: Whether the gate adopted it: better than all that was proven before.
        words: How it ended.
    """

    name: str
    claimed: float | None
    holds: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What became of all of them, and the run that measured them."""

    history: Run
    gains: tuple[Held, ...]

    @property
    def held(self) -> int:
        """How many hold."""
        return sum(gain.holds for gain in self.gains)


def review(
    folder: str | Path,
    *,
    source: str,
    problem: str | Path | None = None,
    dir: str | Path | None = None,
    sandbox: str | None = None,
    workers: int | None = None,
    on_event: Observer = ignore,
    on_ready: Ready = unattended,
    announce: Callable[[str], None] = lambda words: None,
) -> Reviewed:
    """Measure the gains that another engine claims, in their order, by a run of the same problem with our gate.

    A claim holds where it is proven better than everything that was proven before it; the first is held against the
    problem's own program.

    Args:
        folder: What its run left: ``openevolve_output``, Shinka's results folder, GEPA's ``run_dir``.
        source: ``openevolve``, ``shinka`` or ``gepa``.
        problem: The problem, as ``init --from`` makes it of their folder; default: the nearest one around ``folder``.
        dir: Where the run goes; default: a free folder below ``.selfwright/runs``.

    Raises:
        BadInput: There are no programs of that engine, no gain is claimed, or there is no problem.
    """
    from selfwright.audit.claims import read_gains

    place = Path(folder)
    gains = read_gains(place, source)
    if not gains:
        raise BadInput(f"{place}: no program there is better than the first, so nothing is claimed")
    where = str(problem) if problem is not None else _around(place)
    found, _ = bootstrap.find_problem(where)
    main = found.program or min(found.seed_files())
    lines = [
        {"files": {main: gain.code} if isinstance(gain.code, str) else dict(gain.code), "proposer": source,
         "reason": f"{gain.name}, which claims {'to be better' if gain.score is None else f'{gain.score:.6g}'}"}
        for gain in gains
    ]  # fmt: skip
    with TemporaryDirectory(prefix="selfwright-claims-") as scratch:
        session = Path(scratch) / "claims.jsonl"
        session.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        history = run(
            where, proposer=f"recorded:{session}", trials=len(gains), sandbox=sandbox, workers=workers, dir=dir,
            on_event=on_event, on_ready=on_ready, announce=announce,
        )  # fmt: skip
    ended = {attempt.proposed.trial: attempt for attempt in history.state.attempts()}
    return Reviewed(
        history=history,
        gains=tuple(
            Held(
                name=gain.name, claimed=gain.score, holds=number in ended and ended[number].version is not None,
                words=ended[number].ending.partition("\n")[0] if number in ended else "not measured: the run was ended",
            )
            for number, gain in enumerate(gains, start=1)
        ),
    )  # fmt: skip


def _around(place: Path) -> str:
    """Return the nearest folder with a problem file: this one, or one that it lies in."""
    for folder in (place.absolute(), *place.absolute().parents):
        if (folder / "problem.toml").is_file():
            return str(folder)
    raise BadInput(
        f"no problem.toml around {place}: name the problem with --problem; `selfwright init --from` makes one of theirs"
    )
