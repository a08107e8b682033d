"""A cold process that confines itself from inside (``launch.py``) before it becomes the guest or the command."""

import json
import os
import select
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from selfwright.adapters.sandboxes import orphans, tasks
from selfwright.adapters.sandboxes.folder import Folder
from selfwright.adapters.sandboxes.launch import READY, Configuration
from selfwright.adapters.sandboxes.linux import cgroup
from selfwright.adapters.sandboxes.process import COMMAND, GUEST, Process
from selfwright.core.errors import SandboxError
from selfwright.core.limits import Limits

LAUNCH = str(Path(__file__).with_name("launch.py"))
SOURCES = str(Path(__file__).parents[3])
"""Where ``selfwright`` is imported from."""
_RUN = f"import runpy, sys; sys.path.insert(0, {SOURCES!r}); runpy.run_path(sys.argv[1], run_name='__main__')"
_MIB = 1 << 20
_OWN_TASKS = 3  # what builds the namespaces, its init, and the candidate's first
_SET_UP_S = 30
_FIRST_SIGNAL = 128


class Confined(Process):
    """A process that says when it is confined, in a cgroup where there is one.

    Args:
        before: What starts Python with the right view of the system, if anything does.
        launch: The script that confines.
        coded: Whether a candidate's end by signal n reaches us as exit code 128 + n.
        tell_switches: Told of involuntary switches of what is killed with a process namespace, where nobody waits for
            it and ``getrusage`` misses it; None where there is no such namespace.
    """

    def __init__(
        self, configuration: Configuration, *, before: Sequence[str], launch: str, folder: Folder, limits: Limits,
        streams: tuple[int, int, int], search_path: Sequence[str], coded: bool = False,
        tell_switches: Callable[[int], None] | None = None,
    ) -> None:  # fmt: skip
        self._coded = coded
        self._tell_switches = tell_switches
        self._hear, say = os.pipe()
        asked = json.dumps(asdict(replace(configuration, report=say)))
        self._group = cgroup.make()
        try:
            if self._group:
                self._group.bind(memory_bytes=limits.memory_mb * _MIB, tasks=limits.processes + _OWN_TASKS)
            super().__init__(
                [*before, sys.executable, "-s", "-P", "-B", "-u", "-c", _RUN, launch, asked],
                start=COMMAND if configuration.argv else GUEST, folder=folder, limits=limits, streams=streams,
                search_path=search_path, pass_fds=[say],
                counted=self._group is not None,
            )  # fmt: skip
            self._family = tasks.Family(self.pid)
            if self._group:
                self._group.add(self.pid)
        except BaseException as error:
            self._forget()
            if isinstance(error, OSError):
                raise SandboxError(f"no cgroup for a box: {error}") from error
            raise
        finally:
            os.close(say)

    def settle(self) -> None:
        """Wait for its word."""
        poll = select.poll()
        poll.register(self._hear, select.POLLIN)
        said = os.read(self._hear, 1 << 16) if poll.poll(_SET_UP_S * 1000) else b"no word in time"
        if said != READY:
            why = said.decode(errors="replace") or "it ended before it was"
            raise SandboxError(f"a box can not be set up: {why}")

    def watch(self) -> bool:
        """Take the memory of all its processes; return whether somebody has to end it for that."""
        if self._group:
            self.peak_memory_bytes = self._group.peak_memory_bytes()
            return False  # the kernel itself holds the limit
        most = self._limits.memory_mb * _MIB
        self.peak_memory_bytes = max(self.peak_memory_bytes, self._family.memory_bytes(most))
        self.cpu_s()  # of what may be gone the next time
        return self.peak_memory_bytes > most

    def cpu_s(self) -> float:
        """Return the CPU time of all its processes."""
        if self._exit is None:
            self._cpu_s = max(self._cpu_s, self._group.cpu_s() if self._group else self._family.cpu_s())
        return self._cpu_s

    def end(self) -> int:
        """End everything in it, also what has left its session."""
        if self._exit is None:
            self._cpu_s = self.cpu_s()
            if self._tell_switches:
                self._tell_switches(tasks.switches(self.pid))
            killed = self._group.kill() if self._group else set()
            super().end()
            orphans.reap(killed)
            if self._group:
                self._cpu_s = max(self._cpu_s, self._group.cpu_s())
                self.peak_memory_bytes = self._group.peak_memory_bytes()
                self.ran_out_of_memory = self._group.ran_out_of_memory()
            self._forget()
        code = super().end()
        return _FIRST_SIGNAL - code if self._coded and code > _FIRST_SIGNAL else code

    def _forget(self) -> None:
        if self._group:
            self._group.remove()
        with suppress(OSError):
            os.close(self._hear)
