"""The child of ``NaiveSubprocess``: candidate and judge in one process, which prints its own score."""

from __future__ import annotations

import base64
import importlib
import json
import pickle
import sys
import time
from pathlib import Path


def main() -> None:
    """Import ``program`` from the working directory, call a function of it, judge and print."""
    sys.path[:0] = [str(Path(__file__).parents[2]), ""]
    from tests.hostile import judge

    argument, case = json.load(sys.stdin)
    judge.CASE.update(case)
    values: list[object] = []
    started = time.perf_counter()
    program = importlib.import_module("program")

    def call() -> object:
        values.append(getattr(program, sys.argv[1])(argument))
        return values[0]

    score = judge.score(call)
    wall_s = time.perf_counter() - started
    value = base64.b64encode(pickle.dumps(values[0])).decode()
    print(json.dumps({"score": score, "value": value, "wall_s": wall_s}), flush=True)


if __name__ == "__main__":
    main()
