"""A command of ours in a process of its own, which lives on when whoever started it goes away."""

import os
import signal
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Sequence
from contextlib import suppress

from selfwright.config import environment_of_errands
from selfwright.core.errors import BadInput
from selfwright.core.printable import printable

_TAIL = 4096
_GRACE_S = 10.0


class Errand:
    """A started ``selfwright ARGUMENTS``.

    It has a session of its own, so that no terminal and no group takes it along, and an empty standard input. What it
    says goes to a file without a name, of which the end can be read.

    Args:
        arguments: Of the command line.

    Raises:
        BadInput: It could not be started.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self.name = f"selfwright {arguments[0]}"
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - for as long as this object
        weakref.finalize(self, self._said.close)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "selfwright", *arguments], env=environment_of_errands(),
                stdin=subprocess.DEVNULL, stdout=self._said, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise BadInput(
                f"{sys.executable} can not be started: {error.strerror}; is the disk or memory full?"
            ) from error

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    @property
    def failed(self) -> bool:
        """Whether it has ended, and not well."""
        return bool(self._process.poll())

    def last_words(self) -> str:
        """Return the last line that it said; nothing where it said none."""
        size = os.fstat(self._said.fileno()).st_size
        end = os.pread(self._said.fileno(), _TAIL, max(0, size - _TAIL))  # the offset itself is the child's too
        lines = [line.strip() for line in printable(end).splitlines() if line.strip()]
        return lines[-1].removeprefix("selfwright: ") if lines else ""

    def end(self) -> None:
        """Interrupt it, as Ctrl-C does, and wait; what does not heed that is killed with its group."""
        if self.running:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_GRACE_S)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
