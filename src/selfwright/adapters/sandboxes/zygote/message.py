"""What the host and the zygote say to each other: frozen data as JSON, descriptors beside it."""

import array
import errno
import json
import os
import socket
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

_MOST_BYTES = 1 << 18
_MOST_DESCRIPTORS = 8
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Host to zygote, once: how it shall live.

    Attributes:
        root: An empty folder of the host where the new root is built.
        binds: Paths that are shown inside, read-only, at the same place.
        masks: Folders below them of which nothing is shown.
        links: Path → target, of symbolic links.
        site: Where installed packages lie: (folder, names of what is shown of it).
        import_path: The module search path.
        modules: Imported once, for all boxes.
        guest: Path of the trusted file that runs in each box; it has a ``main``.
        user: Whether a user namespace is needed.
        network: Whether boxes get the host's network.
    """

    root: str
    binds: list[str]
    masks: list[str]
    links: dict[str, str]
    site: list[tuple[str, list[str]]]
    import_path: list[str]
    modules: list[str]
    guest: str
    user: bool
    network: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Host to zygote: make a box that waits for its order.

    With it come descriptors: the box's channel, and the doors of its cgroup, if any.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Host to box: confine yourself and begin.

    With it come descriptors: standard input, output and error, files, and harvest for a command that shall leave some.

    Attributes:
        uid: The throw-away user to become; 0 in a user namespace of one's own.
        files: Path, size and mode of each of the program's files, whose contents follow each other in ``files``.
        argv: The command; empty for the guest.
        produce: Paths of files that the command shall leave.
        rlimits: Name → bound.
        file_bytes: Size of the folders that can be written.
        native: Whether programs may be executed, threads be many, ``/proc`` be seen.
        execute: Whether programs may be executed.
        network: Whether there are sockets.
        anonymous: Whether there is memory of no process, which only a cgroup counts.
    """

    uid: int
    files: list[tuple[str, int, int]]
    argv: list[str]
    produce: list[str]
    rlimits: dict[str, int]
    file_bytes: int
    native: bool
    execute: bool
    network: bool
    anonymous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """From inside: ``failed`` says why there is no zygote or box; empty, it stands."""

    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Box to host, last: how the candidate ended and what its processes, orphans included, used.

    Attributes:
        switches: How often they had to leave a core although they could have gone on.
        out_of_memory: Whether what the command left did not fit into what memory the box had.
    """

    code: int
    cpu_s: float
    switches: int
    out_of_memory: bool


def send(connection: socket.socket, message: object, descriptors: "list[int] | tuple[int, ...]" = ()) -> None:
    """Send one message."""
    content = json.dumps(asdict(message)).encode()  # type: ignore[call-overload]  # one of the above
    ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else []
    connection.sendmsg([content], ancillary)


def receive(connection: socket.socket, kind: type[T]) -> tuple[T | None, list[int]]:
    """Return the next message and its descriptors, closed at an exec; None where the other side has ended.

    Raises:
        OSError: No room is left for its descriptors.
    """
    descriptors = array.array("i")
    room = socket.CMSG_SPACE(_MOST_DESCRIPTORS * descriptors.itemsize)
    # Not recv_fds, which drops the flags before Python 3.12.
    content, ancillary, flags, _ = connection.recvmsg(_MOST_BYTES, room, socket.MSG_CMSG_CLOEXEC)
    for _, _, sent in ancillary:
        descriptors.frombytes(sent[: len(sent) - len(sent) % descriptors.itemsize])
    if flags & socket.MSG_CTRUNC:  # of what was sent, some may be here
        for descriptor in descriptors:
            os.close(descriptor)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    if not content:
        return None, [*descriptors]
    fields: dict[str, Any] = json.loads(content)
    return kind(**fields), [*descriptors]
