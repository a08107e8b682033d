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
        """Inside they have other numbers: what a zygote's init has below it is what lives."""
        inits = [child for client in psutil.Process().children() for child in client.children()]
        boxes = [box for init in inits for box in init.children(recursive=True)]
        return [box.pid for box in psutil.wait_procs(boxes, timeout=10)[1]]
