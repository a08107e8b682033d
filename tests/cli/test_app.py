"""The command line as such: what starting it costs, whatever is asked."""

import subprocess
import sys

ROOMS = """
import sys, selfwright.cli
print(*sorted({name.split(".")[1] for name in sys.modules if name.startswith("selfwright.")}))
"""


def test_it_starts_without_the_rooms_below() -> None:
    done = subprocess.run([sys.executable, "-c", ROOMS], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["cli", "core"]
