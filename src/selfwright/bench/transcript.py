"""What a program was asked and what it answered, as one hash: equal where two programs answered the same, to the bit.

Made by the judge's side of bytes that it has received. That two hashes differ proves nothing: an answer may hold a
clock, an address or a random number.
"""

import hashlib
import threading

_MODULUS = 1 << 256


class Transcript:
    """All that one program was asked for one measurement.

    Conversations may run at the same time, so that their order does not count: the hash is the sum of the hashes of
    what was said (AdHash, of Bellare and Micciancio 1997). Within a conversation each has all that was said before.
    """

    def __init__(self) -> None:
        self._sum = 0
        self._said = 0
        self._whole = True
        self._lock = threading.Lock()

    def begin(self) -> "Conversation":
        """Return a conversation with one process of the program."""
        return Conversation(self)

    def forget(self) -> None:
        """Something was said that can not be compared, such as answers to inputs that are drawn anew each time."""
        self._whole = False

    @property
    def digest(self) -> str:
        """The hash; empty where nothing was said, or something that can not be compared."""
        return f"{self._sum:064x}" if self._said and self._whole else ""

    def take(self, said: bytes) -> None:
        """Take the hash of something that was said."""
        with self._lock:
            self._sum = (self._sum + int.from_bytes(said)) % _MODULUS
            self._said += 1


class Conversation:
    """Questions and answers whose order counts."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._hash = hashlib.sha256()

    def add(self, *parts: bytes) -> None:
        """Write down a question and its answer."""
        for part in parts:
            self._hash.update(len(part).to_bytes(8))
            self._hash.update(part)
        self._transcript.take(self._hash.digest())

    def forget(self) -> None:
        """What is said from now on can not be compared."""
        self._transcript.forget()
