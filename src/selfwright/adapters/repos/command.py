"""Runs one git command: no inherited environment, no hook, no helper, no prompt, a deadline, an end by group.

Which commands exist is decided by the callers in this folder; none of them passes on an argument that it was given.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from selfwright.core.errors import RepoError, Unavailable

_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # Git before 2.44 does not know the line above: there a partial clone would fetch what it lacks, by a command of its
    # own configuration. No protocol, no fetch.
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_EDITOR": "false",
    "GIT_PAGER": "cat",
    "LC_ALL": "C.UTF-8",
    "PATH": os.defpath,
}

_CONFIGURATION = (
    f"core.hooksPath={os.devnull}",  # a folder that can hold nothing
    "core.fsmonitor=false",
    "commit.gpgSign=false",
    "core.autocrlf=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "credential.helper=",
    "core.protectNTFS=true",
    "core.protectHFS=true",
    "push.recurseSubmodules=no",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=20",
    "http.followRedirects=false",
    "transfer.fsckObjects=true",
    # Beyond design/git.md, and each with its reason.
    "core.fsync=objects,reference",  # an adoption that the journal knows survives a power loss
    "core.splitIndex=false",  # else a shared index appears beside the person's
    "i18n.commitEncoding=UTF-8",  # else the same arguments give another commit
)

_DISK = ("No space left on device", "Read-only file system", "Disk quota exceeded")
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What git said.

    Attributes:
        code: Exit status; negative for a signal.
        error: Stderr, decoded.
    """

    code: int
    output: bytes
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Git:
    """The git program, run in one folder.

    Attributes:
        folder: Where it runs.
        trusted: What ``safe.directory`` names.
        program: A name on the search path, or a path.
        deadline_s: Of every command.
    """

    folder: Path
    trusted: str
    program: str = "git"
    deadline_s: float = 20.0
    environment: Mapping[str, str] = field(default_factory=dict)

    def ask(self, *arguments: str, stdin: bytes | None = None, environment: Mapping[str, str] | None = None) -> Answer:
        """Run a command whose failure is an answer.

        Raises:
            Unavailable: There is no git, it missed its deadline, or the disk is full or read-only.
        """
        program = shutil.which(self.program)
        if program is None:
            raise Unavailable(f"{self.program!r} is not installed or not on PATH; install git 2.30 or later")
        options = [part for entry in (f"safe.directory={self.trusted}", *_CONFIGURATION) for part in ("-c", entry)]
        with subprocess.Popen(
            [program, *options, *arguments],
            cwd=self.folder,
            env={**_ENVIRONMENT, **self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                output, error = process.communicate(stdin, timeout=self.deadline_s)
            except subprocess.TimeoutExpired as missed:
                raise Unavailable(
                    f"git {arguments[0]} in {self.folder} did not end within {self.deadline_s:g} s and was killed; "
                    "is the disk or a lock hanging?"
                ) from missed
            finally:
                _end(process)
        answer = Answer(code=process.returncode, output=output, error=error.decode(errors="replace").strip())
        if answer.code and any(sign in answer.error for sign in _DISK):
            raise Unavailable(f"git {arguments[0]} in {self.folder}: {answer.error}; make room, then resume")
        return answer

    def run(self, *arguments: str, stdin: bytes | None = None, environment: Mapping[str, str] | None = None) -> bytes:
        """Run a command that must succeed, and return its stdout.

        Raises:
            RepoError: It failed; the message has what git said.
            Unavailable: As ``ask``.
        """
        answer = self.ask(*arguments, stdin=stdin, environment=environment)
        if answer.code:
            said = answer.error or "it did not say why"
            raise RepoError(f"git {arguments[0]} failed in {self.folder} (exit {answer.code}): {said}")
        return answer.output


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process that still runs, with its group: TERM, a moment, KILL."""
    if process.returncode is not None:
        return
    for sign in (signal.SIGTERM, signal.SIGKILL):
        # The number stays taken while anything of the group lives, so this can not hit a stranger.
        with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_S)
