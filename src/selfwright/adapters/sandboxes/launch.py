"""Runs inside a fresh process: confines it, says so, and becomes the guest or the command.

Started by ``Confined``, with its configuration as the last argument. It is for sandboxes that start cold; what a
namespace or Landlock can not do here is left to what has started this process.
"""

import json
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from selfwright.adapters.sandboxes.inside import forget_host, load_guest
from selfwright.adapters.sandboxes.linux import landlock, privilege
from selfwright.adapters.sandboxes.linux.seccomp import Filter

_FIRST_FREE = 5  # after standard input, output and error, and the guest's two pipes


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What to set up.

    Attributes:
        argv: The command; empty for the guest.
        guest: Path of the trusted file that speaks with the supervisor.
        folder: Where it starts.
        import_path: The module search path.
        uid: The user to become; -1 to stay.
        rlimits: Name → bound.
        read: What may be read; empty where the root is already built for it.
        list_: Folders whose names may be read, and no content.
        write: What may be written too.
        execute: Whether programs may be executed.
        network: Whether there are sockets.
        anonymous: Whether there is memory of no process, which only a cgroup counts.
        namespaced: Whether namespaces hold it in; else the filter does what it can.
        signals: Whether signals may be sent to others.
        report: The descriptor on which success or failure is said, closed before anything else is run.
    """

    argv: list[str]
    guest: str
    folder: str
    import_path: list[str]
    uid: int
    rlimits: dict[str, int]
    read: list[str]
    list_: list[str]
    write: list[str]
    execute: bool
    network: bool
    anonymous: bool
    namespaced: bool
    signals: bool
    report: int


def main(configuration: Configuration) -> None:
    """Confine this process and become what was asked for; never return."""
    step = "guest"
    try:
        guest = load_guest(configuration.guest) if configuration.guest else None
        for step, take in STEPS:  # noqa: B007 - told where one fails
            take(configuration)
    except BaseException as error:  # noqa: BLE001 - the process boundary
        os.write(configuration.report, f"{step}: {error}".encode())
        os._exit(1)
    os.write(configuration.report, READY)
    os.close(configuration.report)
    if guest and not configuration.argv:
        guest.main()
    try:
        os.execvp(configuration.argv[0], configuration.argv)
    except OSError as error:
        os.write(2, f"{configuration.argv[0]}: {error.strerror}\n".encode())
    os._exit(127)


READY = b"confined"
"""What is said on ``report`` when all went well; anything else is why it did not."""


def _enter_folder(configuration: Configuration) -> None:
    os.chdir(configuration.folder)


def _limit(configuration: Configuration) -> None:
    privilege.limit(configuration.rlimits)


def _bound_capabilities(configuration: Configuration) -> None:
    with suppress(
        PermissionError
    ):  # who may not: what he executes gains nothing either, since ``_gain_nothing`` follows
        privilege.bound_capabilities()


def _become_nobody(configuration: Configuration) -> None:
    if configuration.uid >= 0:
        privilege.become(configuration.uid, configuration.uid)


def _drop_capabilities(configuration: Configuration) -> None:
    privilege.drop_capabilities()


def _die_with_parent(configuration: Configuration) -> None:
    privilege.die_with_parent()


def _gain_nothing(configuration: Configuration) -> None:
    privilege.gain_nothing()


def _forget_host(configuration: Configuration) -> None:
    if configuration.import_path:
        forget_host(configuration.import_path)


def _restrict_files(configuration: Configuration) -> None:
    if configuration.read:
        landlock.restrict(
            read=configuration.read, write=configuration.write, list_=configuration.list_,
            network=configuration.network,
        )  # fmt: skip


def _close_descriptors(configuration: Configuration) -> None:
    os.closerange(_FIRST_FREE, configuration.report)
    os.closerange(configuration.report + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    os.set_inheritable(configuration.report, False)


def _filter_calls(configuration: Configuration) -> None:
    Filter(
        execute=configuration.execute, network=configuration.network, anonymous=configuration.anonymous,
        namespaced=configuration.namespaced, signals=configuration.signals,
    ).load()  # fmt: skip


STEPS: list[tuple[str, Callable[[Configuration], None]]] = [
    ("folder", _enter_folder),
    ("limits", _limit),
    ("bounding set", _bound_capabilities),
    ("user", _become_nobody),
    ("capabilities", _drop_capabilities),
    ("parent", _die_with_parent),
    ("privileges", _gain_nothing),
    ("imports", _forget_host),
    ("landlock", _restrict_files),
    ("descriptors", _close_descriptors),
    ("seccomp", _filter_calls),
]
"""In this order: a change of the user forgets the parent's death signal, and seccomp forbids what the others need."""


if __name__ == "__main__":
    main(Configuration(**json.loads(sys.argv[-1])))
