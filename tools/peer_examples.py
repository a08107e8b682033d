"""Runs the published examples of OpenEvolve and ShinkaEvolve as they are, and makes the table of docs/openevolve.md.

    git clone https://github.com/algorithmicsuperintelligence/openevolve
    git clone https://github.com/SakanaAI/ShinkaEvolve
    python tools/peer_examples.py --openevolve openevolve/examples --shinka ShinkaEvolve/examples

Each example is copied, begun with ``selfwright init``, and run for one trial of the proposer `mutate`. An example that
lacks something of this machine says what. The table goes to standard output, each line as it comes to standard error.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

SELFWRIGHT = str(Path(sys.executable).with_name("selfwright"))
EVALUATORS = {"openevolve": "evaluator.py", "shinka": "evaluate.py"}


@dataclass(frozen=True)
class Row:
    """One example."""

    name: str
    ran: bool
    judge: str
    needs: str
    score: str
    words: str

    def __str__(self) -> str:
        """Return a line of a table in Markdown."""
        cells = (self.name, "yes" if self.ran else "no", self.judge, self.needs, self.score, self.words)
        return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for engine in EVALUATORS:
        arguments.add_argument(f"--{engine}", type=Path, help=f"the folder `examples` of a checkout of {engine}")
    arguments.add_argument("--only", default="", help="a regular expression of names")
    arguments.add_argument("--wall", type=float, default=240.0, help="seconds for each step of an example")
    arguments.add_argument("--jobs", type=int, default=1)
    given = arguments.parse_args()
    todo = [
        (engine, folder, root)
        for engine in EVALUATORS
        if (root := getattr(given, engine)) is not None
        for folder in found(root, EVALUATORS[engine])
        if re.search(given.only, folder.relative_to(root).as_posix())
    ]

    def one(job: tuple[str, Path, Path]) -> Row:
        row = try_example(*job, wall_s=given.wall)
        print(row, file=sys.stderr, flush=True)
        return row

    with ThreadPoolExecutor(max_workers=given.jobs) as pool:
        rows = list(pool.map(one, todo))
    print("| example | runs | judge | needs | score | why not, or what is left out |\n|---|---|---|---|---|---|")
    for row in rows:
        print(row)
    print(f"\n{sum(row.ran for row in rows)} of {len(rows)} run")


def found(root: Path, evaluator: str) -> Iterator[Path]:
    """Yield the folders of examples."""
    yield from sorted(path.parent for path in root.rglob(evaluator))


def try_example(engine: str, folder: Path, root: Path, *, wall_s: float) -> Row:
    """Return what became of one example."""
    name = f"{engine}: {folder.relative_to(root).as_posix()}"
    with tempfile.TemporaryDirectory(prefix="selfwright-example-") as scratch:
        place = Path(scratch) / folder.name
        shutil.copytree(folder, place)
        code, said = call("init", "--from", engine, str(place), wall_s=wall_s)
        text = (place / "problem.toml").read_text() if code == 0 else ""
        if not text:
            return Row(name, False, "", "", "", _reason(said, place))
        modules = re.search(r"^python = \[(.*)\]", text, re.MULTILINE)
        needs = modules[1].replace('"', "") if modules else ""
        needs += "; exec" if 'allow = ["exec"]' in text else ""
        warning = next((line for line in said.splitlines() if "needs the program beside it" in line), "")
        notes = [warning.rpartition("beside it: ")[2]] if warning else []
        notes += ["no cascade"] if "no cascade" in said else []
        notes += ["the score is a mean"] if "no combined_score" in said else []
        run = Path(scratch) / "run"
        code, said = call("run", str(place), "--proposer", "mutate", "--trials", "1", "--dir", str(run), wall_s=wall_s)
        if code:
            return Row(name, False, "", needs, "", _reason(said, place))
        judge = _git(run, "log", "--format=%(trailers:key=Judge,valueonly)", "-1", "--all", "--grep=Seed v0").strip()
        score = re.search(r"^v0 +(-?[0-9]\S*)", said, re.MULTILINE)
        return Row(name, True, judge or "outside", needs, score[1] if score else "", "; ".join(notes)[:160])


def call(*arguments: str, wall_s: float) -> tuple[int, str]:
    """Return the exit code of the command line, and all that it said."""
    try:
        done = subprocess.run(
            [SELFWRIGHT, *arguments],
            capture_output=True,
            text=True,
            timeout=wall_s,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, f"selfwright: it did not end within {wall_s:g} s"
    return done.returncode, done.stderr + done.stdout


def _reason(said: str, place: Path) -> str:
    line = next((line for line in said.splitlines() if line.startswith("selfwright: ")), said[-200:])
    words = line.removeprefix("selfwright: ").replace(f"{place}: ", "").replace(str(place), place.name)
    return words.removeprefix("the evaluator has no number for the program: ")[:200]


def _git(run: Path, *arguments: str) -> str:
    command = ["git", f"--git-dir={run / 'repo.git'}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


if __name__ == "__main__":
    main()
