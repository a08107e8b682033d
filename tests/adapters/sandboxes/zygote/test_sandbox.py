"""The sandbox `zygote`, by the contract of all sandboxes and by what it alone promises."""

from __future__ import annotations

from collections.abc import Iterable

import psutil

from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox
from selfwright.testing.sandbox import SandboxContract


class TestContract(SandboxContract):
    def make(self) -> ZygoteSandbox:
        return ZygoteSandbox()

    def alive(self, pids: Iterable[int]) -> list[int]:
        """Inside they have other numbers: what a box's init has below it is what lives; the box that waits has none."""
        inits = [child for client in psutil.Process().children() for child in client.children()]
        boxes = [box for init in inits for box in init.children()]
        candidates = [each for box in boxes for each in box.children(recursive=True)]
        assert len(boxes) <= len(inits), boxes
        return [each.pid for each in psutil.wait_procs(candidates, timeout=10)[1]]
