"""What a judge gets back from a call into a candidate."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from selfwright.core.errors import CallFailed
from selfwright.core.status import CallStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one call ended, by the supervisor's word, and what it returned, by the candidate's.

    Attributes:
        status: ``ok``, or the candidate's failure.
        result: What the function returned; read it as ``value``, which does not let a failure pass.
        wall_s: From sending the arguments to the last byte of the result, by the supervisor's clock.
        load_s: The start of the process and the import of the program; not in ``wall_s``.
        cpu_s: CPU time of the call, where the system tells.
        peak_memory_bytes: Of the process so far.
        log: What it printed, and the traceback of what it raised; capped, without control characters.
        reason: In words, for a status that is not ``ok``.
        stdout: Of a command, whatever its status.
        files: The produced files of a command.
    """

    status: CallStatus
    result: object = None
    wall_s: float = 0.0
    load_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    log: str = ""
    reason: str = ""
    stdout: bytes = b""
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the call ended well."""
        return self.status is CallStatus.OK

    @property
    def value(self) -> object:
        """What the function returned, or a command's standard output.

        Raises:
            CallFailed: The call did not end ``ok``.
        """
        if not self.ok:
            raise CallFailed(self.status, self.reason)
        return self.result
