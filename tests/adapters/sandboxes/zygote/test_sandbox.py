"""The sandbox `zygote`, by the contract of all sandboxes and by what it alone promises."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

import psutil
import pytest

from selfwright.adapters.sandboxes.zygote import client
from selfwright.adapters.sandboxes.zygote.sandbox import ZygoteSandbox
from selfwright.core.job import Job
from selfwright.core.limits import Limits
from selfwright.core.status import CallStatus
from selfwright.testing.sandbox import SandboxContract

_HIDDEN = 'mount --bind /dev/null /proc/version && exec "$@"'
_EXECUTE = """
import json
from selfwright.bootstrap import make_sandbox
from selfwright.core.job import Job
from selfwright.core.limits import Limits, Profile
sandbox = make_sandbox("zygote")
job = Job(files={}, guest="", limits=Limits(profile=Profile.NATIVE))
said = sandbox.execute(job, ("python", "-c", "import os; print(os.listdir('/proc'))"), stdin=b"", files={}, produce=())
sandbox.close()
print(json.dumps([sandbox.lacks, said.payload.decode()]))
"""


class TestContract(SandboxContract):
    def make(self) -> ZygoteSandbox:
        return ZygoteSandbox()

    def alive(self, pids: Iterable[int]) -> list[int]:
        """Inside they have other numbers: what a box's init has below it is what lives; boxes that wait have none."""
        inits = [child for client in psutil.Process().children() for child in client.children()]
        boxes = [box for init in inits for box in init.children()]
        candidates = [each for box in boxes for each in box.children(recursive=True)]
        assert len(boxes) <= client._AHEAD * len(inits), boxes
        return [each.pid for each in psutil.wait_procs(candidates, timeout=10)[1]]


def test_no_signal_of_a_command_ends_its_box() -> None:
    sandbox = ZygoteSandbox()
    signals = ("/bin/sh", "-c", "for each in $(seq 1 64); do kill -$each 1; done; echo alive")
    said = sandbox.execute(Job(files={}, guest="", limits=Limits()), signals, stdin=b"", files={}, produce=())
    sandbox.close()
    assert (said.status, said.payload) == (CallStatus.OK, b"alive\n"), said.reason


@pytest.mark.may_skip("needs user namespaces, which not every runner has")
def test_in_a_container_that_hides_parts_of_proc_it_does_without_and_says_so() -> None:
    container = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", _HIDDEN, "sh"]
    if subprocess.run([*container, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no user namespaces here")
    done = subprocess.run([*container, sys.executable, "-c", _EXECUTE], capture_output=True, check=False)
    lacks, said = json.loads(done.stdout or done.stderr)
    assert said == "[]\n"
    assert [lack for lack in lacks if "commands see no /proc" in lack and "systempaths=unconfined" in lack]
