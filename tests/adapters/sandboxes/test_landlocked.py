"""The sandbox `landlock`, by the contract of all sandboxes and by what it alone promises."""

from __future__ import annotations

from selfwright.adapters.sandboxes.landlocked import LandlockSandbox
from selfwright.testing.sandbox import SandboxContract


class TestContract(SandboxContract):
    def make(self) -> LandlockSandbox:
        return LandlockSandbox()
