"""Lines of a log as text to pack, and the unpacker: it runs outside, so that nothing can be left out."""

import random

from selfwright import InvalidCandidate

_VERBS = ("opened", "closed", "read", "wrote", "dropped", "refused")
_THINGS = ("a connection", "the file", "a message", "the queue", "a token")


def text(stage):
    """Return 46 KB of a log."""
    draw = random.Random(stage.seed)
    time_ms, lines = 0, []
    while len(lines) < 1000:
        time_ms += draw.randrange(2000)
        address = f"10.0.{draw.randrange(4)}.{draw.randrange(40)}"
        lines.append(
            f"{time_ms:09d} INFO {address} {draw.choice(_VERBS)} {draw.choice(_THINGS)} {draw.randrange(9999)}"
        )
    return "\n".join(lines).encode()


def check(stdout, files, stage):
    """Refuse what does not unpack to the text."""
    unpacked, expected = unpack(files["packed.bin"]), text(stage)
    if unpacked != expected:
        shorter = min(len(unpacked), len(expected))
        at = next((at for at in range(shorter) if unpacked[at] != expected[at]), shorter)
        raise InvalidCandidate(
            f"unpacks to {len(unpacked)} bytes, expected {len(expected)}; the first that differs is byte {at}"
        )


def unpack(packed):
    """Return the bytes that a packed file stands for."""
    out, at = bytearray(), 0
    while at < len(packed):
        head = packed[at]
        if head < 128:
            out += packed[at + 1 : at + 2 + head]
            at += 2 + head
            continue
        distance = int.from_bytes(packed[at + 1 : at + 3], "big")
        if not 0 < distance <= len(out):
            raise InvalidCandidate(f"byte {at}: copies from {distance} bytes before, and {len(out)} are there")
        for _ in range(head - 124):
            out.append(out[-distance])
        at += 3
    return bytes(out)
