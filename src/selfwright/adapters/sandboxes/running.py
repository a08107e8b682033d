"""The commands that a sandbox runs now, so that closing it ends them, whichever thread waits for them."""

import threading
import weakref
from typing import TypeVar

from selfwright.adapters.sandboxes.process import Process
from selfwright.core.errors import SandboxError

CLOSED = "the sandbox was closed"

P = TypeVar("P", bound=Process)


class Running:
    """The commands of one sandbox; none begins any more once it is closed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._processes: weakref.WeakSet[Process] = weakref.WeakSet()

    def add(self, process: P) -> P:
        """Note a process that has just been started, and return it.

        Raises:
            SandboxError: The sandbox is closed, and the process has ended.
        """
        with self._lock:
            if not self._closed:
                self._processes.add(process)
                return process
        process.end()
        raise SandboxError(CLOSED)

    def close(self) -> None:
        """End them all."""
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.let_go(CLOSED)
