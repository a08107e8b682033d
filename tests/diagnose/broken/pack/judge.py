"""The judge of the README."""

from selfwright import InvalidCandidate

TEXTS = {"words": b"the bits and the Pieces of the text " * 9}


def cases(stage):
    """Return the names of the texts."""
    return list(TEXTS)


def measure(candidate, case):
    """Return the size of a text that comes back as it was."""
    packed = candidate.call("pack", TEXTS[case.id]).value
    if type(packed) is not bytes or candidate.call("unpack", packed).value != TEXTS[case.id]:
        raise InvalidCandidate(
            f"{case.id}: pack returned {type(packed).__name__}, expected bytes"
            if type(packed) is not bytes
            else f"{case.id}: what was unpacked is not what was packed"
        )
    return {"bytes": len(packed)}
