"""Outcome per budget: the same proposals and the same evaluations for every engine; what is each one's best worth?

    python -m benchmarks.outcome [--peer-python PATH] [--only NAME ...] [--noisy-evaluations N]

The best of each is measured again, by the same judge in the same sandbox, in turns. ``--peer-python`` is a Python that
has ``openevolve`` and ``gepa`` (``python -m venv peers && peers/bin/pip install openevolve gepa``); without it the
Python that runs this is asked. ``benchmarks.outcome.literals`` compares the search without a model with Optuna.
"""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.outcome import loops
from benchmarks.outcome.ours import Ended, play
from benchmarks.outcome.task import Task
from benchmarks.outcome.tasks import TASKS
from benchmarks.outcome.truth import Truth, compare, measure

PEERS = {"naive": "", "openevolve": "openevolve", "gepa": "gepa"}
"""Loop → the package that it needs."""

WALL_S = 300.0


def installed(python: str, package: str) -> bool:
    """Whether a Python has a package."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return not package or subprocess.run([python, "-c", code], timeout=60, check=False).returncode == 0


def others(name: str, python: str, folder: Path) -> Ended | str:
    """Run one of the other loops in a process of its own; return what it came back with, or why it did not."""
    (folder / "count").unlink(missing_ok=True)
    argv = [python, str(Path(loops.__file__).resolve()), name, str(folder.resolve())]
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as wrong:
        process = subprocess.Popen(argv, stdout=said, stderr=wrong, stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            process.wait(WALL_S)
        except subprocess.TimeoutExpired:
            return f"did not end within {WALL_S:g} s"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        said.seek(0)
        wrong.seek(0)
        lines = said.read().splitlines()
        if process.returncode or not lines:
            return f"exit {process.returncode}: {(wrong.read().strip().splitlines() or ['no word'])[-1][:200]}"
    return Ended(**json.loads(lines[-1]))


def one(task: Task, python: str, names: list[str]) -> dict[str, str]:
    """Run a task with every engine, print what came of it, and return engine → how ours stands beside it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / task.name
        problem = task.write(folder)
        ended: dict[str, Ended | str] = {}
        took = {}
        for name in ("ours", *names):
            began = time.monotonic()
            ended[name] = play(task, folder) if name == "ours" else others(name, python, folder)
            took[name] = time.monotonic() - began
        programs = [task.seed, *(each.best for each in ended.values() if isinstance(each, Ended))]
        truths = measure(task, problem, programs)
    kind = "noisy" if task.noisy else "deterministic"
    print(f"\n{task.name}: {task.evaluations} evaluations, {kind}; the seed: {words(truths[task.seed])}")
    ours, found = ended["ours"], {}
    assert isinstance(ours, Ended)
    for name, each in ended.items():
        if isinstance(each, str):
            print(f"  {name:11} {each}")
            continue
        beside = "" if name == "ours" else compare(task, ours.best, each.best, truths)
        if beside:
            found[name] = beside
        claimed = "nothing" if each.claimed is None else f"{each.claimed:.6g}"
        print(
            f"  {name:11} claimed {claimed:>11}  measured again {words(truths[each.best]):>11}  "
            f"{f'ours is {beside}' if beside else '':15} {each.evaluations:g} evaluations, {took[name]:.0f} s",
            flush=True,
        )
    return found


def words(truth: Truth) -> str:
    """Return what a program is worth, or why it is worth nothing."""
    return truth.reason[:60] if truth.value is None else f"{truth.value:.6g}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.outcome", description=__doc__)
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has openevolve and gepa")
    parser.add_argument("--only", nargs="*", default=[], help="names of tasks")
    parser.add_argument("--noisy-evaluations", type=int, help="another budget for the noisy tasks")
    options = parser.parse_args()
    names = []
    for name, package in PEERS.items():
        if installed(options.peer_python, package):
            names.append(name)
        else:
            print(f"{name} is not installed in {options.peer_python}: pip install {package}, or --peer-python PATH")
    standings: dict[str, Counter[str]] = {name: Counter() for name in names}
    for task in TASKS:
        if not options.only or task.name in options.only:
            given = options.noisy_evaluations if task.noisy else None
            for name, beside in one(
                replace(task, evaluations=given or task.evaluations), options.peer_python, names
            ).items():
                standings[name][beside] += 1
    print()
    for name, counts in standings.items():
        told = ", ".join(f"{word} {counts[word]}" for word in ("better", "same", "worse"))
        print(f"ours beside {name:11} {told}")


if __name__ == "__main__":
    main()
