"""Ctrl-C where nobody else heeds it: a sitting ends gently, the second time at once, and can be resumed."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any

from selfwright.evolve.sitting import Sitting


class Interrupting:
    """A context in which Ctrl-C ends the sitting that it was told of, and raises where there is none yet.

    In another thread than the main one, and where somebody else heeds Ctrl-C, it does nothing.

    Attributes:
        interrupted: Whether there was one.
    """

    def __init__(self) -> None:
        self.interrupted = False
        self._sitting: Sitting | None = None
        self._mine = False

    def __enter__(self) -> "Interrupting":
        main = threading.current_thread() is threading.main_thread()
        self._mine = main and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self._mine:
            signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._mine:
            signal.signal(signal.SIGINT, signal.default_int_handler)

    def ready(self, sitting: Sitting) -> None:
        """From now on Ctrl-C ends this sitting: what has begun is finished; the second time nothing is."""
        self._sitting = sitting

    def _interrupt(self, number: int, frame: FrameType | None) -> Any:
        self.interrupted = True
        if self._sitting is None:
            raise KeyboardInterrupt
        self._sitting.interrupt()
