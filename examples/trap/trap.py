"""The trap: one stream of proposals, taken by a naive loop and by Selfwright; what each claims, and what is true.

Most of the proposals change nothing, on a machine whose clock is noisy; one is a true gain of some ten percent; one
forges a score, one answers NaN, one hangs, one ends the process. What either of them keeps is measured again, beside
the seed, by a clock that no candidate can reach.

    python examples/trap/trap.py
"""

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from stream import PROPOSALS, SEED

import selfwright
from selfwright import bootstrap
from selfwright.api.confinement import strongest_sandbox
from selfwright.bench.candidate import Candidate
from selfwright.bench.problem import Problem, load_problem
from selfwright.cli.progress import Progress
from selfwright.ports.sandbox import Sandbox
from selfwright.views.leaderboard import versions_table

HERE = Path(__file__).parent
SILENCE_S = 3.0
PAIRS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a loop holds for best after a proposal.

    Attributes:
        claimed: How many times as fast as the seed, as the loop says.
        source: The program.
        note: What else became of it.
    """

    claimed: float
    source: str
    note: str = ""


def naive() -> list[Point]:
    """Return what the naive loop holds after each proposal; where it is lost, it is restarted after what lost it."""
    sources = [SEED, *(source for _, source in PROPOSALS)]
    said: list[Point] = []
    seed_score, best, kept = 0.0, None, 0
    while len(said) < len(sources):
        state = {"sources": sources, "first": len(said), "best": best, "kept": kept}
        lines, note = _until_it_is_lost(json.dumps(state))
        for line in lines:
            best, kept = line["best"], line["kept"]
            seed_score = seed_score or best
            said.append(Point(claimed=best / seed_score, source=sources[kept]))
        if note:
            said.append(Point(claimed=best / seed_score, source=sources[kept], note=note))
    return said[1:]


def _until_it_is_lost(state: str) -> tuple[list[dict[str, float]], str]:
    """Return what the loop's process said, and how it was lost, if it was."""
    lines: list[dict[str, float]] = []
    with subprocess.Popen(
        [sys.executable, str(HERE / "naive.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as process, selectors.DefaultSelector() as selector:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None  # they are pipes
        try:
            process.stdin.write(state)
            process.stdin.close()
            selector.register(process.stdout, selectors.EVENT_READ)
            while selector.select(SILENCE_S):
                line = process.stdout.readline()
                if not line:
                    done = len(lines) + json.loads(state)["first"] > len(PROPOSALS)
                    return lines, "" if done else "the loop is gone"
                lines.append(json.loads(line))
            return lines, f"the loop hangs; killed after {SILENCE_S:g} s"
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def proven(folder: Path) -> list[Point]:
    """Return what Selfwright holds after each proposal."""
    problem = shutil.copytree(HERE / "problem", folder / "problem")  # out of this repository, where commits would go
    session = folder / "session.jsonl"
    lines = [json.dumps({"files": {"digest.py": source}, "reason": title}) for title, source in PROPOSALS]
    session.write_text("\n".join(lines) + "\n")
    with Progress() as progress:
        history = selfwright.run(
            problem, proposer=f"recorded:{session}", dir=folder / "run", on_event=progress.observe,
            on_ready=progress.interruptible, announce=progress.say,
        )  # fmt: skip
    rows = versions_table(history.state)
    said = []
    for trial in range(1, len(PROPOSALS) + 1):
        row = [each for each in rows if each.trial <= trial][-1]
        fraction = row.total.amount if row.total else 0.0
        source = history.program(f"v{row.version}").files["digest.py"].decode()
        said.append(Point(claimed=1 / (1 - fraction), source=source))
    return said


def remeasure(sources: Sequence[str]) -> dict[str, float]:
    """Return how many times as fast as the seed each program truly is: in a sandbox, beside the seed, in pairs."""
    problem = load_problem(HERE / "problem")
    sandbox = bootstrap.make_sandbox(strongest_sandbox(trusted=False), problem.environment)
    ratios: dict[str, list[float]] = {source: [] for source in sources}
    try:
        for pair in range(PAIRS):
            numbers = Random(pair).choices(range(1000), k=40_000)
            for source, found in ratios.items():
                order = (SEED, source) if pair % 2 else (source, SEED)
                taken = {each: _seconds(each, numbers, sandbox, problem) for each in order}
                found.append(taken[SEED] / taken[source])
    finally:
        sandbox.close()
    return {source: median(found) for source, found in ratios.items()}


def _seconds(source: str, numbers: list[int], sandbox: Sandbox, problem: Problem) -> float:
    files = {problem.program: source.encode()}
    return (
        Candidate(files=files, program=problem.program, sandbox=sandbox, limits=problem.limits)
        .call("digest", numbers)
        .wall_s
    )


def show(naives: Sequence[Point], provens: Sequence[Point], true: dict[str, float]) -> str:
    """Return both curves as a table: what each loop claims for its best, and what is true of it."""
    width = max(len(title) for title, _ in PROPOSALS) + 4
    rows = [
        f"{'':{width}}{'the naive loop':>26}{'Selfwright':>26}",
        f"{'':{width}}" + f"{'claimed':>13}{'re-measured':>13}" * 2,
    ]
    for number, ((title, _), one, other) in enumerate(zip(PROPOSALS, naives, provens, strict=True), 1):
        cells = [one.claimed, true[one.source], other.claimed, true[other.source]]
        rows.append(f"{f'{number:2}  {title}':{width}}" + "".join(f"{_times(cell):>13}" for cell in cells))
        rows += [f"{'':{width}}  ({one.note})"] if one.note else []
    return "\n".join(rows)


def _times(ratio: float) -> str:
    return f"x {ratio:,.0f}" if ratio >= 100 else f"x {ratio:.2f}"


def main() -> None:
    """Show both."""
    print(f"{len(PROPOSALS)} proposals; how many times as fast as the seed is the best that each loop holds?\n")
    naives = naive()
    with tempfile.TemporaryDirectory() as folder:
        provens = proven(Path(folder))
    print("\n" + show(naives, provens, remeasure([point.source for point in (*naives, *provens)])))


if __name__ == "__main__":
    main()
