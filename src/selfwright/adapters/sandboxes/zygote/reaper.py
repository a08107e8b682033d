"""Ends boxes that nobody asks after any more, while the next one already runs: the kernel takes milliseconds for it."""

import logging
import threading
from collections.abc import Callable
from queue import Queue

_MOST_WAITING = 4
_logger = logging.getLogger(__name__)

Ending = Callable[[], object]


class Reaper:
    """A thread that does one thing after another; it is there from the first on."""

    def __init__(self) -> None:
        self._endings: Queue[Ending | None] = Queue(_MOST_WAITING)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def take(self, end: Ending) -> None:
        """Have ``end`` called soon; waits itself where too many wait already."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="reaper", daemon=True)
                self._thread.start()
        self._endings.put(end)

    def close(self) -> None:
        """Return once everything that was taken is done."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread:
            self._endings.put(None)
            thread.join()

    def _work(self) -> None:
        while (end := self._endings.get()) is not None:
            try:
                end()
            except Exception:  # a thread's boundary: one that can not be put away must not hold up the others
                _logger.exception("a box could not be put away")
