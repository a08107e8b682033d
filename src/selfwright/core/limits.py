"""Limits of one call into the sandbox."""

from dataclasses import dataclass
from enum import StrEnum


class Profile(StrEnum):
    """What kind of program it is, hence which limits make sense."""

    PYTHON = "python"
    NATIVE = "native"
    GPU = "gpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may use.

    Attributes:
        wall_s: Deadline by the supervisor's clock.
        memory_mb: Memory of the whole call, in MiB.
        output_mb: The largest result, in MiB.
        log_kb: How much of its output is kept, in KiB; what exceeds it is dropped and said.
        files_mb: The largest file it may write, in MiB.
        processes: Processes and threads.
        profile: See :class:`Profile`.
        allow: What was granted on purpose: ``exec``, ``network``.
    """

    wall_s: float = 20.0
    memory_mb: int = 2048
    output_mb: int = 256
    log_kb: int = 64
    files_mb: int = 64
    processes: int = 64
    profile: Profile = Profile.PYTHON
    allow: tuple[str, ...] = ()


DEFAULT = Limits()
"""What a problem that says nothing of limits gets."""
