"""The event loop of the process: one, whoever asks first."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from selfwright.adapters.models import loop


def test_threads_that_ask_at_the_same_time_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow:
        def __init__(self) -> None:
            threading.Event().wait(0.05)  # so that all others have asked before it is there

    def ask(_: int) -> object:
        together.wait(60)
        return loop.event_loop()

    together = threading.Barrier(8)
    monkeypatch.setattr(loop, "EventLoop", Slow)
    monkeypatch.setattr(loop, "_started", loop.cache(loop._started.__wrapped__))
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
