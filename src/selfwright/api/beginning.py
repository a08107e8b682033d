"""The beginning of a problem, as a Python call: from a folder of another engine's to one that can be run here."""

import math
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from selfwright import bootstrap
from selfwright.api.confinement import choose_sandbox
from selfwright.core.environment import Environment
from selfwright.core.errors import BadInput, CandidateError, SelfwrightError
from selfwright.core.limits import Limits, Profile

if TYPE_CHECKING:
    from selfwright.bench.foreign import Foreign, Said
    from selfwright.bench.problem import Problem
    from selfwright.bench.translate import Asked, Found
    from selfwright.ports.sandbox import Sandbox

_TIMES = 3
"""How often the evaluator is asked for the seed: what differs is noisy."""


def init(
    folder: str | Path,
    *,
    source: str,
    config: str = "",
    sandbox: str | None = None,
    announce: Callable[[str], None] = lambda words: None,
) -> Path:
    """Write a ``problem.toml`` beside another engine's evaluator, which stays as it is; return its path.

    The evaluator is asked for the program as it is, from outside if it can judge from there.

    Args:
        source: ``openevolve`` or ``shinka``.
        config: Which of several configurations to read.
        sandbox: Where evaluator and program run; default: the strongest here that contains hostile code.
        announce: Told, in a line, what was decided and what was not read.

    Raises:
        BadInput: There is a problem already, something is missing, or the evaluator has no number for the program.
    """
    from selfwright.bench.problem import load_problem
    from selfwright.bench.translate import read_folder, write_problem

    place = Path(folder)
    path = place / "problem.toml"
    if path.exists():
        raise BadInput(f"{path} is there already: `selfwright check {place}` tries it; remove it to begin anew")
    found = read_folder(place, source, config)
    if found.absent:
        raise BadInput(f"{place}: {', '.join(found.absent)} can not be imported here; pip install them")
    for words in _read_in_words(found):
        announce(words)
    where = choose_sandbox(sandbox, trusted=False)
    with closing(bootstrap.make_sandbox(where, Environment(modules=found.modules))) as made:
        asked = _ask(found, made)
    for words in (*asked.notes, f"judge {asked.foreign.judged}, sandbox {where}"):
        announce(words)
    path.write_text(write_problem(found, asked))
    load_problem(place)
    return path


def why_whole(problem: "Problem", sandbox: str) -> str:
    """Return why an evaluator has the program beside it: what it says when it has not; empty where it has not."""
    from selfwright.bench.candidate import Candidate
    from selfwright.bench.worker import shim_of

    if problem.foreign is None or not problem.foreign.whole:
        return ""
    outside = replace(problem, foreign=replace(problem.foreign, whole=False))
    with closing(bootstrap.make_sandbox(sandbox, problem.environment)) as made:
        shim = shim_of(outside, made)
        candidate = Candidate(
            files=problem.seed_files(), built=problem.beside_files(), program=problem.program, sandbox=made,
            limits=problem.limits, environment=problem.environment,
        )  # fmt: skip
        assert shim is not None  # of a foreign evaluator
        try:
            said = shim.ask(candidate)
        except SelfwrightError as error:
            return str(error)
    return "; ".join(said.unfit) or _wrong(said) or "nothing: it can judge from outside; take `whole` away"


def _read_in_words(found: "Found") -> "Iterator[str]":
    if found.config:
        yield f"read {found.config}: {found.wall_s:g} s an evaluation, {found.memory_mb} MiB" + (
            f"; it wants --trials {found.trials}" if found.trials else ""
        )
    if found.ignored:
        yield f"warning: {found.config} also says what has no meaning here: {', '.join(found.ignored)}"


def _ask(found: "Found", sandbox: "Sandbox") -> "Asked":
    """Ask for the seed in the strictest way in which the evaluator can answer.

    Raises:
        BadInput: It has no answer in any way.
    """
    from selfwright.bench.translate import Asked

    exec_, notes = False, []
    foreign, said = _settle(found, sandbox, found.foreign, exec_)
    if said.unfit or _wrong(said):
        why = "; ".join(said.unfit) or _wrong(said)
        foreign, said = _settle(found, sandbox, replace(found.foreign, whole=True), exec_)
        if _wrong(said):
            exec_ = True
            foreign, said = _settle(found, sandbox, foreign, exec_)
        notes.append(f"warning: {foreign.file} needs the program beside it: {why:.300}")
    if foreign.cascade != found.foreign.cascade:
        notes.append("warning: no cascade: the program as it is does not pass its thresholds")
    if wrong := _wrong(said):
        tail = f"\n{said.log[-1500:]}" if said.log else ""
        raise BadInput(f"{found.folder}: the evaluator has no number for the program: {wrong:.500}{tail}")
    if found.foreign.form == "openevolve" and not said.scored:
        notes.append("warning: it gives no combined_score; as in OpenEvolve that is the mean of all its numbers")
    again = [_try(found, sandbox, foreign, exec_) for _ in range(_TIMES - 1)]
    return Asked(
        foreign=foreign, metrics=[said.metrics, *(each.metrics for each in again)], exec_=exec_, notes=tuple(notes)
    )


def _settle(found: "Found", sandbox: "Sandbox", foreign: "Foreign", exec_: bool) -> "tuple[Foreign, Said]":
    """Ask, and ask without the cascade where the program as it is does not come through that."""
    said = _try(found, sandbox, foreign, exec_)
    if said.metrics and said.raised and foreign.cascade is not None:
        foreign = replace(foreign, cascade=None)
        said = _try(found, sandbox, foreign, exec_)
    return foreign, said


def _wrong(said: "Said") -> str:
    """Return why these are no numbers to begin with, though an evaluator may call some of them 0."""
    if said.raised or said.error:
        return said.raised or said.error
    wild = [f"{name} is {value}" for name, value in said.metrics.items() if not math.isfinite(value)]
    return "; ".join(wild) or ("" if said.metrics else "it gave no number")


def _try(found: "Found", sandbox: "Sandbox", foreign: "Foreign", exec_: bool) -> "Said":
    from selfwright.bench.candidate import Candidate
    from selfwright.bench.folder import files_below
    from selfwright.bench.foreign import Said, Shim

    there = {path: (found.folder / path).read_bytes() for path, link in files_below(found.folder) if not link}
    program = {found.program: there.pop(found.program)}
    limits = Limits(wall_s=found.wall_s, memory_mb=found.memory_mb)
    if exec_:
        limits = replace(limits, profile=Profile.NATIVE, allow=("exec",))
    environment = Environment(modules=found.modules)
    candidate = Candidate(
        files=program, built={path: there[path] for path in found.beside}, program=found.program, sandbox=sandbox,
        limits=limits, environment=environment,
    )  # fmt: skip
    shim = Shim(
        foreign, beside=there, program=found.program, metrics=(), limits=limits, wall_s=found.wall_s, sandbox=sandbox
    )
    try:
        return shim.ask(candidate)
    except CandidateError as error:
        return Said(metrics={}, artifacts={}, raised=str(error), unfit=(), log="")
    except SelfwrightError as error:
        raise BadInput(f"{found.folder}: {error}") from error
