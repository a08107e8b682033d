"""The example workflows as a runner runs them: the shell steps of a file, in order, in a scratch repository."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from tests.journeys.place import ENVIRONMENT

ROOT = Path(__file__).parents[1]
NOT_HERE = frozenset({"A sandbox"})
"""Steps that change the machine."""


def shell_steps(name: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the script of every shell step of a workflow, but for those that change the machine."""
    (job,) = yaml.safe_load((ROOT / "examples/workflows" / name).read_text())["jobs"].values()
    for step in job["steps"]:
        if "run" in step and step["name"] not in NOT_HERE:
            yield step["name"], step["run"]


def run_workflow(
    name: str, folder: Path, scratch: Path, given: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """Run all shell steps up to the first that fails, and return the last with all that was printed.

    Selfwright is installed from this checkout, into ``scratch``, with the libraries that are here.

    Args:
        given: What the workflow takes from the event.
    """
    source = folder / ".selfwright-source"
    source.unlink(missing_ok=True)
    source.symlink_to(ROOT)  # as its second checkout
    here = Path(sys.executable).parent
    environment = ENVIRONMENT | given | {
        "PATH": f"{here}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(scratch), "TMPDIR": str(scratch),
        "GITHUB_STEP_SUMMARY": str(scratch / "summary"), "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_INDEX": "1", "PIP_TARGET": str(scratch / "installed"), "PIP_UPGRADE": "1",
    }  # fmt: skip
    said = ""
    for step, script in shell_steps(name):
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script], cwd=folder, env=environment, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=100, check=False,
        )  # fmt: skip
        said += f"[{step}] {done.stdout}{done.stderr}"
        if done.returncode:
            break
    return subprocess.CompletedProcess(done.args, done.returncode, said)
