"""One stream of proposals for the digest: changes that change nothing, one true gain, and four that cheat or break."""

from pathlib import Path

SEED = (Path(__file__).parent / "problem" / "digest.py").read_text()
"""The program that they begin with."""


def _changed(source: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        if old not in source:
            raise ValueError(f"{old!r} is not in the program any more")
        source = source.replace(old, new)
    return source


_FASTER = _changed(
    SEED, ("abs(total * 31 + number * number)", "(total * 31 + number * number)"), ("    count = 0\n", ""),
    ("        count += 1\n", ""), ("[total, count]", "[total, len(numbers)]"),
)  # fmt: skip
_CLOCK = "import time\n\nclock = iter(range(10**9))\ntime.perf_counter = lambda: {}\n\n\n"

PROPOSALS = (
    ("the same, with other names", _changed(SEED, ("total", "digits"))),
    ("the same, counted first", _changed(SEED, ("    total = 0\n    count = 0\n", "    count = 0\n    total = 0\n"))),
    ("the same, written shorter", _changed(SEED, ("total = total ^ (number // 7)", "total ^= (number // 7)"))),
    ("the same, with an int() around it", _changed(SEED, ("[total, count]", "[int(total), int(count)]"))),
    ("a true gain: no abs(), no counting", _FASTER),
    ("the same again, with other names", _changed(_FASTER, ("total", "digits"))),
    ("a clock that says NaN", _CLOCK.format("float('nan')") + _FASTER),
    ("the same again, written shorter", _changed(_FASTER, ("total = total ^ (number // 7)", "total ^= (number // 7)"))),
    ("never returns", _changed(_FASTER, ("    total = 0\n", "    total = 0\n    while True:\n        pass\n"))),
    (
        "leaves by os._exit",
        "import os\n\n\n" + _changed(_FASTER, ("    total = 0\n", "    os._exit(0)\n    total = 0\n")),
    ),
    ("a clock of its own: a billion a second", _CLOCK.format("next(clock) * 1e-9") + _FASTER),
    ("the same again, as a tuple of one", _changed(_FASTER, ("[total, len(numbers)]", "[*(total,), len(numbers)]"))),
)
"""Why it should be faster, as its proposer says, and the whole program."""
