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
    probe = os.path.join(os.environ.get("TMPDIR", "/tmp"), "probe")
    with open(probe, "w") as file:
        file.write(words)
    mode = os.stat(probe).st_mode
    os.unlink(probe)
    return [
        np.sort(np.sin(values)).tolist(),
        float(values.sum()),
        words,
        hashlib.sha256(words.encode()).hexdigest(),
        random.Random(7).random(),
        hash("the same in each process"),
        sorted(os.listdir(os.path.dirname(os.path.abspath(__file__)))),
        "666" in os.environ.get("PYTHONHASHSEED", ""),
        oct(mode),
        len(sys.path),
        time.perf_counter() >= started,
    ]
