"""What a machine is, as far as a measurement can depend on it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where something was measured: two with one fingerprint must give deterministic metrics alike, to the bit.

    Attributes:
        cpu: Its model.
        kernel: ``Linux 6.1.0 x86_64``.
        python: ``CPython 3.11.7``.
        packages: Name → version of every distribution that is installed beside it.
    """

    cpu: str
    kernel: str
    python: str
    packages: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """One short hash of all of it."""
        facts = [self.cpu, self.kernel, self.python, sorted(self.packages.items())]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def differences(self, other: "Machine") -> list[str]:
        """Return what is otherwise on ``other``, in words."""
        words = [
            f"{name} {ours} / {theirs}"
            for name, ours, theirs in (
                ("cpu", self.cpu, other.cpu), ("kernel", self.kernel, other.kernel),
                ("python", self.python, other.python),
            )
            if ours != theirs
        ]  # fmt: skip
        for name in sorted(self.packages.keys() | other.packages.keys()):
            ours, theirs = self.packages.get(name, "none"), other.packages.get(name, "none")
            words += [f"{name} {ours} / {theirs}"] if ours != theirs else []
        return words
