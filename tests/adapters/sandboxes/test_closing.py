"""Closing a sandbox ends the commands that run in it, whichever thread waits for them."""

from __future__ import annotations

import os
import threading

import psutil
import pytest

from selfwright.bootstrap import make_sandbox
from selfwright.core.errors import SandboxError
from selfwright.core.job import Job
from selfwright.core.limits import Limits

NAMES = ["zygote", pytest.param("bubblewrap", marks=pytest.mark.needs_bubblewrap), "landlock", "limits"]


@pytest.mark.parametrize("name", NAMES)
def test_a_command_ends_at_once_and_none_begins_any_more(name: str) -> None:
    sandbox, raised = make_sandbox(name), list[str]()
    job, argv = Job(files={}, guest="", limits=Limits(wall_s=300)), ("sleep", f"98765.{os.getpid()}")

    def wait() -> None:
        try:
            sandbox.execute(job, argv, stdin=b"", files={}, produce=())
        except SandboxError as error:
            raised.append(str(error))

    thread = threading.Thread(target=wait)
    thread.start()
    while not any(tuple(each.info["cmdline"] or ()) == argv for each in psutil.process_iter(["cmdline"])):
        thread.join(0.02)
    sandbox.close()
    thread.join(60)
    assert len(raised) == 1, "who waited was not told"
    wait()
    assert raised[1:] == ["the sandbox was closed"], "it ran a command"
