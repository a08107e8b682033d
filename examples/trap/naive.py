"""The naive loop: run the candidate, look at the number, keep it if the number is larger.

As short loops do, it runs what it judges in its own process. Reads one JSON object from standard input: ``sources``
(the seed first), which of them is ``first``, the ``best`` score so far or null, and which one was ``kept``; writes a
line of JSON after each.
"""

import json
import random
import sys
import time

NUMBERS = random.Random(0).choices(range(1000), k=40_000)


def score(source: str) -> float:
    """Return how often a second the candidate digests the numbers."""
    space: dict[str, object] = {}
    exec(source, space)
    started = time.perf_counter()
    space["digest"](NUMBERS)  # type: ignore[operator]
    return 1 / (time.perf_counter() - started)


def main() -> None:
    """Go through the sources."""
    asked = json.load(sys.stdin)
    best, kept = asked["best"], asked["kept"]
    for index, source in list(enumerate(asked["sources"]))[asked["first"] :]:
        found = score(source)
        if best is None or found > best:
            best, kept = found, index
        print(json.dumps({"index": index, "best": best, "kept": kept}), flush=True)


if __name__ == "__main__":
    main()
