"""What a candidate says on any of its pipes, also where its box never came to be."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest

from selfwright.adapters.sandboxes import box, pump


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> bytearray:
    """Everything that boxes wrote to their replies and logs, and that nobody else has read, up to their end."""
    everything = bytearray()

    class Heard(pump.Pipes):
        def close(self) -> None:
            for pipe in (self.replies, self.log):
                with suppress(BlockingIOError):  # empty, and our own ends for the process may still be open
                    while chunk := os.read(pipe, 1 << 16):
                        everything.extend(chunk)
            super().close()

    monkeypatch.setattr(box, "Pipes", Heard)
    return everything
