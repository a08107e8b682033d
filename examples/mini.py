"""The whole idea of Selfwright in one file: propose, try, judge, adopt.

A program (a text packer) is improved by proposals that nobody has to trust. Each is tried in a process of its own, with
a deadline; a judge that the candidate can not reach measures what came out; what is proven better becomes a commit that
carries its measurements. One proposal cheats, one crashes, one hangs and one is worse: none of them is adopted.

    python examples/mini.py
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

DEADLINE_S = 5.0
MINIMUM_EFFECT = 0.01
TEXT = (" ".join(f"the {word} of the {other}" for word in ("bits", "loss", "gain") for other in range(60))).encode()

SEED = "def pack(text):\n    return text\n\ndef unpack(packed):\n    return packed\n"
ZLIB = """import zlib

def pack(text):
    return zlib.compress(text, {})

def unpack(packed):
    return zlib.decompress(packed)
"""
LZMA = """import lzma

MODEL = [{"id": lzma.FILTER_LZMA2, "lc": 0, "pb": 0}]

def pack(text):
    return lzma.compress(text, lzma.FORMAT_RAW, filters=MODEL)

def unpack(packed):
    return lzma.decompress(packed, lzma.FORMAT_RAW, None, MODEL)
"""
PROPOSALS = [
    ("compress", ZLIB.format(1)),
    ("throw the text away", "def pack(text):\n    return b''\n\ndef unpack(packed):\n    return packed\n"),
    ("search longer for matches", ZLIB.format(9)),
    ("divide by zero", "def pack(text):\n    return 1 / 0\n"),
    ("never return", "def pack(text):\n    while True:\n        pass\n"),
    ("store it", ZLIB.format(0)),
    ("a better model", LZMA),
]

GUEST = """
import sys
space = {}
exec(sys.argv[1], space)
sys.stdout.buffer.write(space[sys.argv[2]](sys.stdin.buffer.read()))
"""


class InvalidCandidate(Exception):
    """The candidate failed: data for us, never an error of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An adopted program and the number of bytes that was measured for it."""

    source: str
    packed_bytes: int


def call(source: str, function: str, data: bytes) -> bytes:
    """Run one function of a candidate in a fresh process, within a deadline; bytes in, bytes out."""
    argv = [sys.executable, "-I", "-c", GUEST, source, function]
    try:
        done = subprocess.run(argv, input=data, capture_output=True, timeout=DEADLINE_S, env={}, check=False)
    except subprocess.TimeoutExpired as error:
        raise InvalidCandidate(f"{function} did not return within {DEADLINE_S:g} s") from error
    if done.returncode:
        raise InvalidCandidate(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return done.stdout


def measure(source: str) -> int:
    """Return the size of the packed text; the judge unpacks it in another process before it believes anything."""
    packed = call(source, "pack", TEXT)
    if call(source, "unpack", packed) != TEXT:
        raise InvalidCandidate("what was unpacked is not what was packed")
    return len(packed)


def better(candidate: int, incumbent: int) -> bool:
    """The gate: exact for a deterministic metric, and never for a gain that is not worth a commit."""
    return incumbent - candidate >= MINIMUM_EFFECT * incumbent


def commit(repository: Path, number: int, version: Version, reason: str) -> None:
    """Make the version a commit that carries its measurement."""
    (repository / "packer.py").write_text(version.source)
    trailer = json.dumps({"packed_bytes": version.packed_bytes})
    message = f"v{number}: {reason}\n\nMetrics: {trailer}"
    who = ["-c", "user.name=mini", "-c", "user.email=mini@localhost", "-c", "commit.gpgSign=false"]
    for arguments in (["add", "packer.py"], ["commit", "--quiet", "-m", message]):
        subprocess.run(["git", "-C", str(repository), *who, *arguments], check=True, timeout=DEADLINE_S)


def evolve(repository: Path) -> list[Version]:
    """Try every proposal against the incumbent, adopt what is better, and return the versions."""
    subprocess.run(["git", "init", "--quiet", str(repository)], check=True, timeout=DEADLINE_S)
    versions = [Version(source=SEED, packed_bytes=measure(SEED))]
    commit(repository, 0, versions[0], "the seed")
    for reason, source in PROPOSALS:
        try:
            candidate = Version(source=source, packed_bytes=measure(source))
        except InvalidCandidate as failure:
            print(f"  rejected: {reason}: {failure}")
            continue
        if better(candidate.packed_bytes, versions[-1].packed_bytes) and measure(source) == candidate.packed_bytes:
            versions.append(candidate)
            commit(repository, len(versions) - 1, candidate, reason)
            print(f"v{len(versions) - 1} adopted: {reason}: {candidate.packed_bytes} bytes")
        else:
            print(f"  rejected: {reason}: {candidate.packed_bytes} bytes, not fewer than {versions[-1].packed_bytes}")
    return versions


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        evolve(Path(folder))
        log = ["git", "-C", folder, "log", "--format=%h %s  %(trailers:key=Metrics,separator= )"]
        print(subprocess.run(log, check=True, capture_output=True, text=True, timeout=DEADLINE_S).stdout)
