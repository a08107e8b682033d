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
    """

    status: CallStatus
    result: object = None
    wall_s: float = 0.0
    load_s: float = 0.0
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    log: str = ""
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Whether the call ended well."""
        return self.status is CallStatus.OK

    @property
    def value(self) -> object:
        """What the function returned.

        Raises:
            CallFailed: The call did not end ``ok``.
        """
        if not self.ok:
            raise CallFailed(self.status, self.reason)
        return self.result


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOutcome(Outcome):
    """How one command ended, and what it left.

    Attributes:
        result: Its standard output, whatever its status; read it as ``stdout``, which does not let a failure pass.
        left: The files that were asked for and are there, whatever its status; read them as ``files``.
        command: What ran.
    """

    result: bytes = b""
    left: Mapping[str, bytes] = field(default_factory=dict)
    command: str = ""

    @property
    def stdout(self) -> bytes:
        """What it wrote to its standard output.

        Raises:
            CallFailed: It did not end ``ok``.
        """
        _ = self.value
        return self.result

    @property
    def files(self) -> Mapping[str, bytes]:
        """Path → content of what it left; a file that it should have left and did not is its failure.

        Raises:
            CallFailed: It did not end ``ok``; or it left no file of the path that is looked up.
        """
        _ = self.value
        return _Files(self.left, command=self.command)


class _Files(dict[str, bytes]):
    def __init__(self, left: Mapping[str, bytes], *, command: str) -> None:
        super().__init__(left)
        self._command = command

    def __missing__(self, path: str) -> bytes:
        there = ", ".join(sorted(self)) or "nothing"
        raise CallFailed(CallStatus.CRASHED, f"{self._command}: it left no file {path!r}; it left: {there}")
