"""The one tree of errors. A class exists only because somebody catches it.

::

    SelfwrightError
    ├── BadInput            what a person gave is wrong; nothing was touched          exit 2
    │   ├── ProblemError        the problem folder: file, key and the mend
    │   ├── RecordingError      a recorded session: file and line
    │   ├── RunHeld             another process drives this run
    │   └── Unfit               a function that can not be its own oracle
    ├── Unavailable         something we depend on is down: disk, git, a service      exit 75
    │   └── TryLater            a service is busy, and may have said for how long
    ├── JournalError        the journal can not be used as it is                      exit 1
    │   ├── JournalCorrupt      a hash or a row is not what was written
    │   ├── JournalTooNew       written by a later version
    │   └── JournalConflict     compare-and-set lost: somebody appended before
    ├── JudgeFault          the judge raised, hung, exited or returned no numbers     exit 1
    ├── SandboxError        confinement could not be set up; never the candidate's    exit 1
    ├── RepoError           git answered with a failure                               exit 1
    ├── IllegalMove         a step that the lifecycle table does not know             exit 1
    └── CandidateError      the candidate's failure on its way to being data
        ├── InvalidCandidate    the judge's word: the output is wrong
        └── CallFailed          a call did not end ``ok``

``CandidateError`` never leaves the worker: there it becomes a status (the candidate's failure is data; ours is an
exception). Every message says what was wrong, where, and the mend.
"""

from selfwright.core.status import CallStatus


class SelfwrightError(Exception):
    """Base of every error that Selfwright raises on purpose."""

    exit_code = 1


class BadInput(SelfwrightError):
    """What a person gave is wrong; nothing was touched."""

    exit_code = 2


class ProblemError(BadInput):
    """The problem folder is wrong: the message names file, key and the mend."""


class RecordingError(BadInput):
    """A recorded session is wrong: the message names file and line."""


class RunHeld(BadInput):
    """Another process holds the lease of this run; the message says who."""


class Unfit(BadInput):
    """A function that can not be its own oracle.

    Args:
        why: Which kind of reason: ``untested``, ``impure``, ``uncarried`` or ``untimed``.
        message: What was seen, and the mend.
    """

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


class Unavailable(SelfwrightError):
    """Something that we depend on is down: a full disk, a service, a missing program."""

    exit_code = 75


class TryLater(Unavailable):
    """A service is down or busy, which passes by itself.

    Args:
        after_s: How long it asked to be left alone; 0 where it did not say.
    """

    def __init__(self, message: str, *, after_s: float = 0.0) -> None:
        super().__init__(message)
        self.after_s = after_s


class JournalError(SelfwrightError):
    """The journal can not be used as it is."""


class JournalCorrupt(JournalError):
    """A stored row or its hash is not what was written."""


class JournalTooNew(JournalError):
    """The journal was written by a later version of Selfwright."""


class JournalConflict(JournalError):
    """A compare-and-set append lost: the journal has moved on."""


class JudgeFault(SelfwrightError):
    """The judge itself failed: it raised, hung, exited or returned something that is not a measurement."""


class SandboxError(SelfwrightError):
    """Confinement could not be set up. Ours, never counted against a candidate."""


class RepoError(SelfwrightError):
    """Git answered with a failure."""


class IllegalMove(SelfwrightError):
    """A step that the lifecycle table does not know; the message lists the legal ones."""


class CandidateError(SelfwrightError):
    """The candidate's failure, on its way to becoming data. Never leaves the worker."""


class InvalidCandidate(CandidateError):
    """The judge's word that an output is wrong.

    Args:
        reason: What was wrong, where, what was expected: shown to the proposer.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class CallFailed(CandidateError):
    """A call into the candidate did not end ``ok`` and its value was asked for.

    Args:
        status: How the call ended.
        reason: What is known of the failure: exception, signal, limit.
    """

    def __init__(self, status: CallStatus, reason: str) -> None:
        super().__init__(f"{status}: {reason}")
        self.status = status
        self.reason = reason
