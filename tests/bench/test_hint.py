"""Which limit a failure speaks of, by its words."""

import pytest

from selfwright.bench.hint import EVERYTHING, granted, hint, hinted
from selfwright.core.limits import Limits, Profile

LIMITS = Limits(processes=5, files_mb=6, memory_mb=70, output_mb=8, wall_s=0.9)
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
        ("memory limit of 70 MiB", "", " (limits.memory_mb = 70)"),
        ("output limit of 8 MiB", "", " (limits.output_mb = 8)"),
        ("f: no answer within 0.9 s", "", " (limits.wall_s = 0.9)"),
        ("killed by SIGXCPU: more CPU time than the deadline of 0.9 s allows", "", " (limits.wall_s = 0.9)"),
        ("f: no answer within 0.5 s", "", ""),
        ("exit code 1", "no answer within 0.9 s\n", ""),
        ("PermissionError: [Errno 1] Operation not permitted: 'true'", "", NEITHER),
        ("Operation not permitted (a.py, line 2, in a_socket)", "    f()\n", NEITHER),
        ("Operation not permitted (a.py, line 2, in f)", "    socket.socket()\n", ' (limits.allow lacks "network")'),
        ("Operation not permitted (a.py, line 2, in f)", "    subprocess.run(x)\n", ' (limits.allow lacks "exec")'),
        ("<urlopen error [Errno 1] Operation not permitted>", "", ' (limits.allow lacks "network")'),
        ("Operation not permitted", "    socket.socket()\n    os.execv(x)\n", NEITHER),
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


def test_who_may_use_the_network_is_not_told_of_programs_where_a_socket_fails() -> None:
    assert hint("Operation not permitted", "    socket.socket()\n", LIMITS, granted=("network",)) == ""


@pytest.mark.parametrize(
    ("reason", "key"),
    [
        ("f: no answer within 1 s (limits.wall_s = 1)", "limits.wall_s"),
        ('E: no (a.py, line 2, in f) (limits.allow lacks "network" and "exec")', "limits.allow"),
        ("build: no answer within 1 s (build.wall_s = 1)\nmore", "build.wall_s"),
        ("E: no (a.py, line 2, in f)", ""),
        ("E: (limits.wall_s = 1) is what it says", ""),
        ("", ""),
    ],
)
def test_what_was_hinted_can_be_read_again(reason: str, key: str) -> None:
    assert hinted(reason) == key


def test_a_sandbox_that_refuses_nothing_is_not_why() -> None:
    assert granted(Limits(), contains=False, command=False) == EVERYTHING
    assert hint("Operation not permitted", "", LIMITS, granted=EVERYTHING) == ""


def test_a_build_has_limits_of_its_own() -> None:
    assert hint("No space left on device", "", LIMITS, granted=EVERYTHING, table="build") == " (build.files_mb = 6)"
