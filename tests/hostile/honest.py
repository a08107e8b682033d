"""An honest candidate: what it returns depends on everything that an attack before it might have spoiled."""

import hashlib
import json
import os
import random
import sys
import time

import numpy as np


def solve(numbers):
    """Everything that must be the same each time."""
    values = np.array(numbers, dtype=float)
    started = time.perf_counter()
    words = json.dumps({"sorted": sorted(numbers), "sum": sum(numbers), "length": len(numbers)}, sort_keys=True)
    return [
        np.sort(np.sin(values)).tolist(),
        float(values.sum()),
        words,
        hashlib.sha256(words.encode()).hexdigest(),
        random.Random(7).random(),
        hash("the same in each process"),
        sorted(os.listdir(os.path.dirname(os.path.abspath(__file__)))),
        "666" in os.environ.get("PYTHONHASHSEED", ""),
        mode_of_a_new_file(words),
        len(sys.path),
        time.perf_counter() >= started,
    ]


def mode_of_a_new_file(words):
    """What a file that it writes may; nothing where it can write nowhere."""
    probe = os.path.join(os.environ.get("TMPDIR", "/tmp"), "probe")
    try:
        with open(probe, "w") as file:
            file.write(words)
    except PermissionError:
        return None
    mode = os.stat(probe).st_mode
    os.unlink(probe)
    return oct(mode)
