"""Stands in for a build: what a planted program carries is handed on as what the build step made of it.

And for the command of a problem that has no judge: the candidate's code runs in the same box, so it can do whatever a
program in the place of the whole command does.
"""

from collections.abc import Mapping

from selfwright.core.change import Files
from selfwright.core.job import Job, Reply
from selfwright.core.status import CallStatus
from selfwright.ports.sandbox import Box, Sandbox

_FOLDER = ".selfwright-built/"
COMMAND = "the-command"
"""What stands among the products for the whole command."""


def carrying(files: Mapping[str, bytes], products: Mapping[str, bytes]) -> Files:
    """Return a program of which a ``PlantedSandbox`` says that its build left these products."""
    return {**files, **{f"{_FOLDER}{path}": content for path, content in products.items()}}


class PlantedSandbox:
    """A sandbox that does what another does, but builds nothing where the products are there already.

    Satisfies the ``Sandbox`` port. For the engine of a check, never for that of a run.

    Args:
        build: The command of the problem's build step.
        command: What is measured where there is no judge.
    """

    def __init__(self, sandbox: Sandbox, *, build: tuple[str, ...], command: tuple[str, ...] = ()) -> None:
        self._sandbox = sandbox
        self._build = build
        self._command = command
        self.name, self.contains, self.lacks = sandbox.name, sandbox.contains, sandbox.lacks
        self.switches = 0  # a check asks the judge, not the machine

    def open(self, job: Job) -> Box:
        return self._sandbox.open(job)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        carried = {
            path.removeprefix(_FOLDER): content for path, content in job.files.items() if path.startswith(_FOLDER)
        }
        if carried and argv == self._build:
            return Reply(status=CallStatus.OK, files=carried)
        if COMMAND in carried and argv == self._command:
            argv = (f"./{_FOLDER}{COMMAND}", *argv[1:])
        return self._sandbox.execute(job, argv, stdin=stdin, files=files, produce=produce)

    def close(self) -> None:
        self._sandbox.close()
