"""The private folder of one box: made, looked into without trust, and removed whatever was done to it."""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from selfwright.adapters.sandboxes import owner
from selfwright.core.errors import BadInput, SandboxError
from selfwright.core.job import is_executable
from selfwright.core.path import check_path

_REMOVAL_S = 60
_logger = logging.getLogger(__name__)


def sweep() -> None:
    """Remove the folders of supervisors on this machine that were killed before they could."""
    for left in Path(tempfile.gettempdir()).glob(owner.pattern()):
        with suppress(FileNotFoundError):  # who sweeps at the same time was faster
            if owner.is_stale(left.name) and left.stat().st_uid == os.getuid():
                remove(left)


def private_folder() -> Path:
    """Return a new empty folder of mode 0700 that ``sweep`` knows.

    Raises:
        SandboxError: The disk did not take it.
    """
    try:
        return Path(tempfile.mkdtemp(prefix=owner.prefix())).resolve()
    except OSError as error:
        raise SandboxError(f"no private folder below {tempfile.gettempdir()}: {error}; free some space") from error


def check_names(names: Iterable[str]) -> None:
    """Accept paths that stay below the folder that they are placed in.

    Raises:
        SandboxError: One does not.
    """
    for name in names:
        try:
            check_path(name)
        except BadInput as error:
            raise SandboxError(f"can not place {name!r}: {error}") from error


class Folder:
    """A folder of mode 0700 with ``program/`` (read-only files) and ``tmp/``.

    Args:
        files: Path → content, below ``program/``.

    Raises:
        SandboxError: A path leaves the folder, or the disk did not take it.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.path = private_folder()
        self.program = self.path / "program"
        self.tmp = self.path / "tmp"
        try:
            self.program.mkdir()
            self.tmp.mkdir()
            self.add(files, mode=0o444)
        except BaseException:
            self.remove()
            raise

    def add(self, files: Mapping[str, bytes], *, mode: int) -> None:
        """Write files below ``program/``; what is_executable may be executed too.

        Raises:
            SandboxError: A path leaves the folder, is there already, or the disk did not take it.
        """
        for name, content in files.items():
            try:
                check_path(name)
                path = self.program / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as file:
                    file.write(content)
                path.chmod(mode | 0o111 if is_executable(content) else mode)
                os.utime(path, (0, 0))  # the same in each box, for caches that ask how old their source is
            except (BadInput, OSError) as error:
                raise SandboxError(f"can not place {name!r} into {self.program}: {error}") from error

    def freeze(self) -> None:
        """Make the folders of the program read-only too."""
        for folder, _, _ in os.walk(self.program):
            os.chmod(folder, 0o555)

    def remove(self) -> None:
        """Remove it."""
        remove(self.path)


def remove(path: Path) -> None:
    """Remove a folder, unreadable, read-only or endlessly deep as it may be; a rest is logged, never raised."""
    try:
        shutil.rmtree(path)
    except (OSError, RecursionError):
        for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):  # neither follows a link on its way down
            subprocess.run([*command, str(path)], capture_output=True, check=False, timeout=_REMOVAL_S)
    if path.exists():
        _logger.warning("could not remove the sandbox's folder %s", path)
