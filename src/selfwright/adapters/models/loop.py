"""The one event loop of the process that talks to models, in a thread of its own; everybody else waits in theirs."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, wait
from functools import cache
from typing import Any, TypeVar

from selfwright.core.errors import Unavailable

T = TypeVar("T")

_LOOK_S = 0.1
"""How often a waiting thread looks whether its call was let go of."""


class EventLoop:
    """An event loop that runs as long as the process."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="models", daemon=True).start()

    def run(self, call: Coroutine[Any, Any, T], *, cancel: threading.Event) -> T:
        """Return what a coroutine returns, or raise what it raises; from any thread but the loop's.

        Raises:
            Unavailable: ``cancel`` was set first.
        """
        future = asyncio.run_coroutine_threadsafe(call, self._loop)
        while not cancel.is_set() and not wait([future], timeout=_LOOK_S).done:
            pass
        if cancel.is_set() and not future.done():
            future.cancel()
        try:
            return future.result()
        except CancelledError as error:
            raise Unavailable("the call was let go of") from error


def event_loop() -> EventLoop:
    """Return the loop of this process; it starts when it is first asked for."""
    with _starting:  # a cache alone lets two threads that are the first make one each
        return _started()


_starting = threading.Lock()


@cache
def _started() -> EventLoop:
    return EventLoop()
