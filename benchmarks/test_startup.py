"""How long a person waits for nothing: ``import selfwright`` (wanted < 100 ms) and ``selfwright --help`` (< 300 ms)."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

RUNS = 15


def clock_ms(*argv: str) -> list[float]:
    """Return the wall time of each run, in ms, after one that warms the caches."""
    times = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        subprocess.run(argv, check=True, capture_output=True, timeout=60)
        times.append((time.perf_counter() - began) * 1000)
    return times[1:]


@pytest.mark.bench
def test_startup():
    bare = clock_ms(sys.executable, "-c", "pass")
    door = clock_ms(sys.executable, "-c", "import selfwright")
    page = clock_ms(str(Path(sys.executable).parent / "selfwright"), "--help")
    print()
    for name, times in (("python -c pass", bare), ("import selfwright", door), ("selfwright --help", page)):
        print(f"{name:20} min {min(times):6.1f}  median {median(times):6.1f}  max {max(times):6.1f} ms (whole process)")
    print(f"import selfwright alone: {median(door) - median(bare):.1f} ms")
