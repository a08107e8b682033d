"""Pairs of texts, new for each pair of measurements, and their distances, computed here and not by the program.

By the bit vectors of Myers (1999) in the form of Hyyro (2003), with Python's own integers as vectors of any length.
"""

import random

from selfwright import InvalidCandidate

PAIRS = 6
MOST = 2400
"""Letters of a text, at most."""


def pairs(stage):
    """Return the standard input: two words a line."""
    return "".join(f"{a} {b}\n" for a, b in _texts(stage.seed)).encode()


def check(stdout, files, stage):
    """Refuse any number that differs."""
    said = stdout.decode(errors="replace").split("\n")[:-1]
    if len(said) != PAIRS:
        raise InvalidCandidate(f"printed {len(said)} lines, expected {PAIRS}")
    for number, ((a, b), line) in enumerate(zip(_texts(stage.seed), said, strict=True), start=1):
        if line != str(distance(a, b)):
            raise InvalidCandidate(f"pair {number}: expected {distance(a, b)}, got {line[:40]}")


def distance(a: str, b: str) -> int:
    """Return the edit distance of two texts, the first not empty."""
    last, every = 1 << (len(a) - 1), (1 << len(a)) - 1
    where = {letter: sum(1 << at for at, each in enumerate(a) if each == letter) for letter in set(a)}
    more, less, score = every, 0, len(a)
    for letter in b:
        match = where.get(letter, 0)
        diagonal = ((((match & more) + more) ^ more) | match | less) & every
        up, down = less | (every & ~(diagonal | more)), more & diagonal
        score += bool(up & last) - bool(down & last)
        up = (up << 1 | 1) & every
        more, less = (down << 1 & every) | (every & ~(diagonal | up)), up & diagonal
    return score


def _texts(seed):
    """Return pairs of texts: half of them unlike, half of them a text and what many small changes made of it."""
    draw = random.Random(seed)
    for number in range(PAIRS):
        a = "".join(draw.choices("acgt", k=draw.randint(MOST * 3 // 4, MOST)))
        if number % 2:
            yield a, "".join(draw.choices("acgt", k=draw.randint(MOST * 3 // 4, MOST)))
        else:
            yield a, "".join(_changed(draw, letter) for letter in a) or "a"


def _changed(draw, letter):
    """Return one letter after it went through a copy with errors: itself, another, none, or two."""
    luck = draw.random()
    if luck > 0.15:
        return letter
    return "" if luck > 0.1 else draw.choice("acgt") + (letter if luck > 0.05 else "")
