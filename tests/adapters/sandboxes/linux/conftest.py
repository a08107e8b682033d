"""What these tests start in ways of their own is gone after each: an orphan is adopted by whoever runs the tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest


@pytest.fixture(autouse=True)
def no_orphan() -> Iterator[None]:
    before = psutil.Process().children(recursive=True)
    yield
    for left in psutil.Process().children(recursive=True):
        if left not in before:
            with suppress(psutil.NoSuchProcess):
                left.kill()
            with suppress(ChildProcessError):
                os.waitpid(left.pid, 0)
