"""Moves bytes between supervisor and box, within bounds, until there is an answer, an end or the deadline.

Nothing here waits for the end of a pipe: a grandchild may hold it for ever.
"""

import fcntl
import os
import select
import time
from contextlib import suppress
from enum import StrEnum
from io import BytesIO

from selfwright.adapters.sandboxes.supervised import Supervised
from selfwright.core.printable import printable

_CHUNK = 1 << 20
_SLICE_S = 0.05  # how often memory is looked at
_DRAIN = 64  # reads of a pipe that somebody may still be filling


class Stop(StrEnum):
    """Why a pump stopped."""

    ANSWERED = "answered"
    ENDED = "ended"
    LATE = "late"
    TOO_LARGE = "too_large"
    TOO_MUCH_MEMORY = "too_much_memory"


class Frame:
    """A reply that says how long it is: 8 bytes, big-endian, then as many.

    Args:
        most: Bytes that it may have.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._header = bytearray()
        self._content = BytesIO()  # not a list of chunks, which costs as much for a byte as for a page
        self.wanted = 8

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, at most ``wanted``."""
        self.wanted -= len(chunk)
        if len(self._header) < 8:
            self._header += chunk
            if len(self._header) == 8:
                self.wanted = int.from_bytes(self._header, "big")
        else:
            self._content.write(chunk)

    @property
    def too_large(self) -> bool:
        """Whether more is announced than it may have; known before a byte of it is read."""
        return len(self._header) == 8 and self.wanted > self._most

    def content(self) -> bytes:
        """Return what came after the length; not copied once more."""
        return self._content.getvalue()


class Stream:
    """Output without an announced length; it is never complete before the process ends.

    Args:
        most: Bytes that it may have.
    """

    def __init__(self, most: int) -> None:
        self.wanted = most + 1
        self._content = BytesIO()

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, at most ``wanted``."""
        self.wanted -= len(chunk)
        self._content.write(chunk)

    @property
    def too_large(self) -> bool:
        """Whether more came than it may have."""
        return self.wanted == 0

    def content(self) -> bytes:
        """Return what came."""
        return self._content.getvalue()


class Log:
    """The first bytes of what a box writes; the rest is counted.

    Args:
        most: Bytes that are kept, each time.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept = bytearray()
        self._dropped = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes."""
        kept = chunk[: self._most - len(self._kept)]
        self._kept += kept
        self._dropped += len(chunk) - len(kept)

    def take(self) -> str:
        """Return the text since the last time, fit for a terminal."""
        text = printable(bytes(self._kept))
        if self._dropped:
            text += f"\n... {self._dropped} bytes more were dropped\n"
        self._kept.clear()
        self._dropped = 0
        return text


class Pipes:
    """The three pipes of a box: requests to it, replies and log from it. Ours do not block; ``theirs`` it inherits."""

    def __init__(self) -> None:
        pairs = [os.pipe() for _ in range(3)]
        self.requests, self.replies, self.log = pairs[0][1], pairs[1][0], pairs[2][0]
        self.theirs = (pairs[0][0], pairs[1][1], pairs[2][1])
        for fd in (self.requests, self.replies, self.log):
            os.set_blocking(fd, False)
            if hasattr(fcntl, "F_SETPIPE_SZ"):
                with suppress(OSError):  # an ordinary user has a quota; the default serves, more slowly
                    fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, _CHUNK)

    def close_theirs(self) -> None:
        """Close the ends that the process has inherited."""
        for fd in self.theirs:
            os.close(fd)

    def close_requests(self) -> None:
        """Let it see the end of its requests. Twice is harmless."""
        if self.requests >= 0:
            os.close(self.requests)
            self.requests = -1

    def close(self) -> None:
        """Close our ends; once only."""
        self.close_requests()
        os.close(self.replies)
        os.close(self.log)


class Pump:
    """One exchange.

    Args:
        outgoing: What is sent, one part after the other.
        last: Whether the requests end with it.
    """

    def __init__(
        self, process: Supervised, pipes: Pipes, *, outgoing: list[bytes], last: bool, reply: Frame | Stream, log: Log
    ) -> None:
        self._process = process
        self._pipes = pipes
        self._outgoing = [memoryview(part) for part in outgoing if part]
        self._last = last
        self._reply = reply
        self._log = log
        self._poll = select.poll()

    def run(self, wall_s: float) -> Stop:
        """Move bytes until there is a reason to stop."""
        now = time.monotonic()
        deadline, looked = now + wall_s, now
        self._poll.register(self._pipes.requests, select.POLLOUT)
        for fd in (self._pipes.replies, self._pipes.log, self._process.ended_fd):
            if fd is not None:
                self._poll.register(fd, select.POLLIN)
        pause = 0.001  # short at first, or the memory of a short command is never seen
        stop = None
        while stop is None:
            ready = {fd for fd, _ in self._poll.poll(max(0.0, min(deadline - now, pause)) * 1000)}
            pause = min(2 * pause, _SLICE_S)
            now = time.monotonic()
            stop = self._step(ready)
            if not ready or stop is Stop.ANSWERED or now - looked > pause:
                looked = now
                stop = Stop.TOO_MUCH_MEMORY if self._process.watch() and stop is None else stop
            if stop is None and now >= deadline:
                stop = Stop.LATE
        self._read_log(_DRAIN)
        return stop

    def _step(self, ready: set[int]) -> Stop | None:
        ended = self._process.ended_fd in ready or self._process.has_ended()
        if self._pipes.requests in ready:
            self._send()
        if self._pipes.log in ready:
            self._read_log(1)
        if self._pipes.replies in ready or ended:
            self._receive(_DRAIN if ended else 1)
        if self._reply.too_large:
            return Stop.TOO_LARGE
        if self._reply.wanted == 0:
            return Stop.ANSWERED
        return Stop.ENDED if ended else None

    def _send(self) -> None:
        try:
            while self._outgoing:
                sent = os.writev(self._pipes.requests, self._outgoing)
                while self._outgoing and sent >= len(self._outgoing[0]):
                    sent -= len(self._outgoing.pop(0))
                if sent:
                    self._outgoing[0] = self._outgoing[0][sent:]
        except BlockingIOError:
            return
        except BrokenPipeError:  # it reads no more: its end, or its answer, says the rest
            self._outgoing.clear()
        self._poll.unregister(self._pipes.requests)
        if self._last:
            self._pipes.close_requests()

    def _receive(self, reads: int) -> None:
        for _ in range(reads):
            if self._reply.wanted == 0 or self._reply.too_large:
                return
            try:
                chunk = os.read(self._pipes.replies, min(_CHUNK, self._reply.wanted))
            except BlockingIOError:
                return
            if not chunk:
                self._forget(self._pipes.replies)
                return
            self._reply.feed(chunk)

    def _read_log(self, reads: int) -> None:
        for _ in range(reads):
            try:
                chunk = os.read(self._pipes.log, _CHUNK)
            except BlockingIOError:
                return
            if not chunk:
                self._forget(self._pipes.log)
                return
            self._log.feed(chunk)

    def _forget(self, fd: int) -> None:
        with suppress(KeyError):  # it may have been forgotten already
            self._poll.unregister(fd)
