"""The trusted guest of the sandbox contract: does inside, on demand, what a program might do there.

Requests come on descriptor 3, replies go to descriptor 4; a frame is its length (8 bytes, big-endian) and its content;
the end of the requests is the end. A request is a verb, a space and its argument. Standard library only, and nothing of
selfwright: it runs as ``python -I -B guest_echo.py``, in the directory of the program's files.
"""

import os
import posix
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

_REQUESTS, _REPLIES = 3, 4
_FOREVER_S = 600


class Guest:
    """What it can do: one method a verb."""

    def __init__(self) -> None:
        self._count = 0

    def echo(self, argument: bytes) -> bytes:
        """Return the argument."""
        return argument

    def count(self, argument: bytes) -> bytes:
        """Return how often this was asked of this process."""
        self._count += 1
        return b"%d" % self._count

    def pid(self, argument: bytes) -> bytes:
        """Return the id of this process."""
        return b"%d" % os.getpid()

    def say(self, argument: bytes) -> bytes:
        """Print the argument, to standard output and to standard error."""
        for descriptor in (1, 2):
            os.write(descriptor, argument)
        return b"said"

    def read(self, argument: bytes) -> bytes:
        """Return the content of a file, or why not."""
        try:
            return Path(os.fsdecode(argument)).read_bytes()
        except OSError as error:
            return b"error: " + str(error.strerror).encode()

    def write(self, argument: bytes) -> bytes:
        """Write a file into every folder that can be written: working directory, home, temporary; return how many."""
        written = 0
        for folder in (".", posix.environ.get(b"HOME", b"."), posix.environ.get(b"TMPDIR", b"/tmp")):
            try:
                Path(os.fsdecode(folder), os.fsdecode(argument)).write_bytes(b"left behind")
                written += 1
            except OSError:
                continue
        return b"%d" % written

    def find(self, argument: bytes) -> bytes:
        """Return how many of the folders that ``write`` writes to hold the file."""
        folders = (b".", posix.environ.get(b"HOME", b"."), posix.environ.get(b"TMPDIR", b"/tmp"))
        return b"%d" % sum(Path(os.fsdecode(folder), os.fsdecode(argument)).exists() for folder in folders)

    def environment(self, argument: bytes) -> bytes:
        """Return all names and values."""
        return b"\n".join(b"%s=%s" % pair for pair in posix.environ.items())

    def large(self, argument: bytes) -> bytes:
        """Return so many bytes."""
        return b"x" * int(argument)

    def loop(self, argument: bytes) -> bytes:
        """Never return, and use the processor."""
        while True:
            pass

    def sleep(self, argument: bytes) -> bytes:
        """Do not return in time."""
        time.sleep(_FOREVER_S)
        return b""

    def ignore(self, argument: bytes) -> bytes:
        """Ignore every polite signal, then never return."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_IGN)
        return self.sleep(argument)

    def flood(self, argument: bytes) -> bytes:
        """Print without end."""
        while True:
            os.write(1, b"words without end\n" * 1000)

    def exit(self, argument: bytes) -> bytes:
        """End with this code."""
        os._exit(int(argument))

    def abort(self, argument: bytes) -> bytes:
        """End by SIGABRT."""
        os.abort()

    def child(self, argument: bytes) -> bytes:
        """Start a process that keeps every pipe open; return its id, or (``leave``) end without a reply."""
        child = os.fork()
        if child == 0:
            time.sleep(_FOREVER_S)
            os._exit(0)
        if argument == b"leave":
            os._exit(0)
        return b"%d" % child


def main() -> None:
    """Serve requests to their end."""
    guest = Guest()
    with open(_REQUESTS, "rb") as requests, open(_REPLIES, "wb") as replies:
        while len(length := requests.read(8)) == 8:
            verb, _, argument = requests.read(int.from_bytes(length, "big")).partition(b" ")
            do: Callable[[bytes], bytes] = getattr(guest, verb.decode())
            reply = do(argument)
            replies.write(len(reply).to_bytes(8, "big"))
            replies.write(reply)
            replies.flush()
    sys.exit(0)


if __name__ == "__main__":
    main()
