"""Text for the program, new for each pair, and what is right."""

import random
from collections import Counter

from selfwright import InvalidCandidate


def text(stage):
    """Return 10,000 words, of 1,500 different ones."""
    draw = random.Random(stage.seed)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(draw.choices(letters, k=draw.randint(3, 12))) for _ in range(1500)]
    return " ".join(draw.choices(words, k=10_000)).encode()


def check(stdout, files, stage):
    """Refuse any line that differs."""
    wanted = sorted(Counter(text(stage).decode().split()).items())
    said = stdout.decode(errors="replace").splitlines()
    for number, (word, count) in enumerate(wanted):
        line = said[number] if number < len(said) else "nothing"
        if line != f"{word} {count}":
            raise InvalidCandidate(f"line {number + 1}: expected {word} {count}, got {line[:80]}")
    if len(said) > len(wanted):
        raise InvalidCandidate(f"{len(said)} lines, expected {len(wanted)}")
