"""The sandbox `bubblewrap`, by the contract of all sandboxes and by what it alone promises."""

from __future__ import annotations

from collections.abc import Iterable

import psutil

from selfwright.adapters.sandboxes.bubblewrap import BubblewrapSandbox
from selfwright.testing.sandbox import SandboxContract


class TestContract(SandboxContract):
    def make(self) -> BubblewrapSandbox:
        return BubblewrapSandbox()

    def alive(self, pids: Iterable[int]) -> list[int]:
        """Inside they have other numbers: what this process has below it is what lives."""
        return [child.pid for child in psutil.Process().children(recursive=True)]
