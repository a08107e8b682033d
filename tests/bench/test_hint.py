"""Which limit a failure speaks of, by its words."""

import pytest

from selfwright.bench.hint import EVERYTHING, granted, hint
from selfwright.core.limits import Limits, Profile

LIMITS = Limits(processes=5, files_mb=6, memory_mb=70)
NEITHER = ' (limits.allow lacks "network" and "exec")'


@pytest.mark.parametrize(
    ("reason", "log", "told"),
    [
        ("RuntimeError: can't start new thread (a.py, line 1, in f)", "", " (limits.processes = 5)"),
        ("exit code 2", "sh: 0: Cannot fork\n", " (limits.processes = 5)"),
        ("no answer within 1 s", "bash: fork: retry: Resource temporarily unavailable\n", " (limits.processes = 5)"),
        ("killed by SIGXFSZ: a file of more than 6 MiB", "", " (limits.files_mb = 6)"),
        ("exit code 1", "dd: error: File too large\n1 in\n2 out\n3 copied\n", " (limits.files_mb = 6)"),
        ("exit code 1", "File too large\n1\n2\n3\n4\n", ""),
        ("exit code 127", "python: libc.so.6: failed to map segment from shared object\n", " (limits.memory_mb = 70)"),
        ("PermissionError: [Errno 1] Operation not permitted: 'true'", "", NEITHER),
        ("gaierror: [Errno -3] Temporary failure in name resolution", "", ' (limits.allow lacks "network")'),
        ("ZeroDivisionError: division by zero", "Traceback\n", ""),
        ("", "", ""),
    ],
)
def test_the_key_is_that_of_the_words(reason: str, log: str, told: str) -> None:
    assert hint(reason, log, LIMITS, granted=()) == told


@pytest.mark.parametrize(
    ("limits", "command", "told"),
    [
        (Limits(), False, NEITHER),
        (Limits(), True, ' (limits.allow lacks "network")'),
        (Limits(profile=Profile.NATIVE), False, ' (limits.allow lacks "network")'),
        (Limits(allow=("network",)), False, ' (limits.allow lacks "exec")'),
        (Limits(allow=("network",)), True, ""),
        (Limits(allow=("exec", "network")), False, ""),
    ],
)
def test_what_was_granted_is_not_asked_for(limits: Limits, command: bool, told: str) -> None:
    may = granted(limits, contains=True, command=command)
    assert hint("Operation not permitted", "", limits, granted=may) == told


def test_a_sandbox_that_refuses_nothing_is_not_why() -> None:
    assert granted(Limits(), contains=False, command=False) == EVERYTHING
    assert hint("Operation not permitted", "", LIMITS, granted=EVERYTHING) == ""


def test_a_build_has_limits_of_its_own() -> None:
    assert hint("No space left on device", "", LIMITS, granted=EVERYTHING, table="build") == " (build.files_mb = 6)"
