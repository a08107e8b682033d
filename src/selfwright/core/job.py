"""What a sandbox is given and what it gives back: bytes, limits and the supervisor's word."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus

_PROGRAMS = (b"#!", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def is_executable(content: bytes) -> bool:
    """Whether a file of this content is a script or a program of this machine, which a sandbox lets be executed."""
    return content.startswith(_PROGRAMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What shall run.

    Attributes:
        files: The program: path → content, read only for the candidate, below the directory that it starts in; what
            ``is_executable`` may be executed.
        guest: Path of the trusted Python file that runs inside and speaks with the supervisor (``Box.exchange``).
        limits: Of each exchange (wall) and of the process (everything else).
    """

    files: Mapping[str, bytes]
    guest: str
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """How an exchange or a command ended, by the supervisor's word.

    Attributes:
        status: ``ok`` where a whole reply arrived in time and within its size; nothing is said of its content.
        payload: The reply's bytes (the guest's frame, or the standard output of a command).
        reason: In words, for a status that is not ``ok``: signal, exit code, limit.
        wall_s: From sending the request to the last byte of the reply, by the supervisor's clock.
        cpu_s: CPU time of the candidate's processes in this exchange, where the system tells, else 0.
        peak_memory_bytes: Of the process so far.
        log: What it wrote to standard output and error in this exchange: capped, decoded, control characters removed.
        files: For commands: the produced files that were asked for.
    """

    status: CallStatus
    payload: bytes = b""
    reason: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    log: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
