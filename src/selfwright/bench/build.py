"""The build step: a candidate's sources become what its calls find, once, in a sandbox that sees nothing else."""

import io
import re
import tarfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from selfwright.bench.hint import EVERYTHING, hint
from selfwright.bench.reading import clean_text
from selfwright.core.change import Files, content_id
from selfwright.core.errors import BadInput
from selfwright.core.glob import matches
from selfwright.core.job import Job, Reply, is_executable
from selfwright.core.limits import Limits
from selfwright.core.path import check_paths
from selfwright.core.printable import printable
from selfwright.core.status import CallStatus, TrialStatus
from selfwright.core.trial import Archive, Outcome, Resources
from selfwright.ports.sandbox import Sandbox

NAME = "build.tar"
_BUILD = "build: "
_KEPT = 8
"""Builds that are remembered: those of the trials in flight."""
_LINES = 6
_TELLING = re.compile(r"(?<!-)(?<!-W)error(?!\.\w)|undefined|not found", re.IGNORECASE)
"""Of a line that says what is wrong; ``-Werror`` and ``error.c`` stand in commands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """What ``[build]`` says.

    Attributes:
        command: Argument list; ``python`` is the sandbox's interpreter.
        produce: Globs of what it leaves; each must match something.
        limits: Of the whole step; ``files_mb`` of everything that it leaves.
    """

    command: tuple[str, ...]
    produce: tuple[str, ...]
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What a build left, or how it failed.

    Attributes:
        files: Path → content, beside the sources and read-only for every call.
        content: The archive of these files.
        archive: Name, hash and size of it.
        failure: The candidate's, where there is no product.
    """

    files: Files = field(default_factory=dict)
    content: bytes = b""
    archive: Archive | None = None
    failure: Outcome | None = None


NOTHING = Product()
"""Of a problem without a build step."""


class Builder:
    """Builds each source once, and remembers the last few.

    Args:
        build: None where the problem has no build step.
    """

    def __init__(self, build: Build | None, sandbox: Sandbox) -> None:
        self._build = build
        self._sandbox = sandbox
        self._known: OrderedDict[str, Product] = OrderedDict()

    def product(self, source: str, files: Files) -> Product:
        """Return what the build step makes of ``files``.

        Args:
            source: Names them: equal names are equal files.

        Raises:
            SandboxError: The sandbox could not be set up; never the candidate's fault.
        """
        if self._build is None:
            return NOTHING
        if source not in self._known:
            self._known[source] = _run(self._build, self._sandbox, files)
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(source)
        return self._known[source]


def _run(build: Build, sandbox: Sandbox, files: Files) -> Product:
    job = Job(files=files, guest="", limits=build.limits)
    reply = sandbox.execute(job, build.command, stdin=b"", files={}, produce=build.produce)
    log = printable(reply.payload[: build.limits.log_kb * 1024]) + reply.log
    if reply.status is not CallStatus.OK:
        return _failure(reply, _in_words(build, reply, log), log)
    left = {path: content for path, content in reply.files.items() if path not in files}
    absent = [glob for glob in build.produce if not any(matches(path, glob) for path in left)]
    if absent:
        return _failure(reply, f"{build.command[0]} ended well and left no file {absent[0]!r} (build.produce)", log)
    try:
        check_paths([*left, *files])
    except BadInput as error:
        return _failure(reply, str(error), log)
    content = _archive(left)
    archive = Archive(name=NAME, sha256=content_id(content), size_bytes=len(content))
    return Product(files=left, content=content, archive=archive)


def _in_words(build: Build, reply: Reply, log: str) -> str:
    """Return why it failed, in the compiler's words first, where it was the compiler who gave up."""
    ended, errors = reply.reason, first_errors(log)
    limit = hint(ended, log, build.limits, granted=EVERYTHING, table="build")
    first, *more = errors.split("\n")
    if reply.status is CallStatus.CRASHED and _TELLING.search(first):
        return "\n".join([f"{first} ({ended}){limit}", *more])
    return f"{ended}{limit}\n{errors}".rstrip()


def failed_to_build(outcome: Outcome) -> bool:
    """Whether a measurement ended before its first call, because there was nothing to call."""
    return outcome.reason.startswith(_BUILD) and outcome.status not in (TrialStatus.OK, TrialStatus.INVALID)


def first_errors(log: str) -> str:
    """Return the lines of a compiler's log from the first one on that tells of an error."""
    lines = [line.rstrip() for line in log.splitlines() if line.strip()]
    first = next((number for number, line in enumerate(lines) if _TELLING.search(line)), 0)
    return "\n".join(lines[first : first + _LINES])


def _failure(reply: Reply, reason: str, log: str) -> Product:
    status = CallStatus.CRASHED if reply.status is CallStatus.OK else reply.status
    used = Resources(wall_s=reply.wall_s, cpu_s=reply.cpu_s, peak_memory_bytes=reply.peak_memory_bytes)
    outcome = Outcome(status=TrialStatus(status), reason=clean_text(f"{_BUILD}{reason}"), log=log, resources=used)
    return Product(failure=outcome)


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Return a tar file that depends on nothing but paths and contents."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o755 if is_executable(content) else 0o644
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()
