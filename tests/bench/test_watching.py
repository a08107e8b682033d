"""The lines of a program that run, in each sandbox; what the program spoils is not known, and nothing else happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from selfwright.bench.candidate import Candidate
from selfwright.bench.watching import LineSandbox
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Sandbox

PROGRAM = b"""
import os, sys, threading
from parts import other

TABLE = [1]

def pick(x):
    if x > 2:
        return "large"
    for _ in range(3):
        x += 1
    return other.twice(x)

def later():
    thread = threading.Thread(target=pick, args=(5,))
    thread.start()
    thread.join()

def forget():
    sys.settrace(None)
    return pick(9)

def lie():
    here = sys._getframe()
    while "guest" not in here.f_locals:
        here = here.f_back
    here.f_locals["guest"]._lines.seen = lambda: {"p.py": [8, [9], "nine", 10**6], 3: None, "/etc/passwd": [1]}

def nonsense():
    here = sys._getframe()
    while "guest" not in here.f_locals:
        here = here.f_back
    here.f_locals["guest"]._lines.seen = lambda: "all"

def die():
    os._exit(0)
"""
OTHER = b"def twice(x):\n    if x < 0:\n        return 0\n    return 2 * x\n"
FILES = {"p.py": PROGRAM, "parts/__init__.py": b"", "parts/other.py": OTHER}
WANTED = {"p.py": (5, 8, 9, 10, 11, 12), "parts/other.py": (2, 3, 4)}


def seen(sandbox: Sandbox, ask: Callable[[Candidate], object]) -> Mapping[str, tuple[int, ...]] | None:
    watched = LineSandbox(sandbox, WANTED)
    ask(Candidate(files=FILES, program="p.py", sandbox=watched, limits=Limits(wall_s=20.0, memory_mb=512)))
    return watched.seen


@pytest.mark.parametrize(
    ("ask", "lines"),
    [
        (lambda it: it.call("pick", 3).value, {"p.py": (5, 8, 9)}),
        (lambda it: it.call("pick", 1).value, {"p.py": (5, 8, 10, 11, 12), "parts/other.py": (2, 4)}),
        (lambda it: [it.call("pick", n) for n in (1, 3, -9)], WANTED),
        (lambda it: it.call("later").value, {"p.py": (5, 8, 9)}),
        (lambda it: it.call("forget").value, {"p.py": (5,)}),
        (lambda it: it.call("nowhere"), {"p.py": (5,)}),
        (lambda it: it.call("lie").value, {"p.py": (8,)}),
    ],
)
def test_the_lines_that_ran_are_told(
    sandbox: Sandbox, ask: Callable[[Candidate], object], lines: Mapping[str, tuple[int, ...]]
) -> None:
    assert seen(sandbox, ask) == lines


@pytest.mark.parametrize(
    "ask",
    [
        lambda it: it.call("die"),
        lambda it: it.call("nonsense").value,
        lambda it: (it.call("pick", 1), it.run(["python", "-c", "print(1)"])),
    ],
)
def test_where_a_process_does_not_tell_nothing_is_known(sandbox: Sandbox, ask: Callable[[Candidate], object]) -> None:
    assert seen(sandbox, ask) is None


def test_a_watched_program_answers_as_ever(sandbox: Sandbox) -> None:
    limits = Limits(wall_s=20.0, memory_mb=512)
    plain, watched = (
        Candidate(files=FILES, program="p.py", sandbox=each, limits=limits)
        for each in (sandbox, LineSandbox(sandbox, WANTED))
    )
    for ask in (lambda it: it.call("pick", 1), lambda it: it.call("pick", "x"), lambda it: it.call("die")):
        one, other = ask(plain), ask(watched)
        assert (one.status, one.result, one.reason, one.log) == (other.status, other.result, other.reason, other.log)
    assert ask(watched).status is CallStatus.CRASHED
