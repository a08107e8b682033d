"""Runs the program whose place it has taken, and writes down what it was asked and what it said.

Unlike its siblings it stands alone: ``main`` is called with ``how``.
"""

import base64
import json
import os
import subprocess
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RECORDS = ".selfwright-ran"
"""The folder, beside the program's files, that the records are written to."""


def main(how: "dict[str, Any]") -> None:
    """Run ``how["original"]``, a file beside this one, by ``how["by"]``; leave a record of it; end as it ended."""
    began_ns = time.time_ns()
    given = sys.stdin.buffer.read() if sys.stdin else b""
    argv = [*how["by"], beside(how["original"]), *sys.argv[1:]]
    done = subprocess.run(argv, input=given, stdout=subprocess.PIPE, check=False)
    if done.returncode == 0:
        folder = beside(how["root"], RECORDS)
        os.makedirs(folder, exist_ok=True)
        texts = [base64.b85encode(content).decode() for content in (given, done.stdout)]
        with open(os.path.join(folder, f"{began_ns:020}-{os.getpid()}"), "w") as file:
            json.dump([how["path"], *texts, *sys.argv[1:]], file)
    sys.stdout.buffer.write(done.stdout)
    sys.stdout.buffer.flush()
    sys.exit(done.returncode if done.returncode >= 0 else 128 - done.returncode)


def beside(*parts: str) -> str:
    """Return a path from the folder that this file is in."""
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), *parts)
