"""Names become objects: what a factory is given."""

import socket
import subprocess
import sys
from pathlib import Path

from selfwright import bootstrap
from selfwright.core.environment import Environment
from selfwright.core.job import Job
from selfwright.core.limits import Limits


def test_a_sandbox_is_made_for_the_environment_of_a_problem(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "planted-tool"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o755)
    for folders, payload in (((), b""), ((str(tmp_path),), b"found\n")):
        sandbox = bootstrap.make_sandbox("limits", Environment(folders=folders))
        job = Job(files={}, guest="", limits=Limits())
        assert sandbox.execute(job, ("planted-tool",), stdin=b"", files={}, produce=()).payload == payload
        sandbox.close()


def test_a_worker_whose_engine_died_while_it_started_ends_before_it_looks_at_anything() -> None:
    near, far = socket.socketpair()
    near.close()
    with far:
        command = [sys.executable, "-m", "selfwright.bootstrap", "worker", "/nowhere", "hash", "limits", "", ""]
        done = subprocess.run(
            [*command, str(far.fileno())], pass_fds=[far.fileno()], capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
