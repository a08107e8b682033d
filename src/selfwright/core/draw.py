"""Seeded draws that are functions of what they are for, never of when they were made.

A generator with a state would give other numbers after a resume or with another number of workers. Here each draw is
the sha256 of (seed, purpose, trial, attempt, pair).
"""

import hashlib


def draw(seed: int, purpose: str, trial: int = 0, attempt: int = 0, pair: int = 0) -> int:
    """Return a uniform 63-bit integer for this purpose."""
    key = f"{seed}/{purpose}/{trial}/{attempt}/{pair}".encode()
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big") >> 1


def coin(seed: int, purpose: str, trial: int = 0, attempt: int = 0, pair: int = 0) -> bool:
    """Return a fair coin for this purpose."""
    return bool(draw(seed, purpose, trial, attempt, pair) & 1)


def item_seed(seed: int, purpose: str, stage: str, trial: int, attempt: int) -> int:
    """Return the draw that the judge sees: one for a stage; for a pair (``pair:3``) one for both of its sides."""
    kind, _, pair = purpose.partition(":")
    if not pair:
        return draw(seed, f"stage/{stage}")
    return draw(seed, f"{kind}/{stage}", trial, attempt, int(pair.partition(":")[0]))
