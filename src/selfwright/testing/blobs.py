"""The contract of blob stores, and one in memory."""

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from selfwright.core.change import content_id
from selfwright.ports.blobs import Blobs
from selfwright.testing.refusal import refused


class MemoryBlobs:
    """Blobs that end with their process; satisfies ``ports.blobs.Blobs``.

    Attributes:
        contents: sha256 → content.
    """

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        sha256 = content_id(content)
        self.contents[sha256] = content
        return sha256

    def get(self, sha256: str) -> bytes:
        return self.contents[sha256]


CONTENTS = {
    "empty": b"",
    "a byte": b"\0",
    "a source": b"def f():\n    return 1\n" * 100,
    "large, well packed": b"abc" * 100_000,
    "large": random.Random(1).randbytes(300_000),
    "very large": b"a" + random.Random(2).randbytes(2_000_000),
}


class BlobsContract:
    """What every blob store must do. Inherit, and say how one is opened."""

    def open(self, folder: Path) -> Blobs:
        """Return a new handle of the store that lives in ``folder``, which is empty at first."""
        raise NotImplementedError

    def test_what_was_put_is_got(self, tmp_path: Path) -> None:
        """Whatever its size; its name is its sha256; putting it again changes nothing."""
        blobs = self.open(tmp_path)
        for what, content in CONTENTS.items():
            sha256 = blobs.put(content)
            assert sha256 == content_id(content) == blobs.put(content), what
            assert blobs.get(sha256) == content, what

    def test_other_handles_see_it(self, tmp_path: Path) -> None:
        """Also one that was open before."""
        other = self.open(tmp_path)
        for content in CONTENTS.values():
            self.open(tmp_path).put(content)
            assert other.get(content_id(content)) == content

    def test_an_unknown_one_is_a_key_error(self, tmp_path: Path) -> None:
        """So is what is no sha256 at all, wherever it points."""
        (tmp_path / "secret").write_bytes(b"secret")
        blobs = self.open(tmp_path)
        for content in CONTENTS.values():
            blobs.put(content)
        for name in (content_id(b"never put"), "", "..", "..secret", "../secret", str(tmp_path / "secret")):
            with refused(KeyError):
                blobs.get(name)

    def test_threads_may_get_and_put(self, tmp_path: Path) -> None:
        """Proposers read programs from threads of their own while the loop writes."""
        blobs = self.open(tmp_path)
        contents = [b"source %d\n" % number * (1 + 20_000 * (number % 2)) for number in range(16)]
        with ThreadPoolExecutor(max_workers=4) as pool:
            names = list(pool.map(blobs.put, [*contents, *contents]))
            assert list(pool.map(blobs.get, names)) == [*contents, *contents]
