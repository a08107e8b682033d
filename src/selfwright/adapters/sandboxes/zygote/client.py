"""The host's hold on one zygote: starts it, asks it for boxes, a few ahead, and notices its end."""

import os
import select
import socket
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress

from selfwright.adapters.sandboxes import orphans
from selfwright.adapters.sandboxes.folder import private_folder
from selfwright.adapters.sandboxes.linux import namespace
from selfwright.adapters.sandboxes.root import TEMPORARY, root_of
from selfwright.adapters.sandboxes.variable import variables
from selfwright.adapters.sandboxes.zygote.message import Start, Word, receive, send
from selfwright.adapters.sandboxes.zygote.waiting import Waiting
from selfwright.core.environment import Environment
from selfwright.core.errors import SandboxError

SERVER = ("-m", "selfwright.adapters.sandboxes.zygote.server")
_DENIED = ("namespaces:", "root:")  # the steps that a machine may deny
_AHEAD = 2  # calls come in twos, an encoder and its decoder: one box that waits would keep the second waiting
_START_S = 120  # importing torch from a cold disk is slow
_ANSWER_S = 60  # it forks in a millisecond; on a machine that swaps it may not
_END_S = 5


class Client:
    """One running zygote.

    Args:
        guest: Path of the file that runs in its boxes.
        network: Whether they get the host's network.
        server: The arguments of Python that start it.

    Raises:
        SandboxError: It could not confine itself, or not import what is declared; the message says at which step.
    """

    def __init__(
        self, environment: Environment, *, guest: str, network: bool, server: tuple[str, ...] = SERVER
    ) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[Waiting] = deque()
        root = root_of(environment, network=network)
        self._folder = private_folder()
        start = Start(
            root=str(self._folder), binds=[*root.binds], masks=[*root.masks], links=root.links,
            site=[(folder, [*names]) for folder, names in root.site.items()], import_path=[*root.import_path],
            modules=[*environment.modules], guest=guest, user=namespace.needs_user(), network=network,
        )  # fmt: skip
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-s", "-P", "-B", "-u", *server, str(theirs.fileno())], pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/",
                env=variables(TEMPORARY, environment.search_path), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            self._connection.close()
            os.rmdir(self._folder)
            raise SandboxError(f"can not start the zygote: {error}") from error
        finally:
            theirs.close()
        orphans.register(self._process.pid)
        try:
            self._connection.settimeout(_START_S)
            send(self._connection, start)
            self._hear(_START_S, "the zygote")
        except BaseException:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether it has not ended; it closes its end before the kernel ends the boxes."""
        descriptor = self._connection.fileno()  # once: another thread may close it
        if descriptor < 0:
            return False
        poll = select.poll()
        poll.register(descriptor, 0)  # a hang-up is told unasked
        return not poll.poll(0)

    def prepare(self) -> None:
        """Ask for the next boxes, and do not wait; what fails here is told where one is taken."""
        with self._lock, suppress(SandboxError, OSError):
            while len(self._waiting) < _AHEAD:
                self._ask()

    def take(self) -> Waiting:
        """Return a box that waits for its order.

        Raises:
            SandboxError: The zygote has ended, could not fork, or no cgroup could be made.
        """
        with self._lock:
            taken = self._take()
            for _ in range(_AHEAD):
                if not taken.has_ended(0):
                    break
                taken.discard()  # it ended while it waited, by no doing of ours
                taken = self._take()
            return taken

    def _ask(self) -> None:
        try:
            self._waiting.append(Waiting(self._connection))
        except (SandboxError, OSError):
            raise
        except BaseException:  # Ctrl-C: it may have been asked for, and nobody would take the answer
            self._abandon()
            raise

    def _take(self) -> Waiting:
        try:
            if not self._waiting:
                self._ask()
        except OSError as error:
            why = "can not ask for a box" if self.alive else "the zygote has ended"
            raise SandboxError(f"{why}: {error}") from error
        waiting = self._waiting[0]  # answers come in the order of the questions
        try:
            [pidfd] = self._hear(_ANSWER_S, "a box")
            waiting.meet(pidfd)
            self._waiting.popleft()
        except SandboxError:  # the answer was that there is none, or there is nobody to answer
            self._waiting.popleft()
            waiting.discard()
            raise
        except BaseException:
            self._abandon()
            raise
        return waiting

    def close(self) -> None:
        """End it, and every box with it."""
        with suppress(OSError):  # it has ended
            self._connection.shutdown(socket.SHUT_RDWR)  # another thread may wait for an answer, and holds the lock
        with self._lock:
            self._close()

    def _close(self) -> None:
        self._connection.close()
        for waiting in self._waiting:
            waiting.channel.close()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        orphans.collect(self._process.pid, self._folder)  # its child, where it was killed before that
        while self._waiting:
            self._waiting.popleft().discard()
        if self._process.stderr:
            self._process.stderr.close()
        with suppress(OSError):
            os.rmdir(self._folder)

    def _hear(self, wall_s: float, what: str) -> list[int]:
        """Return the descriptors of the zygote's next answer, which is about this."""
        self._connection.settimeout(wall_s)
        try:
            word, answer = receive(self._connection, Word)
        except BaseException as error:
            self._abandon()
            if isinstance(error, TimeoutError):
                raise SandboxError(f"the zygote did not answer within {wall_s:g} s") from error
            if isinstance(error, OSError):
                raise SandboxError(f"the zygote has ended: {error}") from error
            raise
        if word is None:
            raise SandboxError(f"the zygote has ended{self._last_words()}")
        if word.failed:
            mend = namespace.why_denied(word.failed) if word.failed.startswith(_DENIED) else ""
            raise SandboxError(f"{what} can not be set up: {word.failed}{mend}")
        return answer

    def _abandon(self) -> None:
        """Let it be alive no more: an answer that comes late would be taken for that of the next order."""
        self._process.kill()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)

    def _last_words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            _, said = self._process.communicate(timeout=_END_S)
            lines = said.decode(errors="replace").strip().splitlines()
            return f": {lines[-1]}" if lines else ""
        return ""
