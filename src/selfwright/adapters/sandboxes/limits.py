"""The sandbox ``limits``: a clean environment, rlimits, a process group and a deadline. It contains no hostile code."""

import sys
from collections.abc import Mapping

from selfwright.adapters.sandboxes.box import GuestBox, interpreted, run_command
from selfwright.adapters.sandboxes.folder import Folder, sweep
from selfwright.adapters.sandboxes.process import COMMAND, GUEST, HELD, Process
from selfwright.adapters.sandboxes.running import Running
from selfwright.core.environment import BARE, Environment
from selfwright.core.job import Job, Reply

LIMITS_NOTE = (
    "The sandbox 'limits' does not contain hostile code: a program in it can read what you can read and reach what you "
    "can reach. It bounds time, memory and output, and cleans up; use it for code that you trust."
)
"""What a person must be told before candidates run in it."""


class LimitsSandbox:
    """Starts each box as a fresh process of this user, in a private folder. See ``LIMITS_NOTE``.

    Args:
        environment: Its folders' programs are found; all else of this machine can be read and imported anyway.
    """

    name = "limits"
    contains = False
    switches = 0
    lacks = (LIMITS_NOTE,)

    def __init__(self, *, environment: Environment = BARE) -> None:
        self._environment = environment
        self._running = Running()
        sweep()

    def open(self, job: Job) -> GuestBox:
        folder = Folder(job.files)

        def start(streams: tuple[int, int, int]) -> Process:
            folder.freeze()
            # Not -I: the environment is ours, and under -I the seed of hashes would not be read from it.
            argv = (sys.executable, "-s", "-P", "-B", "-u", job.guest)
            return self._process(argv, GUEST, folder, job, streams)

        return GuestBox(start, job.limits, held=HELD, release=folder.remove)

    def execute(
        self, job: Job, argv: tuple[str, ...], *, stdin: bytes, files: Mapping[str, bytes], produce: tuple[str, ...]
    ) -> Reply:
        folder = Folder(job.files)

        def start(streams: tuple[int, int, int]) -> Process:
            folder.add(files, mode=0o644)
            return self._running.add(self._process(interpreted(argv), COMMAND, folder, job, streams))

        try:
            return run_command(start, job.limits, stdin=stdin, produce=produce, held=HELD)
        finally:
            folder.remove()

    def close(self) -> None:
        self._running.close()

    def _process(
        self, argv: tuple[str, ...], hold: str, folder: Folder, job: Job, streams: tuple[int, int, int]
    ) -> Process:
        return Process(
            argv, start=hold, folder=folder, limits=job.limits, streams=streams,
            search_path=self._environment.search_path,
        )  # fmt: skip
