"""Compares a picture with what a filter makes of it."""

import numpy as np

from selfwright import InvalidCandidate

IMAGE = (np.arange(48 * 64).reshape(48, 64) * 7 % 251).astype(np.uint8)


def cases(stage):
    """Return the one picture."""
    return ["ramp"]


def measure(candidate, case):
    """Return how near it is."""
    got = candidate.call("blur", IMAGE).value
    if not isinstance(got, np.ndarray):
        raise InvalidCandidate(f"{case.id}: blur returned {type(got).__name__}, expected an array of uint8")
    if got.dtype.kind == "f" and not np.isfinite(got).all():
        raise InvalidCandidate(f"{case.id}: blur returned numbers that are not finite")
    if got.dtype != np.uint8:
        raise InvalidCandidate(f"{case.id}: blur returned dtype {got.dtype}, expected uint8")
    if got.shape != IMAGE.shape:
        raise InvalidCandidate(f"{case.id}: blur returned shape {got.shape}, expected {IMAGE.shape}")
    error = float(np.mean((got.astype(float) - IMAGE) ** 2))
    return {"psnr_db": 99.0 if error == 0 else 10 * np.log10(255**2 / error)}
