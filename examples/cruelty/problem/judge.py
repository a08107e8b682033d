"""Has a text packed and unpacked, each in a process of its own, and counts the bytes between."""

from selfwright import InvalidCandidate

WORDS = ("bits", "loss", "gain", "rate")
TEXT = " ".join(f"the {word} of the {other}" for word in WORDS for other in range(80)).encode()


def cases(stage):
    """Return the one case."""
    return ["text"]


def measure(candidate, case):
    """Return the size, if the text comes back."""
    packed = candidate.call("pack", TEXT).value
    if not isinstance(packed, bytes) or candidate.call("unpack", packed).value != TEXT:
        raise InvalidCandidate("what was unpacked is not what was packed")
    return {"packed": len(packed)}
