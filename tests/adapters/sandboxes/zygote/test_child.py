"""A box that can not be confined is no box: each step of its set-up broken once."""

from __future__ import annotations

import sys

import pytest

from selfwright.adapters.sandboxes.zygote import child
from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from tests.adapters.sandboxes import talker
from tests.adapters.sandboxes.zygote import faulty

JOB = Job(files={"program.py": b""}, guest=talker.__file__, limits=Limits())
TALK = (sys.executable, "-c", "print('a command runs', flush=True)")


def test_a_guest_whose_box_stands_is_heard(heard: bytearray) -> None:
    sandbox = ZygoteSandbox(server=(faulty.__file__, ""))
    try:
        with sandbox.open(JOB) as box:
            box.exchange(b"")
        reply = sandbox.execute(JOB, TALK, stdin=b"", files={}, produce=())
    finally:
        sandbox.close()
    assert talker.WORDS in heard
    assert reply.payload == b"a command runs\n"


@pytest.mark.parametrize("step", [step for step, _ in child.STEPS])
def test_a_broken_step_is_our_failure_and_nothing_runs(step: str, heard: bytearray) -> None:
    sandbox = ZygoteSandbox(server=(faulty.__file__, step))
    try:
        for _ in range(2):  # a failure of one box is the zygote's end neither
            with pytest.raises(SandboxError, match=f"a box can not be set up: {step}: {faulty.WHY}"):
                sandbox.open(JOB)
        with pytest.raises(SandboxError, match=f"a box can not be set up: {step}: {faulty.WHY}"):
            sandbox.execute(JOB, TALK, stdin=b"", files={}, produce=())
    finally:
        sandbox.close()
    assert heard == b""


def test_every_step_is_taken_and_in_the_order_that_the_kernel_asks_for() -> None:
    steps = [step for step, _ in child.STEPS]
    assert len(set(steps)) == len(steps)
    assert steps.index("namespaces") < steps.index("mounts") < steps.index("files") < steps.index("user")
    assert steps.index("bounding set") < steps.index("user") < steps.index("parent")
    assert steps.index("privileges") < steps.index("landlock") < steps.index("seccomp")
    assert steps[-1] == "seccomp"


def test_a_file_that_the_box_has_no_room_for_is_our_failure(heard: bytearray) -> None:
    sandbox = ZygoteSandbox()
    crowd = Job(files={f"f{number}": b"" for number in range(5000)}, guest=talker.__file__, limits=Limits())
    try:
        with pytest.raises(SandboxError, match="a box can not be set up: files: "):
            sandbox.open(crowd)
    finally:
        sandbox.close()
    assert heard == b""
